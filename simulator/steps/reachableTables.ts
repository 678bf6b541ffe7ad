/**
 * Which tables the walks of a CPU may reach. What stood in a table before it was linked was never found by a walk, so no TLB
 * holds it; and a change of an entry in a table that nothing reaches breaks no rule.
 */

import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { strayAt, strayCount } from './strays';

/** Physical addresses of the tables that walks of CPU u may go through, by memory or by what its TLB may hold. */
export function reachableTables(m: Machine, u: number): ReadonlySet<bigint> {
  const inTable = cellsByTable(m);
  const reached = new Set<bigint>([m.program.translation.root]);
  for (let n = 0; n < strayCount(m, u); n++) {
    const { value, level } = strayAt(m, u, n);
    const entry = m.entries.describe(value, level);
    if (entry.kind === 'table') reached.add(entry.output);
  }
  // A set's iteration also visits what is added meanwhile.
  for (const table of reached)
    for (const word of inTable.get(table) ?? [])
      for (const value of usableTables(m, u, word))
        for (const { level } of m.learned.cells.get(word) ?? []) {
          const entry = m.entries.describe(value, level as Level);
          if (entry.kind === 'table') reached.add(entry.output);
        }
  return reached;
}

function cellsByTable(m: Machine): ReadonlyMap<bigint, readonly ValueId[]> {
  const inTable = new Map<bigint, ValueId[]>();
  for (const word of m.learned.cells.keys()) {
    const table = tableOf(m, word);
    const words = inTable.get(table);
    if (words === undefined) inTable.set(table, [word]);
    else words.push(word);
  }
  return inTable;
}

/** The table that a descriptor stands in. */
export function tableOf(m: Machine, word: ValueId): bigint {
  return m.values.get(word) & ~(m.program.pageBytes - 1n);
}

/** Values of a descriptor that CPU u may still take for a table: those that its walk cache may hold, and the current one. */
function usableTables(m: Machine, u: number, word: ValueId): readonly ValueId[] {
  const location = m.location(word);
  if (location < 0) return [m.initialWord(word)];
  const values: ValueId[] = [];
  const last = m.historyLength(location) - 1;
  for (let i = m.w[m.tableBound(u, location)] as number; i <= last; i++) values.push(m.historyValue(location, i));
  return values;
}

/** The tables that each CPU reaches, when writing a value to a word may link one; else undefined. */
export function beforeLinking(m: Machine, word: ValueId, value: ValueId): readonly ReadonlySet<bigint>[] | undefined {
  const places = m.learned.cells.get(word);
  if (places === undefined || !places.some((p) => m.entries.describe(value, p.level as Level).kind === 'table'))
    return undefined;
  return m.cpus.map((_, u) => reachableTables(m, u));
}

/** Of tables that a CPU reaches only now, its TLB can hold nothing but what they contain now. */
export function forgetUnlinked(m: Machine, before: readonly ReadonlySet<bigint>[]): void {
  for (let u = 0; u < m.layout.cpus; u++) {
    const reached = reachableTables(m, u);
    for (let location = 0; location < m.layout.locations; location++) {
      const table = tableOf(m, m.learned.locations[location] as ValueId);
      if (!reached.has(table) || before[u]?.has(table)) continue;
      const last = m.historyLength(location) - 1;
      m.w[m.leafBound(u, location)] = last;
      m.w[m.tableBound(u, location)] = last;
    }
  }
}
