/** Where ways of a code come together, and which registers are read after that. */

import { destinationOf, operandsOf, successorsOf } from '../../../simulator/machine/code';
import type { CodeIndex, CpuProgram, Instruction, Register } from '../../../simulator/machine/program';

/** By code index, the registers that matter from there on. */
export type LiveAtJoins = ReadonlyMap<CodeIndex, ReadonlySet<Register>>;

/** For each code index that several ways lead to, the registers that matter from there on. */
export function liveAtJoins(program: CpuProgram): LiveAtJoins {
  const { code } = program;
  const comesFrom = new Array<number>(code.length).fill(0);
  const nextOf = code.map((instruction, at) => followers(instruction, at, code.length));
  nextOf.forEach((next, from) => {
    // A way back makes a join even where only one instruction leads: the other way there is the entry.
    for (const at of next) comesFrom[at] = (comesFrom[at] as number) + (at <= from ? 2 : 1);
  });
  const joins = new Map<CodeIndex, ReadonlySet<Register>>();
  if (comesFrom.every((ways) => ways < 2)) return joins;
  const live = code.map(() => new Set<Register>());
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = code.length - 1; at >= 0; at--) {
      const instruction = code[at] as Instruction;
      const here = live[at] as Set<Register>;
      const before = here.size;
      const destination = destinationOf(instruction);
      for (const next of nextOf[at] as readonly CodeIndex[]) {
        for (const register of live[next] as Set<Register>) if (register !== destination) here.add(register);
      }
      for (const operand of operandsOf(instruction)) if (operand.kind === 'register') here.add(operand.register);
      if (here.size !== before) changed = true;
    }
  }
  comesFrom.forEach((ways, at) => {
    if (ways >= 2) joins.set(at, live[at] as Set<Register>);
  });
  return joins;
}

function followers(instruction: Instruction, at: CodeIndex, length: number): readonly CodeIndex[] {
  const fixup = instruction.kind === 'access' && instruction.fixup !== undefined ? [instruction.fixup] : [];
  return [...successorsOf(instruction, at), ...fixup].filter((next) => next < length);
}
