/** What tells others that a huge page is optimised, and when it changes: the flag of the huge page, the key for fake heads. */

import { type Descriptor, decodeDescriptor } from '../../../simulator/machine/descriptor';
import type { CodeIndex } from '../../../simulator/machine/program';
import { isWritable, type Shown } from './contents';
import { tailAt } from './landmarks';
import { tableOf, translate } from './memory';
import type { Path } from './path';
import type { Walker } from './walker';
import { isKnown, type Word } from './word';

/** HPG_vmemmap_optimized in `private` of a HugeTLB head (include/linux/hugetlb.h). */
const privateOffset = 0x28n;
const optimisedFlag = 1n << 4n;

interface Stored {
  readonly at: CodeIndex;
  readonly word: bigint;
  readonly before: bigint | undefined;
  readonly value: Word;
}

/** A word that is no entry is written. */
export function noteMark(walker: Walker, path: Path, stored: Stored): void {
  const { landmarks, tables } = walker;
  const { word, before, value, at } = stored;
  if (word === landmarks.key) noteKey(walker, path, stored);
  if (before === undefined || !isKnown(value) || ((before ^ value) & optimisedFlag) === 0n) return;
  const inPage = tables.pageBytes - 1n;
  for (const { head } of landmarks.hugePages) {
    if (((head + privateOffset) & inPage) !== (word & inPage)) continue;
    const own = translate(walker, path, head + privateOffset);
    if (own.kind !== 'physical' || own.address !== word) continue;
    if ((value & optimisedFlag) === 0n) path.unmarked.set(head, at);
    else path.unmarked.delete(head);
  }
}

/** From 0 on: tails that lead to their head by then were taken for heads. From there to 0: nobody looks for fake heads. */
function noteKey(walker: Walker, path: Path, { before, value, at }: Stored): void {
  if (before === undefined) return;
  if (before === 0n && value !== 0n) {
    for (const { word, entry } of remappedTails(walker, path))
      walker.notice({ kind: 'keyTooLate', word, entry, at, since: path.wroteAt.get(word) as CodeIndex });
    for (const { head } of walker.landmarks.hugePages) path.unmarked.delete(head);
  }
  if (before !== 0n && value === 0n) for (const { head } of walker.landmarks.hugePages) path.unmarked.set(head, at);
}

/** Entries of tails that this way has made to lead to the page of their head. */
function remappedTails(walker: Walker, path: Path) {
  return [...path.wroteAt.keys()].flatMap((word) => {
    const where = tableOf(walker, path, word);
    const value = path.memory.get(word);
    if (where?.place.level !== 3 || value === undefined || !isKnown(value)) return [];
    const entry = walker.tables.entryOf(where.place, where.table, word);
    const huge = tailAt(walker.landmarks, entry.place.first);
    const leaf = decodeDescriptor(entry.format, 3, value);
    return huge && leadsToHead(walker, path, huge.head, leaf) ? [{ word, entry }] : [];
  });
}

/** Whether an entry leads to the page that the head of a huge page is in now. */
export function leadsToHead(walker: Walker, path: Path, head: bigint, one: Descriptor): boolean {
  if (one.kind !== 'leaf') return false;
  const own = translate(walker, path, head);
  return own.kind === 'physical' && own.address === one.outputAddress;
}

/** A tail becomes writable again, and by what is written somewhere it has been so for long. */
export function noticeUnmarked(walker: Walker, path: Path, { word, entry, old, value, at }: Shown): void {
  const { level, first } = entry.place;
  if (level !== 3 || path.unmarked.size === 0) return;
  const before = decodeDescriptor(entry.format, level, old);
  const after = decodeDescriptor(entry.format, level, value);
  const huge = tailAt(walker.landmarks, first);
  const since = huge && path.unmarked.get(huge.head);
  if (since === undefined || isWritable(entry, before) || !isWritable(entry, after)) return;
  walker.notice({ kind: 'unmarkedTooEarly', word, entry, at: since, makeAt: at });
}

/** Memory that others may look at is written while an entry that became writable is not flushed. */
export function noticeStoreBeforeFlush(walker: Walker, path: Path, at: CodeIndex, stored: bigint): void {
  for (const entryWord of path.active) {
    const state = path.entries.get(entryWord);
    const where = tableOf(walker, path, entryWord);
    if (!state?.flush || !where) continue;
    const entry = walker.tables.entryOf(where.place, where.table, entryWord);
    const { level } = entry.place;
    const isNow = isWritable(entry, decodeDescriptor(entry.format, level, state.value));
    const old = state.flush.cached.find((value) => isReadOnly(entry, value));
    if (!isNow || old === undefined) continue;
    const { since } = state.flush;
    walker.notice({ kind: 'storeBeforeFlush', word: entryWord, entry, at, since, stored, old });
  }
}

function isReadOnly(entry: Shown['entry'], value: bigint): boolean {
  const one = decodeDescriptor(entry.format, entry.place.level, value);
  return one.kind === 'leaf' && !isWritable(entry, one);
}
