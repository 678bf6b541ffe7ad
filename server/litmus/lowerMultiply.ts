/** Products, and sums with them: MUL and its kin. */

import type { Operand } from '../../simulator/machine/program';
import { type CodeBuilder, type Refusal, zero } from './codeBuilder';
import type { AssemblyInstruction, RegisterName } from './test';

const product = /^(?:([SU])M(ADD|SUB|UL|NEG)L|M(ADD|SUB|UL|NEG))$/;

/** Lowers a multiplication; `undefined` when it is none. */
export function lowerMultiply(i: AssemblyInstruction, b: CodeBuilder): Refusal | 'done' | undefined {
  const match = product.exec(i.mnemonic);
  if (match === null) return undefined;
  const kind = (match[2] ?? match[3]) as 'ADD' | 'SUB' | 'UL' | 'NEG';
  const registers = i.operands.flatMap((o) => (o.kind === 'register' ? [o] : []));
  const [target, left, right, addend] = registers as readonly RegisterName[];
  const wanted = kind === 'ADD' || kind === 'SUB' ? 4 : 3;
  if (target === undefined || left === undefined || right === undefined || registers.length !== wanted)
    return { kind: 'syntax', message: `expected ${wanted} registers in \`${i.text}\`` };
  const factor = (name: RegisterName, scratch: string): Operand =>
    match[1] === undefined ? b.source(name) : extended(b, name, match[1] === 'S', scratch);
  const scratch = b.scratch('product');
  const result: Operand = { kind: 'register', register: scratch };
  b.arithmetic('multiply', scratch, factor(left, 'left factor'), factor(right, 'right factor'));
  const onto = addend === undefined ? zero : b.source(addend);
  b.arithmetic(kind === 'SUB' || kind === 'NEG' ? 'subtract' : 'add', b.destination(target), onto, result);
  b.cut(target);
  return 'done';
}

function extended(b: CodeBuilder, name: RegisterName, signed: boolean, scratchName: string): Operand {
  const scratch = b.scratch(scratchName);
  b.arithmetic('and', scratch, b.source(name), { kind: 'value', value: 0xffff_ffffn });
  if (signed) b.extendSign(scratch, 1n << 31n);
  return { kind: 'register', register: scratch };
}
