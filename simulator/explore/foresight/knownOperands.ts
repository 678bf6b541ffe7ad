/** What is known of the operands of instructions without running them: constants, and what is computed from them on the straight way. */

import { type Compiled, destinationOf, successorsOf } from '../../machine/code';
import { type Machine, NOT_DIRECT } from '../../machine/machine';
import type { ArithmeticInstruction } from '../../machine/program';
import type { ValueId } from '../../machine/values';

/** The values of an instruction's operands, in their order; undefined where that is not known. */
type Operands = readonly (ValueId | undefined)[];

export interface Known {
  readonly t: number;
  readonly ip: number;
  readonly c: Compiled;
  readonly operands: Operands;
}

/** The word that an instruction stores a constant to, when that is no matter of translation. */
export function directStore(m: Machine, one: Known): ValueId | undefined {
  const { instruction } = one.c;
  const address = addressOf(m, one);
  if (instruction.kind !== 'access' || instruction.access !== 'store' || address === undefined) return undefined;
  const word = m.direct(address);
  return word === NOT_DIRECT || one.operands[2] === undefined ? undefined : word;
}

/** What is known of the operands of a CPU's instructions, each looked at once, in the order of the code. */
export function knownOperands(m: Machine, t: number): Known[] {
  const { code = [], program } = m.cpus[t] ?? {};
  const written = new Set(code.map((c) => destinationOf(c.instruction)));
  const initial = (register: number): ValueId => m.values.ofStart(t, program?.initial.get(register) ?? 0n);
  const joins = new Set(code.flatMap((c, ip) => successorsOf(c.instruction, ip).filter((next) => next !== ip + 1)));
  for (const entry of program?.faults.kind === 'handler' ? program.faults.entries : []) joins.add(entry);
  for (const { entries } of program?.interrupts ?? []) for (const entry of entries) joins.add(entry);
  let values = new Map<number, ValueId | undefined>();
  const valueIn = (register: number): ValueId | undefined => {
    if (!written.has(register)) return initial(register);
    return values.get(register);
  };
  for (const register of written) if (register !== undefined) values.set(register, initial(register));
  return code.map((c, ip) => {
    if (joins.has(ip)) values = new Map();
    const operands = c.operands.map((o) => (o >= 0 ? o : valueIn(-o - 1)));
    const destination = destinationOf(c.instruction);
    if (destination !== undefined) values.set(destination, resultOf(m, c, operands));
    return { t, ip, c, operands };
  });
}

function resultOf(m: Machine, c: Compiled, operands: Operands): ValueId | undefined {
  if (c.instruction.kind !== 'arithmetic') return undefined;
  const [a = 0, b = 0, condition = 0] = operands;
  if (operands.includes(undefined)) return undefined;
  return m.values.compute((c.instruction as ArithmeticInstruction).operation, a, b, condition);
}

export function addressOf(m: Machine, { operands: [base, offset] }: Known): ValueId | undefined {
  return base === undefined || offset === undefined ? undefined : m.values.sum(base, offset);
}
