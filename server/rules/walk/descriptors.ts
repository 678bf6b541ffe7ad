/** Writes to translation table entries in a walk, and what barriers, TLBIs and unlocks mean for them. */

import { type Descriptor, decodeDescriptor } from '../../../simulator/machine/descriptor';
import { bbmNumber, classifyChange, isValid } from '../../../simulator/machine/descriptorChange';
import {
  type Entry,
  type EntryEvent,
  type EntryState,
  missingSteps,
  settledEntry,
  stepEntry,
} from '../../../simulator/machine/entryProtocol';
import {
  contiguousEntries,
  descriptorBytes,
  entriesPerTable,
  entrySpan,
  type Level,
} from '../../../simulator/machine/granule';
import type { CodeIndex } from '../../../simulator/machine/program';
import { type TlbiReach, tlbiShortfall } from '../../../simulator/machine/tlbiReach';
import { ownWord, placeBelow, tableOf } from './memory';
import type { Path } from './path';
import { reachOf, type TablePlace } from './tables';
import type { Walker } from './walker';
import { isKnown, type Word } from './word';

export interface DescriptorWrite {
  readonly at: CodeIndex;
  readonly word: bigint;
  readonly value: Word;
  /** A compare-and-swap that found what it expected. */
  readonly compared: boolean;
}

/** A live entry gets a new value. */
export function writeDescriptor(
  walker: Walker,
  path: Path,
  where: { readonly table: bigint; readonly place: TablePlace },
  { at, word, value, compared }: DescriptorWrite,
): void {
  const entry = walker.tables.entryOf(where.place, where.table, word);
  const { level } = entry.place;
  const state = path.entries.get(word) ?? settledEntry(oldValue(walker, path, entry, word, value));
  path.memory.set(word, value);
  if (!walker.changes.has(at)) walker.changes.set(at, path.held);
  if (!isKnown(value)) {
    // Nobody can say what this is: the entry is not followed any further.
    path.entries.delete(word);
    path.active.delete(word);
    path.windows.delete(word);
    return;
  }
  const before = decodeDescriptor(entry.format, level, state.value);
  const after = decodeDescriptor(entry.format, level, value);
  const sameContents = () => equalContents(walker, path, entry, state.value, value);
  const step = stepEntry(entry, state, {
    kind: 'write',
    at,
    cpu: walker.context.cpu,
    value,
    compared,
    sameContents: before.kind === 'leaf' && after.kind === 'leaf' && sameContents(),
    sameMapping: before.kind !== after.kind && equalMapping(walker, path, entry, state.value, value),
  });
  if (step.finding) walker.notice({ kind: 'protocol', word, entry, finding: step.finding, ...earlierTlbi(path, word) });
  else if (step.state.flush?.cached.includes(state.value) && isValid(after))
    noticeSizeInPlace(walker, at, word, entry, state.value, value);
  setEntry(path, word, step.state);
  if (hasContiguous(before) || hasContiguous(after)) path.contiguous.set(word, at);
  if (after.kind === 'table' && level === 2 && isSplit(path, word, before))
    walker.notice({ kind: 'split', at, word, entry });
  if (step.state.flush?.since === at) noteIdleTlbi(path, entry, word, before);
  if (isValid(before) && !isValid(after)) openWindow(path, entry, word, state.value, at);
  const window = path.windows.get(word);
  if (isValid(after) && window) {
    walker.notice({ kind: 'window', window, makeAt: at, value, heldAtMake: path.held });
    path.windows.delete(word);
  }
  if (isValid(after) && !isValid(before)) path.madeUnder.set(word, path.held);
  path.drainedAt.delete(word);
  relink(walker, path, where, word, state.value, value);
  if (isValid(after)) noticeUnordered(walker, path, entry, word, value, at);
}

/**
 * A write of some bytes of an entry. The second one in a row, with the entry valid between the two, is noticed, and is
 * no change of its own.
 */
export function completesParts(
  walker: Walker,
  path: Path,
  where: { readonly table: bigint; readonly place: TablePlace },
  { at, word, value }: DescriptorWrite,
): boolean {
  const first = path.partlyWritten.get(word);
  path.partlyWritten.set(word, at);
  const state = path.entries.get(word);
  if (first === undefined || state === undefined || !isKnown(value)) return false;
  const entry = walker.tables.entryOf(where.place, where.table, word);
  if (!isValid(decodeDescriptor(entry.format, entry.place.level, state.value))) return false;
  walker.notice({ kind: 'partialWrite', word, entry, at: first, restAt: at });
  path.memory.set(word, value);
  setEntry(path, word, { ...state, value });
  return true;
}

/**
 * What an entry holds before its first write here. When others may have written it too nobody knows; a break then breaks
 * what was there at the start, and anything else is taken as right.
 */
function oldValue(walker: Walker, path: Path, entry: Entry, word: bigint, value: Word): bigint {
  const own = ownWord(walker, path, word);
  if (isKnown(own)) return own;
  const initial = walker.program.initialWord(word);
  const breaks = isKnown(value) && !isValid(decodeDescriptor(entry.format, entry.place.level, value));
  return breaks ? initial : isKnown(value) ? value : initial;
}

/** A TLBI that would have removed the old value, had it come after the change. */
function noteIdleTlbi(path: Path, entry: Entry, word: bigint, old: Descriptor): void {
  const cached = { table: old.kind === 'table', global: !(old.kind === 'leaf' && old.nG) };
  const idle = path.idleTlbis.findLast(({ reach }) => tlbiShortfall(reach, entry.place, cached) === undefined);
  if (idle) path.earlierTlbi.set(word, idle.at);
  else path.earlierTlbi.delete(word);
}

function earlierTlbi(path: Path, word: bigint): { readonly earlierTlbi?: CodeIndex } {
  const at = path.earlierTlbi.get(word);
  return at === undefined ? {} : { earlierTlbi: at };
}

function setEntry(path: Path, word: bigint, state: EntryState): void {
  path.entries.set(word, state);
  if (state.flush || state.unpublished) path.active.add(word);
  else path.active.delete(word);
}

/** A size that changes in place without a finding: allowed by FEAT_BBM level 2, with TLB conflict aborts. */
function noticeSizeInPlace(
  walker: Walker,
  at: CodeIndex,
  word: bigint,
  entry: Entry,
  old: bigint,
  value: bigint,
): void {
  const { bbm, format, place } = entry;
  const change = classifyChange(old, value, {
    format,
    level: place.level,
    stage: 1,
    bbm,
    hardwareDirty: entry.hardwareDirty,
    sameMapping: true,
  });
  const isSize = change.row === 'blockToTable' || change.row === 'tableToBlock';
  if (isSize && bbmNumber(bbm) < 3 && bbm !== '2-noabort')
    walker.notice({ kind: 'sizeInPlace', at, word, entry, change });
}

function openWindow(path: Path, entry: Entry, word: bigint, old: bigint, at: CodeIndex): void {
  path.windows.set(word, {
    word,
    entry,
    breakAt: at,
    old,
    heldAtBreak: path.held,
    released: [],
    othersWait: path.othersWait,
    ...(path.irqsMasked ? {} : { irqsOnAt: at }),
    ...(path.nmisMasked ? {} : { nmisOnAt: at }),
  });
}

/** Tables below a changed entry come and go with it. */
function relink(
  walker: Walker,
  path: Path,
  where: { readonly table: bigint; readonly place: TablePlace },
  word: bigint,
  old: bigint,
  value: bigint,
): void {
  const { format } = walker.tables;
  const { level } = where.place;
  if (level >= 3) return;
  const before = decodeDescriptor(format, level, old);
  const after = decodeDescriptor(format, level, value);
  if (before.kind === 'table') path.tables.set(before.nextTable, null);
  if (after.kind === 'table') path.tables.set(after.nextTable, placeBelow(walker, where, word));
}

/** An entry shows a page whose contents may still be on their way. */
function noticeUnordered(walker: Walker, path: Path, entry: Entry, word: bigint, value: bigint, at: CodeIndex): void {
  const descriptor = decodeDescriptor(entry.format, entry.place.level, value);
  const reach = reachOf(walker.tables, entry.place.level, descriptor);
  if (reach === undefined) return;
  for (const [page, contentsAt] of path.contents) {
    if (page < reach.first || page >= reach.end) continue;
    const shows = descriptor.kind === 'table' ? 'table' : 'leaf';
    walker.notice({ kind: 'unordered', word, entry, at, contentsAt, page, shows });
  }
}

/**
 * Whether two pages hold the same bytes, as far as this code knows; what it does not know is taken to be the same. Words
 * that nobody accesses in any page are left out, as copies of pages leave them out.
 */
function equalContents(walker: Walker, path: Path, entry: Entry, old: bigint, value: bigint): boolean {
  const { level } = entry.place;
  const from = decodeDescriptor(entry.format, level, old);
  const to = decodeDescriptor(entry.format, level, value);
  if (from.kind !== 'leaf' || to.kind !== 'leaf') return false;
  if (from.outputAddress === to.outputAddress) return true;
  // Larger leaves are never remapped read-only; saying that they differ is on the safe side.
  if (level !== 3) return false;
  walker.comparesPages = true;
  for (const offset of walker.offsets) {
    const a = ownWord(walker, path, from.outputAddress + offset);
    const b = ownWord(walker, path, to.outputAddress + offset);
    if (isKnown(a) && isKnown(b) && a !== b) return false;
  }
  return true;
}

/** Whether a block and a table map the same pages with the same attributes, by the entries that were filled in. */
function equalMapping(walker: Walker, path: Path, entry: Entry, old: bigint, value: bigint): boolean {
  const { level } = entry.place;
  const { granule } = walker.tables.shape;
  const descriptors = [old, value].map((raw) => decodeDescriptor(entry.format, level, raw));
  const block = descriptors.find((one) => one.kind === 'leaf');
  const table = descriptors.find((one) => one.kind === 'table');
  if (block?.kind !== 'leaf' || table?.kind !== 'table') return false;
  const below = (level + 1) as Level;
  let filled = 0;
  for (let i = 0; i < entriesPerTable(granule); i++) {
    const word = ownWord(walker, path, table.nextTable + BigInt(i) * descriptorBytes);
    if (!isKnown(word)) return true;
    // The library leaves out entries that nobody looks at.
    if (word === 0n) continue;
    filled++;
    const leaf = decodeDescriptor(entry.format, below, word);
    if (leaf.kind !== 'leaf' || leaf.outputAddress !== block.outputAddress + BigInt(i) * entrySpan(granule, below))
      return false;
    if (attributesOf(leaf.raw) !== attributesOf(block.raw)) return false;
  }
  return filled > 0;
}

/** Attribute bits that a block and a page share; not its address, type, nT, Contiguous and software bits. */
function attributesOf(raw: bigint): bigint {
  return raw & ~(((1n << 48n) - 1n) & ~0xfffn) & ~0b11n & ~(1n << 52n) & ~(0xfn << 55n);
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
  const waiting = () => [...path.active].map((word) => path.entries.get(word)?.flush?.done ?? -1).join();
  const before = waiting();
  stepActive(walker, path, { kind: 'tlbi', at, reach, cpu: walker.context.cpu });
  if (waiting() !== before) walker.usefulTlbis.add(at);
  else path.idleTlbis = [...path.idleTlbis, { at, reach }].slice(-MAX_IDLE_TLBIS);
}

/** A barrier, a TLBI or a lock event concerns every entry that waits for something. */
export function stepActive(walker: Walker, path: Path, event: EntryEvent): void {
  for (const word of [...path.active]) {
    const where = tableOf(walker, path, word) ?? unlinkedPlace(walker, word);
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

const hasContiguous = (one: Descriptor): boolean => one.kind === 'leaf' && one.contiguous;

/** Whether a table takes the place of something that was valid: of a block, or of what the code takes for one. */
function isSplit(path: Path, word: bigint, before: Descriptor): boolean {
  return isValid(before) || path.windows.has(word);
}

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
  for (const word of path.active) {
    const where = tableOf(walker, path, word) ?? unlinkedPlace(walker, word);
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

/** Whether what an entry mapped was freed, so that it is unmapped for good, or another code makes it valid. */
function isGivenAway(walker: Walker, path: Path, word: bigint, old: bigint): boolean {
  const where = tableOf(walker, path, word) ?? unlinkedPlace(walker, word);
  if (where === undefined) return true;
  const { level } = where.place;
  const made = walker.foreign.get(word);
  const isMade = (value: bigint) => isValid(decodeDescriptor(walker.tables.format, level, value));
  if (made === 'unknown' || made?.some(isMade)) return true;
  const reach = reachOf(walker.tables, level, decodeDescriptor(walker.tables.format, level, old));
  return reach === undefined || [...path.freed.keys()].some((page) => page >= reach.first && page < reach.end);
}
