/**
 * Histories are kept short, so that states that differ only in what nobody can tell any more are one: a value of a word
 * goes when no CPU may use it and no instruction in flight refers to it.
 */

import type { Level } from '../machine/granule';
import { ENTRY, SLOT } from '../machine/layout';
import { type CellPlace, LIMITS } from '../machine/learned';
import { locationBit, type Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';

/** For the history in hand: whether a value stays, then how many values before it stay. */
const stays = new Uint8Array(LIMITS.historyLength + 1);
const before = new Int32Array(LIMITS.historyLength + 2);

/** Cuts every history to what can still matter. */
export function trimHistories(m: Machine): void {
  for (let location = 0; location < m.layout.locations; location++)
    if (m.historyLength(location) > 1) trim(m, location);
}

function trim(m: Machine, location: number): void {
  const { w } = m;
  const word = m.learned.locations[location] as ValueId;
  const length = m.historyLength(location);
  const last = length - 1;
  stays.fill(0, 0, length);
  stays[last] = 1;
  const places = m.learned.cells.get(word);
  if (places !== undefined) keepUsable(m, location, last, places);
  keepReferred(m, location, word);
  let kept = 0;
  for (let i = 0; i <= last; i++) {
    before[i] = kept;
    if (stays[i] !== 0) kept++;
  }
  if (kept === length) return;
  m.trimmed |= locationBit(location);
  const h = m.historyAt(location) + 1;
  for (let i = 0; i <= last; i++) if (stays[i] !== 0) w[h + (before[i] as number)] = w[h + i] as number;
  w.fill(0, h + kept, h + length);
  w[h - 1] = kept;
  for (let t = 0; t < m.layout.cpus; t++) {
    const leaf = m.leafBound(t, location);
    const table = m.tableBound(t, location);
    w[leaf] = before[w[leaf] as number] as number;
    w[table] = before[w[table] as number] as number;
    eachReference(m, t, location, word, (at) => {
      w[at] = (before[(w[at] as number) - 1] as number) + 1;
    });
  }
}

/**
 * Old values that some CPU may still use: leaves by its bound for leaves, tables by that for tables. With reductions, what
 * cannot be cached cannot be old, so such a value is as good as gone; and of two equal values the younger one stands for
 * both, since whoever may use the older one may use it too.
 */
function keepUsable(m: Machine, location: number, last: number, places: readonly CellPlace[]): void {
  const { w } = m;
  let leaves = last;
  let tables = last;
  for (let u = 0; u < m.layout.cpus; u++) {
    leaves = Math.min(leaves, w[m.leafBound(u, location)] as number);
    tables = Math.min(tables, w[m.tableBound(u, location)] as number);
  }
  const h = m.historyAt(location) + 1;
  for (let i = last - 1; i >= 0; i--) {
    if (m.reduces.equalValuesOnce && isAgain(w, h, i, last)) continue;
    const value = w[h + i] as ValueId;
    if ((i >= leaves && isOldAs(m, value, places, 'leaf')) || (i >= tables && isOldAs(m, value, places, 'table')))
      stays[i] = 1;
  }
}

/** Whether a value counts while it is old, where leaves are looked for (an invalid one is such) or where tables are. */
export function isOldAs(m: Machine, value: ValueId, places: readonly CellPlace[], as: 'leaf' | 'table'): boolean {
  const keepsAll = !(m.reduces.uncacheableForgotten && m.rules.faultsAreCurrent);
  for (const p of places) {
    const entry = m.entries.describe(value, p.level as Level);
    if ((entry.cacheable || keepsAll) && (entry.kind === 'table') === (as === 'table')) return true;
  }
  return false;
}

/** Whether the value at an index comes again among the younger ones that stay. */
function isAgain(w: Int32Array, h: number, i: number, last: number): boolean {
  for (let j = i + 1; j <= last; j++) if (stays[j] !== 0 && w[h + j] === w[h + i]) return true;
  return false;
}

function keepReferred(m: Machine, location: number, word: ValueId): void {
  for (let t = 0; t < m.layout.cpus; t++)
    eachReference(m, t, location, word, (at) => {
      stays[(m.w[at] as number) - 1] = 1;
    });
}

/** Words of a CPU's window that hold an index + 1 into a history: what was read, what a hardware update would replace. */
function eachReference(m: Machine, t: number, location: number, word: ValueId, visit: (at: number) => void): void {
  const { w } = m;
  const count = m.count(t);
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    if (w[slot + SLOT.KIND] !== ENTRY.ACCESS) continue;
    if (w[slot + SLOT.PA] === word + 1 && w[slot + SLOT.READ_INDEX] !== 0) visit(slot + SLOT.READ_INDEX);
    if (w[slot + SLOT.UPDATE_CELL] === location + 1) visit(slot + SLOT.UPDATE_INDEX);
  }
}
