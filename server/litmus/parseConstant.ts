/**
 * Locations and constants of a litmus test: `0:X1`, `[x]`, `PTE(x)`, `pte_x`, `(oa:PA(y), valid:0)`, `label:"P1:L0"`.
 * Both spellings of page table entries and physical addresses are read, old (`pte_x`, `phy_x`) and new.
 */

import { type Cursor, describe } from './cursor';
import { parseAssembly, parseRegister as readRegister } from './parseAssembly';
import type { Bit, Constant, Descriptor, Location, Place } from './test';

/** herd7's default entry: valid, accessed, dirty (writable), for EL0 too, with the usual attributes. */
export const ordinaryDescriptor: Descriptor = { valid: 1, af: 1, db: 1, dbm: 0, el0: 1, attributes: [] };

/** PAR_EL1 of an AT that failed: F and RES1 bit 11; herd7 does not say which fault it was. */
export const FAILED_PAR = 0x801n;

const bits = ['valid', 'af', 'db', 'dbm', 'el0'] as const;

/** `P1`, as a number. */
export function threadOf(name: string): number | undefined {
  const match = /^P(\d+)$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** The number of X3, W3, XZR or SP; undefined for other names. */
export function registerOf(name: string): number | undefined {
  return readRegister(name)?.number;
}

/** Whether a location starts here that is a register: `0:X1` or `P0:X1`. */
export function atRegister(cursor: Cursor): boolean {
  const first = cursor.token;
  const thread = first.kind === 'number' || (first.kind === 'name' && threadOf(first.text) !== undefined);
  return thread && cursor.is(':', 1) && registerOf(cursor.peek(2).text) !== undefined;
}

/** A register, a variable with or without `[...]`, or a page table entry. */
export function parseLocation(cursor: Cursor): Location {
  if (atRegister(cursor)) return parseRegister(cursor);
  if (cursor.token.kind === 'number') {
    cursor.fail(`expected a register such as \`0:X1\`, found \`${cursor.token.text}:${cursor.peek(2).text}\``);
  }
  if (cursor.accept('*')) return { kind: 'variable', name: cursor.name('a variable'), index: 0 };
  if (cursor.accept('[')) {
    const location = parseNamed(cursor);
    cursor.expect(']', 'after the location');
    return location;
  }
  const location = parseNamed(cursor);
  if (location.kind !== 'variable' || !cursor.accept('[')) return location;
  const index = cursor.token.kind === 'number' ? Number(cursor.number('an index')) : 0;
  cursor.expect(']', 'after the index');
  return { ...location, index };
}

function parseRegister(cursor: Cursor): Location {
  const first = cursor.next();
  const thread = first.kind === 'number' ? Number(first.text) : (threadOf(first.text) ?? 0);
  cursor.expect(':', 'between thread and register');
  return { kind: 'register', thread, register: registerOf(cursor.name('a register')) ?? 0 };
}

function parseNamed(cursor: Cursor): Location {
  const name = cursor.name('a register, a variable or a page table entry');
  if (name === 'PTE' || name === 'TTD') return { kind: 'entry', name: parseArgument(cursor) };
  if (name === 'PA') {
    cursor.unsupported('a location by its physical address, `PA(...)`');
  } else if (name === 'tag') {
    cursor.unsupported('memory tagging');
  }
  const entry = entryName(name);
  return entry === undefined ? { kind: 'variable', name, index: 0 } : { kind: 'entry', name: entry };
}

/** x of `pte_x`. */
function entryName(name: string): string | undefined {
  return /^(?:pte|ttd)_(.+)$/.exec(name)?.[1];
}

/** x of `(x)`. */
function parseArgument(cursor: Cursor): string {
  cursor.expect('(', 'before the variable');
  if (cursor.is('pte') || cursor.is('ttd')) cursor.unsupported('the entry that maps a page table, `PTE(PTE(...))`');
  const name = cursor.name('a variable');
  if (cursor.is(',')) cursor.unsupported('tables of several levels, such as `TTD(x,S1,LV2)`');
  if (cursor.is(':')) cursor.unsupported('the entry that maps code, `PTE(P0:L0)`');
  cursor.expect(')', 'after the variable');
  return name;
}

/** Anything that a register or a variable may hold. */
export function parseConstant(cursor: Cursor): Constant {
  const { token } = cursor;
  if (cursor.is('(')) return { kind: 'descriptor', descriptor: parseDescriptor(cursor) };
  if (token.kind === 'number' && !cursor.is(':', 1)) return { kind: 'number', value: cursor.number('a number') };
  if (token.kind === 'number' || (threadOf(token.text) !== undefined && cursor.is(':', 1))) return parseLabel(cursor);
  if (cursor.is('label') && cursor.is(':', 1)) {
    cursor.next();
    cursor.next();
    return parseLabel(cursor);
  }
  if (cursor.is('instr') && cursor.is(':', 1)) return parseInstruction(cursor);
  cursor.accept('&');
  return parseAddress(cursor);
}

/** `P1:L0`, as names or inside double quotes. */
function parseLabel(cursor: Cursor): Constant {
  const token = cursor.next();
  if (token.kind === 'text') {
    const match = /^P?(\d+):(\S+)$/.exec(token.text);
    if (match) return { kind: 'label', thread: Number(match[1]), label: match[2] as string };
    cursor.fail(`expected a label such as \`"P0:L1"\`, found \`"${token.text}"\``);
    return { kind: 'number', value: 0n };
  }
  const thread = token.kind === 'number' ? Number(token.text) : (threadOf(token.text) ?? 0);
  cursor.expect(':', 'between thread and label');
  return { kind: 'label', thread, label: cursor.name('a label') };
}

/** `instr:"NOP"`: an instruction as data. */
function parseInstruction(cursor: Cursor): Constant {
  cursor.next();
  cursor.next();
  const place = placeOf(cursor);
  const token = cursor.next();
  if (token.kind !== 'text')
    cursor.fail(`expected an instruction such as \`instr:"NOP"\`, found ${describe(token)}`, place);
  return instructionOf(token.text, place, cursor);
}

function instructionOf(text: string, place: Place, cursor: Cursor): Constant {
  const instruction = parseAssembly({ text, ...place });
  if ('mnemonic' in instruction) return { kind: 'instruction', instruction };
  cursor.fail(instruction.message, place);
  return { kind: 'number', value: 0n };
}

function parseAddress(cursor: Cursor): Constant {
  const place = placeOf(cursor);
  const name = cursor.name('a number, an address, a page table entry or a label');
  if (name === 'PTE' || name === 'TTD') return { kind: 'entryAddress', name: parseArgument(cursor) };
  if (name === 'PA') return { kind: 'frame', name: parseArgument(cursor) };
  const entry = entryName(name);
  if (entry !== undefined) return { kind: 'entryAddress', name: entry };
  const frame = /^phy_(.+)$/.exec(name)?.[1];
  if (frame !== undefined) return { kind: 'frame', name: frame };
  if (name === 'parel1_t' && cursor.accept(':')) return parsePar(cursor);
  if (name === 'NOP') return instructionOf(name, place, cursor);
  if (cursor.is(':')) cursor.unsupported('memory tagging: an address with a tag', place);
  if (!cursor.accept('[')) return { kind: 'address', name, index: 0 };
  const index = Number(cursor.number('an index'));
  cursor.expect(']', 'after the index');
  return { kind: 'address', name, index };
}

/** `parel1_t:(oa:PA(x))`: what AT leaves in PAR_EL1 when the address translates; `parel1_t:(f:1)` when it does not. */
function parsePar(cursor: Cursor): Constant {
  const place = placeOf(cursor);
  cursor.expect('(', 'before the fields of PAR_EL1');
  let name: string | undefined;
  let failed = false;
  do {
    const key = cursor.name('a field of PAR_EL1');
    cursor.expect(':', 'after the field');
    if (key === 'oa') name = parseOutput(cursor);
    else if (key.toLowerCase() === 'f') failed = cursor.number('0 or 1 for `f`') !== 0n;
    else cursor.unsupported('fields of PAR_EL1 other than `oa` and `f`', place);
  } while (cursor.accept(','));
  cursor.expect(')', 'after the fields of PAR_EL1');
  if (failed) return { kind: 'number', value: FAILED_PAR };
  if (name === undefined) cursor.unsupported('PAR_EL1 without `oa` and `f:1`', place);
  return { kind: 'frame', name: name ?? '' };
}

/** `(oa:PA(x), valid:0, attrs:(Normal, iNC, oNC))`; what is not said is as in an ordinary entry. */
export function parseDescriptor(cursor: Cursor): Descriptor {
  cursor.expect('(', 'before the fields of a page table entry');
  let descriptor = ordinaryDescriptor;
  do {
    descriptor = parseField(cursor, descriptor);
  } while (cursor.accept(','));
  cursor.expect(')', 'after the fields of a page table entry');
  return { ...descriptor, attributes: [...new Set(descriptor.attributes)].sort() };
}

/** Fields that later versions of herd7 have, and what they are about. */
const foreignFields: Readonly<Record<string, string>> = {
  contig: 'the Contiguous bit of an entry (`contig`)',
  dt: 'tables of several levels (`dt`)',
  nt: 'the nT bit of an entry (`nt`)',
  tagged: 'memory tagging (`tagged`)',
};

function parseField(cursor: Cursor, descriptor: Descriptor): Descriptor {
  const place = placeOf(cursor);
  const key = cursor.name('a field of a page table entry');
  if (!cursor.accept(':')) return { ...descriptor, attributes: [...descriptor.attributes, key] };
  if (key === 'oa') return { ...descriptor, output: parseOutput(cursor) };
  if (key === 'attrs') {
    cursor.expect('(', 'before the attributes');
    const attributes = [...descriptor.attributes];
    do {
      attributes.push(cursor.name('an attribute'));
    } while (cursor.accept(','));
    cursor.expect(')', 'after the attributes');
    return { ...descriptor, attributes };
  }
  const field = bits.find((b) => b === key);
  // A page that is not executable is told apart, and that means nothing to loads and stores.
  if (key === 'x') {
    const attributes =
      cursor.number('0 or 1 for `x`') === 0n ? [...descriptor.attributes, 'x:0'] : descriptor.attributes;
    return { ...descriptor, attributes };
  }
  if (Object.hasOwn(foreignFields, key)) cursor.unsupported(foreignFields[key] as string, place);
  if (field === undefined) {
    cursor.fail(`expected one of the fields oa, ${bits.join(', ')}, attrs, found \`${key}\``, place);
    return descriptor;
  }
  const { token } = cursor;
  const value = cursor.number(`0 or 1 for \`${field}\``);
  if (value !== 0n && value !== 1n) cursor.fail(`expected 0 or 1 for \`${field}\`, found ${describe(token)}`, token);
  return { ...descriptor, [field]: Number(value) as Bit };
}

function parseOutput(cursor: Cursor): string {
  const place = placeOf(cursor);
  const name = cursor.name('an output address such as `PA(x)`');
  if (name === 'PA') return parseArgument(cursor);
  if (name === 'PTE' || name === 'TTD') cursor.unsupported('a page table as output address, `oa:PTE(...)`', place);
  const frame = /^phy_(.+)$/.exec(name)?.[1];
  if (frame === undefined)
    cursor.fail(`expected an output address such as \`PA(x)\` or \`phy_x\`, found \`${name}\``, place);
  return frame ?? '';
}

/** The place of the token that is next. */
export function placeOf(cursor: Cursor): Place {
  const { line, column } = cursor.token;
  return { line, column };
}
