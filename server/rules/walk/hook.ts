/** What a fault handler knows when it says that a fault is mended: whether it has looked at the entry, when, and how. */

import { decodeDescriptor } from '../../../simulator/machine/descriptor';
import type { CodeIndex, LockId } from '../../../simulator/machine/program';
import type { EntryAt } from './observation';
import type { Path } from './path';
import { descriptorWord } from './tables';
import type { Walker } from './walker';
import { isKnown, type Word } from './word';

/** A handler reads something. */
export function noteLook(walker: Walker, path: Path, at: CodeIndex, value: Word, word?: bigint): void {
  noteRead(walker, path, word);
  if (walker.context.kind !== 'fault') return;
  if (path.held.length === 0) path.lookedBefore = at;
  else path.looks = [...path.looks, { at, value }].slice(-MAX_LOOKS);
}

/** A handler reads a word, or waits for one; undefined: it cannot be told which. */
export function noteRead(walker: Walker, path: Path, word: bigint | undefined): void {
  if (walker.context.kind === 'fault' && !path.lookedAt.includes(word)) path.lookedAt = [...path.lookedAt, word];
}

const MAX_LOOKS = 16;

/** The hook says that the fault of an address is mended: whether it has looked at the entry that others break. */
export function noticeMended(walker: Walker, path: Path, address: bigint | undefined): void {
  const { at, lookedAt } = path;
  const broken = address === undefined ? undefined : brokenByOthers(walker, address);
  if (address === undefined || broken === undefined) return;
  const looked = lookedAt.includes(undefined) || lookedAt.includes(broken.word);
  walker.notice({ kind: 'mended', at, address, looked, ...broken });
}

/** The lowest entry on the way to an address, in the tables of the start, that another code makes invalid. */
function brokenByOthers({ tables, foreign, program }: Walker, address: bigint): EntryAt | undefined {
  let table = tables.root;
  let found: EntryAt | undefined;
  for (;;) {
    const place = tables.initial.get(table);
    if (place === undefined) return found;
    const word = descriptorWord(tables, table, place.level, address);
    const stored = foreign.get(word) ?? [];
    if (stored === 'unknown' || stored.some((value) => (value & 1n) === 0n))
      found = { word, entry: tables.entryOf(place, table, word) };
    const descriptor = decodeDescriptor(tables.format, place.level, program.initialWord(word));
    if (descriptor.kind !== 'table') return found;
    table = descriptor.nextTable;
  }
}

/** A handler is left, and the access that faulted is done again: the handler has waited for a lock, so it has to know. */
export function noticeRetry(walker: Walker, path: Path): void {
  const [taken] = path.lastRelease;
  if (walker.context.kind !== 'fault' || taken === undefined) return;
  const [lock, at]: [LockId, CodeIndex] = taken;
  const last = path.looks.at(-1);
  if (last === undefined) {
    const before = path.lookedBefore === undefined ? {} : { lookedBefore: path.lookedBefore };
    walker.notice({ kind: 'blindRetry', at, lock, ...before });
    return;
  }
  if (!isKnown(last.value) && !asksForType(walker, path, last.value)) walker.notice({ kind: 'noneTest', at: last.at });
}

/** Whether a condition on this way has to do with the type bits of a descriptor, and not only with its being none. */
function asksForType({ symbols }: Walker, path: Path, descriptor: number): boolean {
  const isOfType = (mask: Word) => !isKnown(mask) || (mask & 3n) !== 0n;
  if (isKnown(path.resolve(descriptor))) return true;
  let asked = false;
  for (const symbol of path.facts.keys()) {
    if (!symbols.comesFrom(symbol, descriptor)) continue;
    asked = true;
    if (symbols.isMasked(symbol, descriptor, isOfType)) return true;
  }
  // Nothing was asked of what was read last: it was read for something else.
  return !asked;
}
