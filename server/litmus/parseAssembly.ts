/** One AArch64 instruction as text: mnemonic and operands. What it does is for `lower` to know. */

import { toInteger } from './cursor';
import { usesVectors } from './foreignInstructions';
import type {
  AssemblyAddress,
  AssemblyInstruction,
  AssemblyOperand,
  LitmusProblem,
  Modifier,
  Place,
  RegisterName,
} from './test';

export interface CellReader extends Place {
  readonly text: string;
}

/** SP among the numbers of registers, behind the zero register. */
export const STACK_POINTER = 32;

const modifiers = ['LSL', 'LSR', 'ASR', 'ROR', 'SXTW', 'UXTW', 'SXTX', 'UXTX', 'UXTB', 'UXTH', 'SXTB', 'SXTH'] as const;

/** Reads the text of one instruction, labels already taken off. */
export function parseAssembly(cell: CellReader): AssemblyInstruction | LitmusProblem {
  const { line, column } = cell;
  const text = cell.text.replace(/\s+/g, ' ').trim();
  if (/^\.[a-z]/.test(text)) return { kind: 'unsupported', line, column, message: `the directive ${text}` };
  const match = /^([A-Za-z][\w.]*)(?: (.*))?$/.exec(text);
  if (match === null) return { kind: 'syntax', line, column, message: `expected an instruction, found \`${text}\`` };
  if (usesVectors(text)) return { kind: 'unsupported', line, column, message: `vector registers, ${text}` };
  const parts = match[2] === undefined ? [] : splitOperands(match[2]);
  const operands: AssemblyOperand[] = [];
  for (const part of parts) {
    const operand = parseOperand(part, operands.at(-1));
    if (typeof operand === 'string') return { kind: 'syntax', line, column, message: `\`${text}\`: ${operand}` };
    if (operand.replaces) operands.pop();
    operands.push(operand.operand);
  }
  return { mnemonic: (match[1] as string).toUpperCase(), operands, text, line, column };
}

/** Cuts at commas outside brackets. */
function splitOperands(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '[') depth++;
    if (char === ']') depth--;
    if (char === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  parts.push(part.trim());
  return parts;
}

interface Read {
  readonly operand: AssemblyOperand;
  /** The operand before this one was the start of this one: post-indexed addressing. */
  readonly replaces: boolean;
}

function parseOperand(text: string, before: AssemblyOperand | undefined): Read | string {
  const one = (operand: AssemblyOperand): Read => ({ operand, replaces: false });
  const register = parseRegister(text);
  if (register !== undefined) return one({ kind: 'register', ...register });
  if (text.startsWith('[')) {
    const address = parseAddress(text);
    return typeof address === 'string' ? address : one({ kind: 'memory', address });
  }
  const immediate = parseImmediate(text);
  if (immediate !== undefined) {
    if (before?.kind !== 'memory') return one({ kind: 'immediate', value: immediate });
    if (before.address.offset !== undefined) return 'expected one offset';
    const address: AssemblyAddress = { ...before.address, offset: immediate, writeBack: 'after' };
    return { operand: { kind: 'memory', address }, replaces: true };
  }
  const modifier = parseModifier(text);
  if (modifier !== undefined) return one({ kind: 'modifier', modifier });
  if (/^[A-Za-z_.][\w.]*$/.test(text)) return one({ kind: 'name', name: text });
  return `expected a register, an immediate, an address or a name, found \`${text}\``;
}

/** X0 to X30, W0 to W30, XZR, WZR, SP. */
export function parseRegister(text: string): RegisterName | undefined {
  if (/^SP$/i.test(text)) return { number: STACK_POINTER, wide: true };
  const match = /^([XW])(ZR|\d{1,2})$/i.exec(text);
  if (match === null) return undefined;
  const name = (match[2] as string).toUpperCase();
  const number = name === 'ZR' ? 31 : Number(name);
  if (number > 31 || (number === 31 && name !== 'ZR')) return undefined;
  return { number, wide: (match[1] as string).toUpperCase() === 'X' };
}

function parseImmediate(text: string): bigint | undefined {
  const match = /^#?\s*([+-]?)\s*(0[xX][0-9a-fA-F]+|\d+)$/.exec(text);
  return match === null ? undefined : toInteger(`${match[1] === '-' ? '-' : ''}${match[2]}`);
}

function parseModifier(text: string): Modifier | undefined {
  const match = /^([A-Za-z]+)(?: ?#? ?(0[xX][0-9a-fA-F]+|\d+))?$/.exec(text);
  const kind = modifiers.find((m) => m === match?.[1]?.toUpperCase());
  if (match === null || kind === undefined) return undefined;
  return { kind, amount: match[2] === undefined ? 0 : Number(match[2]) };
}

function parseAddress(text: string): AssemblyAddress | string {
  const match = /^\[([^\]]*)\](!?)$/.exec(text);
  if (match === null) return `expected an address such as \`[X1,#8]\`, found \`${text}\``;
  const [baseText, offsetText, modifierText, ...more] = (match[1] as string).split(',').map((p) => p.trim());
  const base = parseRegister(baseText ?? '');
  if (base === undefined || !base.wide) return `expected an X register as base, found \`${baseText}\``;
  if (more.length > 0) return `expected base, offset and extension at most, found \`${text}\``;
  const writeBack = match[2] === '!' ? ({ writeBack: 'before' } as const) : {};
  if (offsetText === undefined) return { base, ...writeBack };
  const offset = parseRegister(offsetText) ?? parseImmediate(offsetText);
  if (offset === undefined) return `expected a register or an immediate as offset, found \`${offsetText}\``;
  if (modifierText === undefined) return { base, offset, ...writeBack };
  const modifier = parseModifier(modifierText);
  if (modifier === undefined) return `expected an extension such as \`SXTW\`, found \`${modifierText}\``;
  return { base, offset, modifier, ...writeBack };
}
