/**
 * Stray entries: what a TLB may hold although no walk finds it any more. A TLBI of one page removes the table above it from
 * the walk caches, and with the table's bound the ways through it for all other pages; but what was found that way for
 * another page stays in the TLB until a TLBI covers that page.
 */

import type { Level } from '../machine/granule';
import { CPU, STRAY } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { type Above, noteCell, startOf } from './walk';

/** One entry of a CPU's TLB: the first VA that it covers, its descriptor and level, and the limits of the tables above. */
export interface Stray {
  readonly base: ValueId;
  readonly value: ValueId;
  readonly level: Level;
  readonly above: Above;
}

export function strayCount(m: Machine, u: number): number {
  return m.w[m.base(u) + CPU.STRAYS] as number;
}

export function strayAt(m: Machine, u: number, n: number): Stray {
  const at = (m.layout.strays[u] as number) + n * STRAY.WORDS;
  const how = m.w[at + STRAY.HOW] as number;
  return {
    base: m.w[at + STRAY.BASE] as ValueId,
    value: m.w[at + STRAY.VALUE] as ValueId,
    level: ((how & 7) - 1) as Level,
    above: { readOnly: (how & 8) !== 0, el0: (how & 16) !== 0 },
  };
}

/** Whether a stray entry translates an address, or leads on towards it. */
export function strayCovers(m: Machine, stray: Stray, address: bigint): boolean {
  return m.entries.coveredBase(address, stray.level) === m.values.get(stray.base);
}

/** Adds an entry; the list is sorted and has none twice. */
function addStray(m: Machine, u: number, stray: Stray): void {
  const { w } = m;
  const how = (stray.level + 1) | (stray.above.readOnly ? 8 : 0) | (stray.above.el0 ? 16 : 0);
  const list = m.layout.strays[u] as number;
  const n = strayCount(m, u);
  const order = (i: number): number => {
    const at = list + i * STRAY.WORDS;
    return (
      (w[at + STRAY.BASE] as number) - stray.base ||
      (w[at + STRAY.VALUE] as number) - stray.value ||
      (w[at + STRAY.HOW] as number) - how
    );
  };
  let i = 0;
  while (i < n && order(i) < 0) i++;
  if (i < n && order(i) === 0) return;
  if (n >= m.layout.straysCapacity) {
    m.learned.grow('strays');
    m.dropped = true;
    return;
  }
  const at = list + i * STRAY.WORDS;
  w.copyWithin(at + STRAY.WORDS, at, list + n * STRAY.WORDS);
  w[at + STRAY.BASE] = stray.base;
  w[at + STRAY.VALUE] = stray.value;
  w[at + STRAY.HOW] = how;
  w[m.base(u) + CPU.STRAYS] = n + 1;
}

/** Removes the entries of a CPU for which `goes` holds. */
export function removeStrays(m: Machine, u: number, goes: (stray: Stray) => boolean): void {
  const n = strayCount(m, u);
  if (n === 0) return;
  const { w } = m;
  const list = m.layout.strays[u] as number;
  let kept = 0;
  for (let i = 0; i < n; i++) {
    if (goes(strayAt(m, u, i))) continue;
    const from = list + i * STRAY.WORDS;
    w.copyWithin(list + kept * STRAY.WORDS, from, from + STRAY.WORDS);
    kept++;
  }
  w.fill(0, list + kept * STRAY.WORDS, list + n * STRAY.WORDS);
  w[m.base(u) + CPU.STRAYS] = kept;
}

/**
 * Before a TLBI takes tables from a CPU's walk caches: what was found through them and is not removed itself becomes stray.
 * `losesTable` says whether the CPU may no longer use a value of a location, `losesStray` the same of a stray table, and
 * `removes` whether the TLBI removes the entry of a leaf or table of that level at that VA.
 */
export function keepFound(
  m: Machine,
  u: number,
  losesTable: (location: number, index: number) => boolean,
  losesStray: (stray: Stray) => boolean,
  removes: (level: Level, va: bigint, table: boolean) => boolean,
): void {
  const found: Stray[] = [];
  const descend = (va: bigint, level: Level, word: ValueId, above: Above, lost: boolean): void => {
    const location = m.location(word);
    if (location < 0) {
      follow(va, level, m.initialWord(word), above, lost);
      return;
    }
    const last = m.historyLength(location) - 1;
    const tables = m.w[m.tableBound(u, location)] as number;
    const leaves = m.w[m.leafBound(u, location)] as number;
    for (let i = Math.min(tables, leaves); i <= last; i++) {
      const value = m.historyValue(location, i);
      const entry = m.entries.describe(value, level);
      if (i < last && i < (entry.kind === 'table' ? tables : leaves)) continue;
      follow(va, level, value, above, lost, entry.kind === 'table' && losesTable(location, i));
    }
  };
  const follow = (va: bigint, level: Level, value: ValueId, above: Above, lost: boolean, losesIt = false): void => {
    const entry = m.entries.describe(value, level);
    if (!entry.cacheable) return;
    const isTable = entry.kind === 'table';
    if (lost && !removes(level, va, isTable))
      found.push({ base: m.values.of(m.entries.coveredBase(va, level)), value, level, above });
    if (!isTable) return;
    const below = { readOnly: above.readOnly || entry.readOnly, el0: above.el0 && entry.el0 };
    const next = (level + 1) as Level;
    descend(va, next, noteCell(m, va, next, entry.output), below, lost || losesIt);
  };
  for (const page of m.learned.pages) {
    const va = m.values.get(page);
    const { level, word, above } = startOf(m, page);
    descend(va, level, word, above, false);
    for (let n = 0; n < strayCount(m, u); n++) {
      const stray = strayAt(m, u, n);
      if (strayCovers(m, stray, va) && losesStray(stray))
        follow(va, stray.level, stray.value, stray.above, false, true);
    }
  }
  for (const stray of found) addStray(m, u, stray);
}
