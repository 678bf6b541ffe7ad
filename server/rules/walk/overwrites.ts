/** Entries that are read and then stored in two steps, as a walk sees them. */

import type { AccessInstruction, CodeIndex } from '../../../simulator/machine/program';
import { operandWord } from './accesses';
import { tableOf } from './memory';
import type { HeldLock } from './observation';
import type { Path } from './path';
import type { Walker } from './walker';
import { isKnown, type Word } from './word';

/** Where an entry was read last, and the locks that were held there. */
export interface EntryRead {
  readonly at: CodeIndex;
  readonly held: readonly HeldLock[];
}

/** A store of an entry in a program, with what keeps others away from it. */
export interface EntryStore {
  readonly at: CodeIndex;
  readonly word: bigint;
  readonly value: bigint;
  readonly held: readonly HeldLock[];
}

export function noteEntryRead(walker: Walker, path: Path, word: bigint, at: CodeIndex): void {
  if (tableOf(walker, path, word)) path.entryReads.set(word, { at, held: path.held });
}

/** Nothing before this point has waited for another CPU, stopped it, or depends on what it has done. */
function isUnordered(path: Path): boolean {
  return !path.waited && !path.sent && !path.othersWait && !path.guessed;
}

/** An entry is stored: others may find that what they have read is no longer there. */
export function noteEntryStore(
  walker: Walker,
  path: Path,
  i: AccessInstruction,
  { at, word, value }: { readonly at: CodeIndex; readonly word: bigint; readonly value: Word },
): void {
  if (!isKnown(value)) return;
  if (isUnordered(path)) walker.noticeEntryStore({ at, word, value, held: path.held });
  const read = path.entryReads.get(word);
  const where = tableOf(walker, path, word);
  const held = i.overwrites && operandWord(path, i.overwrites.held);
  if (i.overwrites === undefined || held === undefined || !isKnown(held) || !read || !where) return;
  walker.notice({
    kind: 'overwrite',
    at,
    readAt: read.at,
    word,
    entry: walker.tables.entryOf(where.place, where.table, word),
    held,
    value,
    counted: i.overwrites.bits,
    kept: path.held.filter((one) => read.held.some(({ lock, since }) => lock === one.lock && since === one.since)),
    locked: path.held,
    unordered: isUnordered(path),
    guessed: path.guessed,
  });
}
