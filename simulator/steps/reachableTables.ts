/**
 * Which tables the walks of a CPU may reach. What stood in a table before it was linked was never found by a walk, so no TLB
 * holds it; and a change of an entry in a table that nothing reaches breaks no rule.
 */

import type { Level } from '../machine/granule';
import type { CellPlace } from '../machine/learned';
import type { KnownTables, Machine, ReachedTables } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { strayAt, strayCount } from './strays';

/** The tables that walks of CPU u may go through, by memory or by what its TLB may hold. */
export function reachableTables(m: Machine, u: number): ReachedTables {
  const strays = strayCount(m, u);
  const { words, fixed } = knownTables(m);
  if (fixed !== undefined && strays === 0) return fixed;
  const reached = fromRoot(m);
  for (let n = 0; n < strays; n++) {
    const { base, value, level } = strayAt(m, u, n);
    const entry = m.entries.describe(value, level);
    if (entry.kind === 'table') reach(reached, entry.output, m.values.get(base));
  }
  follow(m, reached, words, (word) => usableTables(m, u, word));
  return reached;
}

type Reached = Map<bigint, Set<bigint>>;

function fromRoot(m: Machine): Reached {
  return new Map([[m.program.translation.root, new Set([0n])]]);
}

/** Whether that was new. */
function reach(reached: Reached, table: bigint, base: bigint): boolean {
  const bases = reached.get(table);
  if (bases?.has(base)) return false;
  if (bases === undefined) reached.set(table, new Set([base]));
  else bases.add(base);
  return true;
}

/** The first VA of what the table translates in which a walk meets a descriptor at a place. */
function tableBase(m: Machine, { level, base }: CellPlace): bigint {
  return level === m.entries.top ? 0n : base & ~(m.entries.span((level - 1) as Level) - 1n);
}

/** Adds the tables that those already there lead to. */
function follow(
  m: Machine,
  reached: Reached,
  words: KnownTables['words'],
  valuesOf: (word: ValueId) => readonly ValueId[],
): void {
  const open = [...reached.keys()];
  for (let table = open.pop(); table !== undefined; table = open.pop())
    for (const word of words.get(table) ?? [])
      for (const place of m.learned.cells.get(word) ?? []) {
        if (!reached.get(table)?.has(tableBase(m, place))) continue;
        for (const value of valuesOf(word)) {
          const entry = m.entries.describe(value, place.level as Level);
          if (entry.kind === 'table' && reach(reached, entry.output, place.base)) open.push(entry.output);
        }
      }
}

/** The descriptors that are known by now and may lead to tables, by the table that they stand in, made anew when there are more. */
function knownTables(m: Machine): KnownTables {
  const { cells, cellPlaces } = m.learned;
  if (m.knownTables?.places === cellPlaces) return m.knownTables;
  const words = new Map<bigint, ValueId[]>();
  let isFixed = true;
  for (const [word, places] of cells) {
    if (places.every((p) => p.level === LAST_LEVEL)) continue;
    const table = tableOf(m, word);
    const others = words.get(table);
    if (others === undefined) words.set(table, [word]);
    else others.push(word);
    if (m.location(word) >= 0) isFixed = false;
  }
  const fixed = fromRoot(m);
  if (isFixed) follow(m, fixed, words, (word) => (m.location(word) < 0 ? [m.initialWord(word)] : []));
  m.knownTables = { places: cellPlaces, words, fixed: isFixed ? fixed : undefined };
  return m.knownTables;
}

/** Descriptors of this level lead to no table. */
const LAST_LEVEL = 3;

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
export function beforeLinking(m: Machine, word: ValueId, value: ValueId): readonly ReachedTables[] | undefined {
  const places = m.learned.cells.get(word);
  if (places === undefined || !places.some((p) => m.entries.describe(value, p.level as Level).kind === 'table'))
    return undefined;
  return m.cpus.map((_, u) => reachableTables(m, u));
}

/** Of tables that a CPU reaches only now, or only now for these VAs, its TLB can hold nothing but what they contain now. */
export function forgetUnlinked(m: Machine, before: readonly ReachedTables[]): void {
  for (let u = 0; u < m.layout.cpus; u++) {
    const reached = reachableTables(m, u);
    for (let location = 0; location < m.layout.locations; location++) {
      const word = m.learned.locations[location] as ValueId;
      const table = tableOf(m, word);
      const isIn = (tables: ReachedTables | undefined): boolean => {
        const bases = tables?.get(table);
        return bases !== undefined && (m.learned.cells.get(word) ?? []).some((p) => bases.has(tableBase(m, p)));
      };
      if (!isIn(reached) || isIn(before[u])) continue;
      const last = m.historyLength(location) - 1;
      m.w[m.leafBound(u, location)] = last;
      m.w[m.tableBound(u, location)] = last;
    }
  }
}
