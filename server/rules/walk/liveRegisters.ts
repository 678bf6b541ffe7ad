/** Where ways of a code come together, and which registers are read after that. */

import { destinationOf, operandsOf, successorsOf } from '../../../simulator/machine/code';
import type { CodeIndex, CpuProgram, Instruction, Register } from '../../../simulator/machine/program';

/** By code index, the registers that matter from there on. */
export type LiveAtJoins = ReadonlyMap<CodeIndex, readonly Register[]>;

/** For each code index that several ways lead to, the registers that matter from there on. */
export function liveAtJoins({ code, registers }: CpuProgram): LiveAtJoins {
  const nextOf = code.map((instruction, at) => followers(instruction, at, code.length));
  const ways = new Uint8Array(code.length);
  nextOf.forEach((next, from) => {
    // A way back makes a join even where only one instruction leads: the other way there is the entry.
    for (const at of next) ways[at] = Math.min(2, (ways[at] as number) + (at <= from ? 2 : 1));
  });
  const joins = new Map<CodeIndex, readonly Register[]>();
  if (!ways.includes(2)) return joins;
  const live = liveness(code, nextOf, Math.ceil(registers / 32));
  ways.forEach((count, at) => {
    if (count === 2) joins.set(at, live(at));
  });
  return joins;
}

/** Live registers as bits, `words` words of 32 for each instruction; a fixed point, from the end to the start. */
function liveness(
  code: readonly Instruction[],
  nextOf: readonly (readonly CodeIndex[])[],
  words: number,
): (at: CodeIndex) => readonly Register[] {
  const live = new Int32Array(code.length * words);
  const writes = code.map((instruction) => destinationOf(instruction) ?? -1);
  code.forEach((instruction, at) => {
    for (const one of operandsOf(instruction)) {
      if (one.kind !== 'register') continue;
      const word = at * words + (one.register >> 5);
      live[word] = (live[word] as number) | (1 << (one.register & 31));
    }
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = code.length - 1; at >= 0; at--) {
      const write = writes[at] as number;
      for (let word = 0; word < words; word++) {
        let bits = live[at * words + word] as number;
        const before = bits;
        const kept = write >> 5 === word ? ~(1 << (write & 31)) : -1;
        for (const next of nextOf[at] as readonly CodeIndex[]) bits |= (live[next * words + word] as number) & kept;
        live[at * words + word] = bits;
        if (bits !== before) changed = true;
      }
    }
  }
  return (at) => {
    const registers: Register[] = [];
    for (let register = 0; register < words * 32; register++) {
      if ((((live[at * words + (register >> 5)] as number) >> (register & 31)) & 1) === 1) registers.push(register);
    }
    return registers;
  };
}

function followers(instruction: Instruction, at: CodeIndex, length: number): readonly CodeIndex[] {
  const fixup = instruction.kind === 'access' && instruction.fixup !== undefined ? [instruction.fixup] : [];
  return [...successorsOf(instruction, at), ...fixup].filter((next) => next < length);
}
