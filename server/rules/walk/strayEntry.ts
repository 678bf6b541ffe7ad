/** Entries that a walk stores into the memory that a block maps. */

import { decodeDescriptor } from '../../../simulator/machine/descriptor';
import { entrySpan } from '../../../simulator/machine/granule';
import type { AccessInstruction } from '../../../simulator/machine/program';
import { knownWord } from './memory';
import type { Path } from './path';
import type { Walker } from './walker';

/** The block of the kernel's tables that maps the page where an entry is stored, unless the page was allocated since. */
export function noteStrayEntry(walker: Walker, path: Path, i: AccessInstruction, at: number, word: bigint): void {
  if (i.entry !== true) return;
  const { tables } = walker;
  const page = word & ~(tables.pageBytes - 1n);
  if (path.taken.has(page) || path.freed.has(page)) return;
  for (const { word: above, level } of tables.entries) {
    const value = knownWord(walker, path, above);
    if (value === undefined || walker.foreign.has(above)) continue;
    const leaf = decodeDescriptor(tables.format, level, value);
    if (leaf.kind !== 'leaf') continue;
    const { granule } = tables.shape;
    if (word < leaf.outputAddress || word >= leaf.outputAddress + entrySpan(granule, level)) continue;
    const table = above & ~(tables.pageBytes - 1n);
    const place = tables.initial.get(table);
    if (place) walker.notice({ kind: 'strayEntry', at, word: above, entry: tables.entryOf(place, table, above) });
  }
}
