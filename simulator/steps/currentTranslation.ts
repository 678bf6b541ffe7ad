/** What a walk finds that uses the current descriptors only: the truth in memory, whatever a TLB holds. */

import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';

/** The physical address that memory translates a virtual one to now, as a value number; -1 when it does not. */
export function currentPhysical(m: Machine, address: ValueId): ValueId {
  const va = m.values.get(address);
  let table = m.program.translation.root;
  for (let level = m.entries.top; level <= 3; level++) {
    const entry = m.entries.describe(m.current(m.entries.cell(table, va, level as Level)), level as Level);
    if (entry.kind === 'invalid') return -1;
    if (entry.kind === 'leaf') return m.values.of(entry.output + (va & (m.entries.span(level as Level) - 1n)));
    table = entry.output;
  }
  return -1;
}
