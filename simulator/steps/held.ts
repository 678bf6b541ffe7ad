/** What the TLB of a CPU may hold of a descriptor. */

import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';

/** The values of a descriptor that the TLB of CPU u may hold, oldest first. */
export function heldValues(m: Machine, u: number, level: Level, word: ValueId): readonly ValueId[] {
  const location = m.location(word);
  if (location < 0) return m.entries.describe(m.initialWord(word), level).cacheable ? [m.initialWord(word)] : [];
  const values: ValueId[] = [];
  const last = m.historyLength(location) - 1;
  const tables = m.w[m.tableBound(u, location)] as number;
  const leaves = m.w[m.leafBound(u, location)] as number;
  for (let i = Math.min(tables, leaves); i <= last; i++) {
    const value = m.historyValue(location, i);
    const entry = m.entries.describe(value, level);
    if (!entry.cacheable || i < (entry.kind === 'table' ? tables : leaves) || values.includes(value)) continue;
    values.push(value);
  }
  return values;
}
