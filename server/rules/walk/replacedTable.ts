/** A block takes the place of a table: what TLBs have from the entries of the table must be gone by then, all of it. */

import { decodeDescriptor } from '../../../simulator/machine/descriptor';
import { isValid } from '../../../simulator/machine/descriptorChange';
import { descriptorBytes, entriesPerTable, entrySpan, type Level } from '../../../simulator/machine/granule';
import type { CodeIndex } from '../../../simulator/machine/program';
import type { TlbiReach } from '../../../simulator/machine/tlbiReach';
import { knownWord } from './memory';
import type { Window } from './observation';
import type { Path } from './path';
import type { Walker } from './walker';

/** A TLBI is remembered by the tables that are broken meanwhile. */
export function noteFlushed(path: Path, at: CodeIndex, reach: TlbiReach): void {
  for (const [word, window] of path.windows) {
    if (decodeDescriptor(window.entry.format, window.entry.place.level, window.old).kind !== 'table') continue;
    path.windows.set(word, { ...window, flushed: [...window.flushed, { at, reach }].slice(-MAX_FLUSHED) });
  }
}

/** TLBIs that are remembered of one window. More than a table has pages tell nothing new. */
const MAX_FLUSHED = 8192;

export function noticePagesLeft(walker: Walker, path: Path, window: Window, at: CodeIndex): void {
  const { entry, old, flushed, word, breakAt } = window;
  const { level, first } = entry.place;
  const table = decodeDescriptor(entry.format, level, old);
  const last = flushed.at(-1);
  if (table.kind !== 'table' || last === undefined) return;
  const { granule } = walker.tables.shape;
  const below = (level + 1) as Level;
  const span = entrySpan(granule, below);
  let left = 0;
  for (let i = 0; i < entriesPerTable(granule); i++) {
    const value = knownWord(walker, path, table.nextTable + BigInt(i) * descriptorBytes);
    if (value === undefined || !isValid(decodeDescriptor(entry.format, below, value))) continue;
    const start = first + BigInt(i) * span;
    if (!flushed.some(({ reach }) => isReached(reach, start, start + span - 1n))) left++;
  }
  if (left > 0) walker.notice({ kind: 'pagesLeft', word, entry, at, tlbiAt: last.at, breakAt, left });
}

function isReached({ broadcast, addresses }: TlbiReach, first: bigint, last: bigint): boolean {
  return broadcast && (addresses === undefined || (addresses.first <= last && first <= addresses.last));
}
