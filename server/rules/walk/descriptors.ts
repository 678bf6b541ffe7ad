/** Writes to translation table entries in a walk. */

import { type Descriptor, decodeDescriptor, type LeafDescriptor } from '../../../simulator/machine/descriptor';
import { bbmNumber, classifyChange, isValid } from '../../../simulator/machine/descriptorChange';
import { type Entry, settledEntry, stepEntry } from '../../../simulator/machine/entryProtocol';
import type { CodeIndex } from '../../../simulator/machine/program';
import { tlbiShortfall } from '../../../simulator/machine/tlbiReach';
import { noticeContents } from './contents';
import { setEntry } from './flushing';
import { noticeUnmarked } from './marks';
import { ownWord, placeBelow } from './memory';
import { noticeFreedTarget } from './pages';
import type { Path } from './path';
import { noticePagesLeft } from './replacedTable';
import { equalContents, equalMapping } from './samePages';
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
  const olds = [state.value, ...(state.flush?.cached ?? [])];
  const step = stepEntry(entry, state, {
    kind: 'write',
    at,
    cpu: walker.context.cpu,
    value,
    compared,
    sameContents: all(olds, (old) => equalContents(walker, path, entry, old, value)),
    sameMapping: all(olds, (old) => equalMapping(walker, path, entry, old, value)),
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
  const replaced = isValid(before) ? state.value : window?.old;
  path.wroteAt.set(word, at);
  if (isValid(after) && replaced !== undefined && step.finding?.kind !== 'noBreak') {
    noticeContents(walker, path, { word, entry, old: replaced, value, at });
    noticeUnmarked(walker, path, { word, entry, old: replaced, value, at });
  }
  if (after.kind === 'leaf' && !after.af && walker.program.cpus.some((cpu) => !cpu.hardwareAccessFlag))
    walker.notice({ kind: 'accessFlagClear', word, entry, at });
  if (after.kind === 'leaf' && step.finding === undefined && isOtherwise(walker, after))
    walker.notice({ kind: 'otherAttributes', word, entry, at, value });
  if (after.kind === 'leaf' && window && step.finding === undefined) noticePagesLeft(walker, path, window, at);
  if (isValid(after) && window) {
    walker.notice({ kind: 'window', window, makeAt: at, value, heldAtMake: path.held });
    path.windows.delete(word);
  }
  if (isValid(after) && !isValid(before)) path.madeUnder.set(word, path.held);
  path.drainedAt.delete(word);
  relink(walker, path, where, word, state.value, value);
  if (isValid(after)) noticeUnordered(walker, path, entry, word, value, at);
  if (isValid(after)) noticeFreedTarget(walker, path, entry, { word, value, at });
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

/** AttrIndx 0 and 1 are Normal, write-back; 0b11 is inner shareable. All memory has this in the linear map. */
function isOtherwise(walker: Walker, { attrIndex, sh, outputAddress }: LeafDescriptor): boolean {
  if (attrIndex <= 1 && sh === 3) return false;
  return walker.program.translation.direct.some(
    (one) => outputAddress >= one.physicalBase && outputAddress < one.physicalBase + one.bytes,
  );
}

/** Whether everything that TLBs may hold agrees with the new value, of those that can be compared with it. */
function all(olds: readonly bigint[], agrees: (old: bigint) => boolean | undefined): boolean {
  const answers = olds.map(agrees).filter((one) => one !== undefined);
  return answers.length > 0 && !answers.includes(false);
}

/** A size that changes in place without a finding: allowed by FEAT_BBM level 1 or 2, with TLB conflict aborts. */
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
  const isSize = change.row === 'blockToTable' || change.row === 'tableToBlock' || change.row === 'contiguous';
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
    flushed: [],
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

export const hasContiguous = (one: Descriptor): boolean => one.kind === 'leaf' && one.contiguous;

/** Whether a table takes the place of something that was valid: of a block, or of what the code takes for one. */
function isSplit(path: Path, word: bigint, before: Descriptor): boolean {
  return isValid(before) || path.windows.has(word);
}

export function earlierTlbi(path: Path, word: bigint): { readonly earlierTlbi?: CodeIndex } {
  const at = path.earlierTlbi.get(word);
  return at === undefined ? {} : { earlierTlbi: at };
}
