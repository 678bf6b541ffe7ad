/** Pages that are allocated and freed in a walk. */

import { decodeDescriptor, targetAddress } from '../../../simulator/machine/descriptor';
import { type Entry, type EntryState, stepEntry } from '../../../simulator/machine/entryProtocol';
import { descriptorBytes, type Level, tableEntries } from '../../../simulator/machine/granule';
import type { AllocateInstruction, CodeIndex, FreeInstruction } from '../../../simulator/machine/program';
import { operandWord } from './accesses';
import { ownWord, tableOf } from './memory';
import type { Path } from './path';
import { reachOf } from './tables';
import type { Walker } from './walker';
import { isKnown } from './word';

/**
 * The page that the instruction names, or the next fresh one: one of the executions, and enough to see what becomes of it.
 * CPUs begin at different pages, so that a page that one of them frees is not taken for one that another has.
 */
export function allocatePage(walker: Walker, path: Path, i: AllocateInstruction): void {
  const { freePages, cpus } = walker.program;
  const first = Math.floor((freePages.length * walker.context.cpu) / cpus.length);
  const inTurn = [...freePages.slice(first), ...freePages.slice(0, first)];
  const page = i.page ?? inTurn.find((one) => !path.taken.has(one));
  if (i.destination !== undefined) path.registers.set(i.destination, page ?? walker.symbols.fresh());
  if (page !== undefined) {
    path.taken.add(page);
    path.allocated.set(page, path.at);
    path.freed.delete(page);
  }
  path.at++;
}

export function freePage(walker: Walker, path: Path, i: FreeInstruction): void {
  const { at } = path;
  path.at = at + 1;
  const page = operandWord(path, i.address);
  if (!isKnown(page)) return;
  const first = path.freed.get(page);
  // Where entries of others were guessed, a page may be this one only in the guess.
  const allocatedAt = path.allocated.get(page);
  if (allocatedAt !== undefined) walker.keptPages.add(allocatedAt);
  if (path.guessed && path.allocated.delete(page)) return;
  if (first !== undefined) {
    if (!path.guessed) walker.notice({ kind: 'doubleFree', at, page, first });
    return;
  }
  releaseFromTlbs(walker, path, page, at);
  noticeMapped(walker, path, page, at);
  path.freed.set(page, at);
  walker.freedPages.add(page);
  walker.soundFrees.add(at);
  path.allocated.delete(page);
}

/** Entries whose old values may still lead some CPU to the page. */
function releaseFromTlbs(walker: Walker, path: Path, page: bigint, at: CodeIndex): void {
  for (const word of [...path.active]) {
    const state = path.entries.get(word) as EntryState;
    const where = tableOf(walker, path, word);
    if (!where || !state.flush) continue;
    const entry = walker.tables.entryOf(where.place, where.table, word);
    const leadsThere = state.flush.cached.some((value) => covers(walker, entry.place.level, value, page));
    if (!leadsThere) continue;
    const { finding } = stepEntry(entry, state, { kind: 'release', at, cpu: walker.context.cpu });
    if (finding) walker.notice({ kind: 'protocol', word, entry, finding });
  }
}

function covers(walker: Walker, level: -1 | 0 | 1 | 2 | 3, value: bigint, page: bigint): boolean {
  const descriptor = decodeDescriptor(walker.tables.format, level, value);
  const reach = reachOf(walker.tables, level, descriptor);
  return reach !== undefined && page >= reach.first && page < reach.end;
}

/** The page is still mapped, or still a table that walks go through. */
function noticeMapped(walker: Walker, path: Path, page: bigint, at: CodeIndex): void {
  const { tables } = walker;
  const word = mappingOf(walker, path, page);
  const where = word === undefined ? undefined : tableOf(walker, path, word);
  if (word === undefined || where === undefined) return;
  // Who has learned something of another code may know that it has changed the entry.
  if ((path.guessed || path.waited) && walker.foreign.has(word)) return;
  const entry = tables.entryOf(where.place, where.table, word);
  walker.notice({ kind: 'freeWhileMapped', word, entry, at, page });
}

/** An entry that is written leads to a page that was freed before. */
export function noticeFreedTarget(
  walker: Walker,
  path: Path,
  entry: Entry,
  { word, value, at }: { readonly word: bigint; readonly value: bigint; readonly at: CodeIndex },
): void {
  for (const [page, freedAt] of path.freed)
    if (covers(walker, entry.place.level, value, page))
      walker.notice({ kind: 'freeWhileMapped', word, entry, at: freedAt, mappedAt: at, page });
}

/** The word of a live entry that leads to a page now: one that this code wrote, or one that was there at the start. */
export function mappingOf(walker: Walker, path: Path, page: bigint): bigint | undefined {
  for (const [word, state] of path.entries) {
    const where = tableOf(walker, path, word);
    if (where && path.memory.get(word) === state.value && covers(walker, where.place.level, state.value, page))
      return word;
  }
  for (const word of initialMappings(walker).get(page) ?? []) {
    const where = tableOf(walker, path, word);
    const value = ownWord(walker, path, word);
    if (where && isKnown(value) && covers(walker, where.place.level, value, page)) return word;
  }
  return undefined;
}

const mappings = new WeakMap<object, ReadonlyMap<bigint, readonly bigint[]>>();

/** For each page that a level 3 entry maps at the start, or that is a table, the entries. */
function initialMappings({ tables, program }: Walker): ReadonlyMap<bigint, readonly bigint[]> {
  const known = mappings.get(tables);
  if (known) return known;
  const made = new Map<bigint, bigint[]>();
  const add = (word: bigint, level: Level, raw: bigint): void => {
    const page = targetAddress(tables.format, level, raw);
    if (page === undefined) return;
    const words = made.get(page);
    if (words) words.push(word);
    else made.set(page, [word]);
  };
  for (const { word, level, raw } of tables.entries) add(word, level, raw);
  for (const [table, { level }] of tables.initial) {
    if (level < 3) continue;
    for (let i = 0; i < tableEntries(tables.shape, level); i++) {
      const word = table + BigInt(i) * descriptorBytes;
      add(word, level, program.initialWord(word));
    }
  }
  mappings.set(tables, made);
  return made;
}

/** The code is over: pages that it allocated and that nobody has. */
export function noticeLeaks(walker: Walker, path: Path): void {
  for (const [page, since] of path.allocated) {
    if (path.handedOn.has(page)) walker.keptPages.add(since);
    else walker.notice({ kind: 'leak', at: path.at, page, since, unmapped: false });
  }
  noticeUnmapped(walker, path);
}

/** Pages that were mapped at the start, and that nothing leads to any more. */
function noticeUnmapped(walker: Walker, path: Path): void {
  const { tables, program } = walker;
  for (const [word, since] of path.wroteAt) {
    const where = tableOf(walker, path, word);
    // Who else changes the entry may have the page.
    if (where?.place.level !== 3 || walker.foreign.has(word)) continue;
    const before = decodeDescriptor(tables.format, 3, program.initialWord(word));
    if (before.kind !== 'leaf') continue;
    const page = before.outputAddress;
    if (path.freed.has(page) || mappingOf(walker, path, page) !== undefined || isNamed(walker, path, page)) continue;
    walker.notice({ kind: 'leak', at: path.at, page, since, unmapped: true });
  }
}

/** Whether a word that this way has stored is an address of a page, or of its struct page. */
export function isNamed(walker: Walker, path: Path, page: bigint): boolean {
  const { direct } = walker.program.translation;
  const end = page + walker.tables.pageBytes;
  const struct = walker.landmarks.structPageOf(page);
  for (const word of path.stored.keys()) {
    const value = path.memory.get(word);
    if (value === undefined || !isKnown(value)) continue;
    if (value === struct || (value >= page && value < end)) return true;
    if (
      direct.some(
        (one) => value >= page - one.physicalBase + one.virtualBase && value < end - one.physicalBase + one.virtualBase,
      )
    )
      return true;
  }
  return false;
}
