/** What barriers and TLBIs do for entries that wait for them, and where an entry of a walk stands. */

import { type EntryEvent, type EntryState, stepEntry } from '../../../simulator/machine/entryProtocol';
import type { CodeIndex } from '../../../simulator/machine/program';
import type { TlbiReach } from '../../../simulator/machine/tlbiReach';
import { tableOf } from './memory';
import type { Path } from './path';
import { noteFlushed } from './replacedTable';
import type { TablePlace } from './tables';
import type { Walker } from './walker';

export function setEntry(path: Path, word: bigint, state: EntryState): void {
  path.entries.set(word, state);
  if (state.flush || state.unpublished) path.active.add(word);
  else path.active.delete(word);
}

/** A DSB moves flushes on, and publishes what was made before it. */
export function stepDsb(walker: Walker, path: Path, event: EntryEvent): void {
  stepActive(walker, path, event);
  for (const word of path.active) {
    const unpublished = path.entries.get(word)?.unpublished;
    if (unpublished?.next === 'isb' && !path.drainedAt.has(word)) path.drainedAt.set(word, event.at);
  }
}

/** An entry that its own CPU cannot use yet, and behind which instruction the next barrier belongs. */
export function unpublishedAt(path: Path, word: bigint) {
  const unpublished = path.active.has(word) ? path.entries.get(word)?.unpublished : undefined;
  if (!unpublished) return undefined;
  const { since, next } = unpublished;
  return { since, next, behind: next === 'isb' ? (path.drainedAt.get(word) ?? since) : since };
}

/** TLBIs without an entry to remove that are remembered, in case the change comes only after them. */
const MAX_IDLE_TLBIS = 8;

/** A TLBI moves the flushes on that it reaches. */
export function stepTlbi(walker: Walker, path: Path, at: CodeIndex, reach: TlbiReach): void {
  noteFlushed(path, at, reach);
  const waiting = () => [...path.active].map((word) => path.entries.get(word)?.flush?.done ?? -1).join();
  const before = waiting();
  stepActive(walker, path, { kind: 'tlbi', at, reach, cpu: walker.context.cpu });
  if (waiting() !== before) walker.usefulTlbis.add(at);
  else path.idleTlbis = [...path.idleTlbis, { at, reach }].slice(-MAX_IDLE_TLBIS);
}

/** A barrier, a TLBI or a lock event concerns every entry that waits for something. */
export function stepActive(walker: Walker, path: Path, event: EntryEvent): void {
  for (const word of [...path.active]) {
    const where = followedTable(walker, path, word);
    const state = path.entries.get(word);
    if (where === undefined || state === undefined) continue;
    const entry = walker.tables.entryOf(where.place, where.table, word);
    setEntry(path, word, stepEntry(entry, state, event).state);
  }
}

/** An entry of a table that was unlinked meanwhile stands where it stood. */
function unlinkedPlace(walker: Walker, word: bigint): { table: bigint; place: TablePlace } | undefined {
  const table = word & ~(walker.tables.pageBytes - 1n);
  const place = walker.tables.initial.get(table);
  return place && { table, place };
}

/** The table of an entry that this way has followed, linked or not. */
export function followedTable(
  walker: Walker,
  path: Path,
  word: bigint,
): { table: bigint; place: TablePlace } | undefined {
  return tableOf(walker, path, word) ?? unlinkedPlace(walker, word);
}
