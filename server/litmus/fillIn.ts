/**
 * A descriptor in a register that names no output address takes that of the entry it is stored to. Since descriptors
 * are plain values here, the entry is looked for in the text: where the register, or a value computed from it, goes.
 */

import { type Definitions, writtenRegisters } from './registerUse';
import type { AssemblyInstruction, Constant } from './test';

export type StoredTo = { readonly kind: 'entry'; readonly name: string } | { readonly kind: 'none' | 'several' };

const computes = /^(?:MOV|ADD|SUB|AND|ORR|EOR|BIC|CSEL)$/;
const stores = /^(?:STU?R|STLU?R|STL?XR|SWPA?L?|CASA?L?)$/;

/** The entries that the initial value of a register may be stored to. `initial` are the thread's registers. */
export function storedTo(
  register: number,
  instructions: readonly AssemblyInstruction[],
  definitions: Definitions,
  initial: ReadonlyMap<number, Constant>,
): StoredTo {
  const carriers = carriersOf(register, instructions);
  const names = new Set<string>();
  for (const i of instructions) {
    const last = i.operands.at(-1);
    if (!stores.test(i.mnemonic) || last?.kind !== 'memory') continue;
    const data = i.operands[/^(?:STL?XR|CAS)/.test(i.mnemonic) ? 1 : 0];
    if (data?.kind !== 'register' || !carriers.has(data.number)) continue;
    const base = last.address.base.number;
    const value = definitions.has(base) ? undefined : initial.get(base);
    if (value?.kind !== 'entryAddress') return { kind: 'several' };
    names.add(value.name);
  }
  const [name] = names;
  if (name === undefined) return { kind: 'none' };
  return names.size === 1 ? { kind: 'entry', name } : { kind: 'several' };
}

/** The register and those that are computed from it. */
function carriersOf(register: number, instructions: readonly AssemblyInstruction[]): ReadonlySet<number> {
  const carriers = new Set([register]);
  for (let size = 0; size !== carriers.size; ) {
    size = carriers.size;
    for (const i of instructions) {
      const sources = i.operands.slice(1);
      if (computes.test(i.mnemonic) && sources.some((o) => o.kind === 'register' && carriers.has(o.number))) {
        for (const written of writtenRegisters(i)) carriers.add(written);
      }
    }
  }
  return carriers;
}
