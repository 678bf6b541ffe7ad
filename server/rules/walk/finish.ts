/** The end of a way: what the code changed and never flushed, never published, left broken, or left half joined. */

import { decodeDescriptor } from '../../../simulator/machine/descriptor';
import { isValid } from '../../../simulator/machine/descriptorChange';
import { type EntryState, missingSteps } from '../../../simulator/machine/entryProtocol';
import { contiguousEntries, descriptorBytes } from '../../../simulator/machine/granule';
import type { CodeIndex } from '../../../simulator/machine/program';
import { isWritable } from './contents';
import { earlierTlbi, hasContiguous } from './descriptors';
import { followedTable, unpublishedAt } from './flushing';
import { headAt, tailAt } from './landmarks';
import { leadsToHead } from './marks';
import { ownWord, tableOf } from './memory';
import { isNamed } from './pages';
import type { Path } from './path';
import { reachOf } from './tables';
import type { Walker } from './walker';
import { isKnown } from './word';

/** Groups of entries that the Contiguous bit joins are whole: all of them have it, and map one piece of memory. */
function noticeContiguous(walker: Walker, path: Path): void {
  for (const [word, at] of path.contiguous) {
    const where = tableOf(walker, path, word);
    if (where === undefined) continue;
    const { level } = where.place;
    const { format, shape } = walker.tables;
    const group = contiguousEntries(shape.granule, level);
    const bytes = BigInt(group) * descriptorBytes;
    const first = word - ((word - where.table) % bytes);
    const members = Array.from({ length: group }, (_, i) => {
      const value = ownWord(walker, path, first + BigInt(i) * descriptorBytes);
      return isKnown(value) ? decodeDescriptor(format, level, value) : undefined;
    });
    const joined = members.filter((one) => one !== undefined && hasContiguous(one)).length;
    if (joined === 0 || joined === group || members.includes(undefined)) continue;
    const entry = walker.tables.entryOf(where.place, where.table, word);
    walker.notice({ kind: 'contiguous', at, word, entry, others: joined, group });
  }
}

/** The code is over: what it changed and never flushed, never published, or left broken. */
export function noticeUnfinished(walker: Walker, path: Path, at: CodeIndex): void {
  noticeContiguous(walker, path);
  noticeProtection(walker, path);
  for (const word of path.active) {
    const where = followedTable(walker, path, word);
    const { flush, unpublished, value } = path.entries.get(word) as EntryState;
    if (where === undefined) continue;
    const entry = walker.tables.entryOf(where.place, where.table, word);
    if (flush) {
      const missing = missingSteps(entry, flush, at);
      const old = flush.cached[0] as bigint;
      walker.notice({
        kind: 'unflushed',
        word,
        entry,
        since: flush.since,
        at,
        old,
        value,
        missing,
        ...earlierTlbi(path, word),
      });
    }
    const published = unpublished && unpublishedAt(path, word);
    if (published) walker.notice({ kind: 'unpublished', word, entry, ...published, at, because: 'end' });
  }
  for (const window of path.windows.values())
    if (!isGivenAway(walker, path, window.word, window.old)) walker.notice({ kind: 'leftBroken', window, at });
}

/** What entries of huge pages let through at the end: the head's writes, the tails' none. */
function noticeProtection(walker: Walker, path: Path): void {
  const { landmarks, tables, program } = walker;
  for (const [word, at] of path.wroteAt) {
    const where = tableOf(walker, path, word);
    const value = path.memory.get(word);
    if (where?.place.level !== 3 || value === undefined || !isKnown(value)) continue;
    const entry = tables.entryOf(where.place, where.table, word);
    const { first } = entry.place;
    const leaf = decodeDescriptor(entry.format, 3, value);
    if (leaf.kind !== 'leaf') continue;
    const start = decodeDescriptor(entry.format, 3, program.initialWord(word));
    if (headAt(landmarks, first) && !isWritable(entry, leaf) && (start.kind !== 'leaf' || isWritable(entry, start)))
      walker.notice({ kind: 'readOnlyHead', word, entry, at });
    const huge = tailAt(landmarks, first);
    if (huge === undefined || !isWritable(entry, leaf)) continue;
    if (leaf.outputAddress === huge.sharedTail)
      walker.notice({ kind: 'writableAlias', word, entry, at, with: 'sharedTail' });
    else if (leadsToHead(walker, path, huge.head, leaf))
      walker.notice({ kind: 'writableAlias', word, entry, at, with: 'head' });
  }
}

/** Whether what an entry mapped was freed or its address stored, so that it is unmapped for good, or another code makes it valid. */
function isGivenAway(walker: Walker, path: Path, word: bigint, old: bigint): boolean {
  const where = followedTable(walker, path, word);
  if (where === undefined) return true;
  const { level } = where.place;
  const made = walker.foreign.get(word);
  const isMade = (value: bigint) => isValid(decodeDescriptor(walker.tables.format, level, value));
  if (made === 'unknown' || made?.some(isMade)) return true;
  const reach = reachOf(walker.tables, level, decodeDescriptor(walker.tables.format, level, old));
  if (reach !== undefined && isNamed(walker, path, reach.first)) return true;
  return reach === undefined || [...path.freed.keys()].some((page) => page >= reach.first && page < reach.end);
}
