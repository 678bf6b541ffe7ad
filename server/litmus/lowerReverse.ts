/** Bits and bytes in the other order, and leading zeros: REV, REV16, REV32, RBIT, CLZ. */

import type { Operand } from '../../simulator/machine/program';
import { type CodeBuilder, type Refusal, zero } from './codeBuilder';
import type { AssemblyInstruction } from './test';

/** The widths of the neighbours that change places, one after the other; a width as large as the register is none. */
const swapped: Readonly<Record<string, readonly number[]>> = {
  REV: [8, 16, 32],
  REV16: [8],
  REV32: [8, 16],
  RBIT: [1, 2, 4, 8, 16, 32],
};

/** Lowers such an instruction; `undefined` when it is none. */
export function lowerReverse(i: AssemblyInstruction, b: CodeBuilder): Refusal | 'done' | undefined {
  const widths = swapped[i.mnemonic];
  if (widths === undefined && i.mnemonic !== 'CLZ') return undefined;
  const [target, source] = i.operands;
  if (target?.kind !== 'register' || source?.kind !== 'register' || i.operands.length !== 2)
    return { kind: 'syntax', message: `expected two registers in \`${i.text}\`` };
  const bits = target.wide ? 64 : 32;
  const from = b.narrowed(source, b.source(source), 'narrow');
  const result = widths === undefined ? leadingZeros(b, from, bits) : reversed(b, from, widths, bits);
  b.arithmetic('move', b.destination(target), result);
  return 'done';
}

function value(number: bigint): Operand {
  return { kind: 'value', value: number };
}

function reversed(b: CodeBuilder, from: Operand, widths: readonly number[], bits: number): Operand {
  const [low, high] = [b.scratch('low neighbours'), b.scratch('high neighbours')];
  const both: Operand = { kind: 'register', register: low };
  let source = from;
  for (const width of widths.filter((w) => w < bits)) {
    const by = value(BigInt(width));
    const mask = value(everySecond(width, bits));
    b.arithmetic('shiftRight', high, source, by);
    b.arithmetic('and', high, { kind: 'register', register: high }, mask);
    b.arithmetic('and', low, source, mask);
    b.arithmetic('shiftLeft', low, both, by);
    b.arithmetic('or', low, both, { kind: 'register', register: high });
    source = both;
  }
  return source;
}

/** The lower of every two fields of so many bits. */
function everySecond(width: number, bits: number): bigint {
  let mask = 0n;
  for (let at = 0; at < bits; at += 2 * width) mask |= ((1n << BigInt(width)) - 1n) << BigInt(at);
  return mask;
}

/** Halves where the highest set bit may be, without a select, which would be no dependency for reads. */
function leadingZeros(b: CodeBuilder, from: Operand, bits: number): Operand {
  const [rest, step, left] = [b.scratch('rest'), b.scratch('step'), b.scratch('zeros')];
  const register = (r: number): Operand => ({ kind: 'register', register: r });
  b.arithmetic('move', rest, from);
  b.arithmetic('move', left, value(BigInt(bits)));
  for (let width = bits / 2; width >= 1; width /= 2) {
    b.arithmetic('shiftRight', step, register(rest), value(BigInt(width)));
    b.arithmetic('notEqual', step, register(step), zero);
    b.arithmetic('multiply', step, register(step), value(BigInt(width)));
    b.arithmetic('shiftRight', rest, register(rest), register(step));
    b.arithmetic('subtract', left, register(left), register(step));
  }
  b.arithmetic('subtract', left, register(left), register(rest));
  return register(left);
}
