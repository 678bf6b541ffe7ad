/** Shifts by a register, bit fields and moves of a part: instructions that are several operations of the machine. */

import type { Operand, Register } from '../../simulator/machine/program';
import { type CodeBuilder, LOW_WORD, type Refusal } from './codeBuilder';
import type { AssemblyInstruction, AssemblyOperand, Modifier, RegisterName } from './test';

type Outcome = Refusal | 'done' | undefined;

const shift = /^(LSL|LSR|ASR|ROR)V?$/;
const field = /^(?:[SU]BF(?:M|X|IZ)|BFI|BFXIL)$/;
const signExtension = /^SXT([BH])$/;

/** Lowers such an instruction; `undefined` when it is none. */
export function lowerBitField(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const isShift = shift.exec(i.mnemonic);
  const extension = signExtension.exec(i.mnemonic);
  const known = isShift !== null || extension !== null || field.test(i.mnemonic) || /^(?:MOVK|EXTR)$/.test(i.mnemonic);
  if (!known) return undefined;
  const [target, first, second, third] = i.operands;
  if (target?.kind !== 'register') return refused(i);
  if (i.mnemonic === 'MOVK') return moveKeep(i, target, b);
  if (first?.kind !== 'register') return refused(i);
  if (extension !== null) {
    const width = extension[1] === 'B' ? 8 : 16;
    return copyField(b, target, first, { from: 0, width, to: 0, signed: true });
  }
  if (isShift !== null) return lowerShift(i, isShift[1] as Shift, target, first, second, b);
  if (i.mnemonic === 'EXTR') return extract(i, target, first, b);
  if (second?.kind !== 'immediate' || third?.kind !== 'immediate') return refused(i);
  const moved = fieldOf(i.mnemonic, Number(second.value), Number(third.value), target.wide ? 64 : 32);
  if (moved.width < 1 || moved.from + moved.width > 64 || moved.to + moved.width > 64) return refused(i);
  return i.mnemonic.startsWith('BF') ? insert(b, target, first, moved) : copyField(b, target, first, moved);
}

function refused(i: AssemblyInstruction): Refusal {
  return { kind: 'syntax', message: `expected other operands in \`${i.text}\`` };
}

type Shift = 'LSL' | 'LSR' | 'ASR' | 'ROR';

function lowerShift(
  i: AssemblyInstruction,
  kind: Shift,
  target: RegisterName,
  first: RegisterName,
  second: AssemblyOperand | undefined,
  b: CodeBuilder,
): Outcome {
  if (second?.kind === 'immediate') {
    const amount = Number(second.value) & (target.wide ? 63 : 31);
    const modifier: Modifier = { kind, amount };
    const shifted = b.modified(first, modifier);
    if ('message' in shifted) return shifted;
    b.arithmetic('move', b.destination(target), shifted);
    return 'done';
  }
  if (second?.kind !== 'register') return refused(i);
  const bits = target.wide ? 64n : 32n;
  const amount = b.scratch('amount');
  const by: Operand = { kind: 'register', register: amount };
  b.arithmetic('and', amount, b.source(second), value(bits - 1n));
  const shifted = b.scratch('shifted');
  const result: Operand = { kind: 'register', register: shifted };
  b.arithmetic('and', shifted, b.source(first), value(target.wide ? ONES : LOW_WORD));
  const other = b.scratch('rotated');
  const otherOperand: Operand = { kind: 'register', register: other };
  if (kind === 'ROR') {
    const rest = b.scratch('rest');
    b.arithmetic('subtract', rest, value(bits), by);
    b.arithmetic('and', rest, { kind: 'register', register: rest }, value(bits - 1n));
    b.arithmetic('shiftLeft', other, result, { kind: 'register', register: rest });
  }
  if (kind === 'ASR') {
    // All ones above, where the sign is set.
    if (!target.wide) b.extendSign(shifted, 1n << 31n);
    const ones = b.scratch('ones');
    b.arithmetic('shiftRight', ones, result, value(63n));
    b.arithmetic('subtract', ones, value(0n), { kind: 'register', register: ones });
    b.arithmetic('shiftRight', other, value(ONES), by);
    b.arithmetic('bitClear', other, { kind: 'register', register: ones }, otherOperand);
  }
  b.arithmetic(kind === 'LSL' ? 'shiftLeft' : 'shiftRight', shifted, result, by);
  if (kind === 'ROR' || kind === 'ASR') b.arithmetic('or', shifted, result, otherOperand);
  b.arithmetic('move', b.destination(target), result);
  if (!target.wide) mask(b, target);
  return 'done';
}

const ONES = (1n << 64n) - 1n;

function value(number: bigint): Operand {
  return { kind: 'value', value: number };
}

function mask(b: CodeBuilder, target: RegisterName): void {
  const register = b.destination(target);
  b.arithmetic('and', register, { kind: 'register', register }, value(LOW_WORD));
}

/** `width` bits that are at `from` in the source and at `to` in the result. */
interface Field {
  readonly from: number;
  readonly width: number;
  readonly to: number;
  readonly signed: boolean;
}

function fieldOf(mnemonic: string, a: number, c: number, bits: number): Field {
  const signed = mnemonic.startsWith('S');
  if (/X$|XIL$/.test(mnemonic)) return { from: a, width: c, to: 0, signed };
  if (/IZ$|BFI$/.test(mnemonic)) return { from: 0, width: c, to: a, signed };
  // UBFM, SBFM: immr and imms.
  return c >= a ? { from: a, width: c - a + 1, to: 0, signed } : { from: 0, width: c + 1, to: bits - a, signed };
}

/** Cuts a field out of the source, at its place in the result; 0 elsewhere, or the sign above it. */
function cutOut(b: CodeBuilder, source: RegisterName, { from, width, to, signed }: Field): Register {
  const scratch = b.scratch('field');
  const result: Operand = { kind: 'register', register: scratch };
  b.arithmetic('shiftRight', scratch, b.source(source), value(BigInt(from)));
  b.arithmetic('and', scratch, result, value((1n << BigInt(width)) - 1n));
  if (signed) b.extendSign(scratch, 1n << BigInt(width - 1));
  if (to > 0) b.arithmetic('shiftLeft', scratch, result, value(BigInt(to)));
  return scratch;
}

function copyField(b: CodeBuilder, target: RegisterName, source: RegisterName, field: Field): 'done' {
  b.arithmetic('move', b.destination(target), { kind: 'register', register: cutOut(b, source, field) });
  b.cut(target);
  return 'done';
}

function insert(b: CodeBuilder, target: RegisterName, source: RegisterName, field: Field): 'done' {
  const part = cutOut(b, source, { ...field, signed: false });
  const hole = ((1n << BigInt(field.width)) - 1n) << BigInt(field.to);
  const destination = b.destination(target);
  b.arithmetic('bitClear', destination, b.source(target), value(hole));
  b.arithmetic('or', destination, { kind: 'register', register: destination }, { kind: 'register', register: part });
  b.cut(target);
  return 'done';
}

/** MOVK Xd,#imm,LSL #n: 16 bits of the register. */
function moveKeep(i: AssemblyInstruction, target: RegisterName, b: CodeBuilder): Outcome {
  const [, immediate, modifier] = i.operands;
  if (immediate?.kind !== 'immediate') return refused(i);
  const amount = modifier?.kind === 'modifier' ? BigInt(modifier.modifier.amount) : 0n;
  const destination = b.destination(target);
  b.arithmetic('bitClear', destination, b.source(target), value(0xffffn << amount));
  b.arithmetic(
    'or',
    destination,
    { kind: 'register', register: destination },
    value((immediate.value & 0xffffn) << amount),
  );
  b.cut(target);
  return 'done';
}

/** EXTR Xd,Xn,Xm,#lsb: the low part of Xn above the high part of Xm. */
function extract(i: AssemblyInstruction, target: RegisterName, high: RegisterName, b: CodeBuilder): Outcome {
  const [, , low, lsb] = i.operands;
  if (low?.kind !== 'register' || lsb?.kind !== 'immediate') return refused(i);
  const bits = target.wide ? 64 : 32;
  const from = Number(lsb.value);
  if (from < 0 || from >= bits) return refused(i);
  const part = b.scratch('low part');
  const below = cutOut(b, low, { from, width: bits - from, to: 0, signed: false });
  b.arithmetic('move', part, { kind: 'register', register: below });
  b.arithmetic('move', b.scratch('field'), value(0n));
  if (from > 0) cutOut(b, high, { from: 0, width: from, to: bits - from, signed: false });
  const result: Operand = { kind: 'register', register: b.scratch('field') };
  b.arithmetic('or', b.destination(target), result, { kind: 'register', register: part });
  return 'done';
}
