/** What stands in the page that an entry comes to show: nothing yet, an old copy, a head's struct pages, other attributes. */

import { type Descriptor, decodeDescriptor, type LeafDescriptor } from '../../../simulator/machine/descriptor';
import { isValid } from '../../../simulator/machine/descriptorChange';
import type { Entry } from '../../../simulator/machine/entryProtocol';
import { descriptorBytes, entriesPerTable, entrySpan, type Level } from '../../../simulator/machine/granule';
import type { CodeIndex } from '../../../simulator/machine/program';
import { headAt, tailAt } from './landmarks';
import { knownWord } from './memory';
import { mappingOf } from './pages';
import type { Path } from './path';
import type { Walker } from './walker';

/** An entry that was valid, and the new value that it gets now. */
export interface Shown {
  readonly word: bigint;
  readonly entry: Entry;
  readonly old: bigint;
  readonly value: bigint;
  readonly at: CodeIndex;
}

/** A live entry shows another page, or another table, from now on. */
export function noticeContents(walker: Walker, path: Path, shown: Shown): void {
  const { level } = shown.entry.place;
  const before = decodeDescriptor(shown.entry.format, level, shown.old);
  const after = decodeDescriptor(shown.entry.format, level, shown.value);
  if (after.kind === 'table' && before.kind === 'leaf') noticeTable(walker, path, shown, before, after.nextTable);
  if (after.kind !== 'leaf' || before.kind !== 'leaf' || level !== 3) return;
  const pages = { from: before.outputAddress, to: after.outputAddress };
  if (pages.from === pages.to) return;
  noticeEmptyPage(walker, path, shown, pages.to);
  noticeOldCopy(walker, path, shown, pages.from, pages.to);
  noticeHeadInTail(walker, path, shown, pages.to);
  noticeOtherPages(walker, path, shown, pages.to);
}

/** A page of a huge page's struct pages comes to show those of somebody else, and nobody has freed them before. */
function noticeOtherPages(walker: Walker, path: Path, { word, entry, at }: Shown, page: bigint): void {
  const { landmarks } = walker;
  const { first } = entry.place;
  const own = headAt(landmarks, first) ?? tailAt(landmarks, first);
  const shown = landmarks.shownAt(page);
  if (own === undefined || shown === undefined || path.freed.has(page) || path.taken.has(page)) return;
  if (shown >= own.head && shown < own.end) return;
  const other = headAt(landmarks, shown) ?? tailAt(landmarks, shown);
  walker.notice({ kind: 'otherPages', word, entry, at, own: own.name, ...(other ? { other: other.name } : {}) });
}

/** Nothing was written to the page since it was allocated, or nothing but zeroes that are no head, though somebody looks at struct pages. */
function noticeEmptyPage(walker: Walker, path: Path, { word, entry, at }: Shown, page: bigint): void {
  const since = path.allocated.get(page);
  if (since === undefined) return;
  walker.comparesPages = true;
  if (walker.offsets.size === 0 || storedIn(walker, path, page).length > 0) return;
  const allocation = walker.context.code.code[since];
  const isZeroed = allocation?.kind === 'allocate' && allocation.zeroes === true;
  if (isZeroed && headAt(walker.landmarks, entry.place.first) === undefined) return;
  const breakAt = path.windows.get(word)?.breakAt;
  const broken = breakAt === undefined ? {} : { breakAt };
  walker.notice({ kind: 'unfilled', word, entry, at, since, page, shows: 'leaf', isZeroed, ...broken });
}

/** Words of a page that this way has stored, those that were stored last behind the others. */
function storedIn(walker: Walker, path: Path, page: bigint): readonly bigint[] {
  const end = page + walker.tables.pageBytes;
  return [...path.stored.keys()].filter((word) => word >= page && word < end);
}

/** The page that goes away was written after it was copied: the new one does not know. */
function noticeOldCopy(walker: Walker, path: Path, { word, entry, at }: Shown, from: bigint, to: bigint): void {
  const copied = storedIn(walker, path, to);
  if (!path.allocated.has(to) || copied.length === 0 || mappingOf(walker, path, from) !== undefined) return;
  const order = [...path.stored.keys()];
  for (const source of storedIn(walker, path, from)) {
    const target = to + (source - from);
    const [was, is] = [knownWord(walker, path, source), knownWord(walker, path, target)];
    if (was === undefined || is === undefined || was === is) continue;
    const written = order.indexOf(source);
    // A copy that was changed on purpose was stored behind what it was made from.
    if (!copied.some((one) => order.indexOf(one) < written) || order.indexOf(target) > written) continue;
    const [storedAt, copiedAt] = [path.stored.get(source), path.stored.get(copied[0] as bigint)];
    if (storedAt === undefined || copiedAt === undefined) continue;
    walker.notice({ kind: 'oldCopy', word, entry, at: storedAt, copiedAt, makeAt: at });
    return;
  }
}

/** Bits of the first words of a struct page: PG_head in `flags`, and the mark of a tail in `compound_head`. */
const headFlag = 1n << 6n;
const tailMark = 1n;
const structPageBytes = 64n;

/** A page of tails whose first struct page is a head's, or is no tail's. */
function noticeHeadInTail(walker: Walker, path: Path, { word, entry, at }: Shown, page: bigint): void {
  if (tailAt(walker.landmarks, entry.place.first) === undefined || !path.taken.has(page)) return;
  for (let struct = page; struct < page + 3n * structPageBytes; struct += structPageBytes) {
    const flagsAt = path.stored.get(struct);
    const compoundAt = path.stored.get(struct + 8n);
    const flags = knownWord(walker, path, struct);
    const compound = knownWord(walker, path, struct + 8n);
    const isHead = flagsAt !== undefined && flags !== undefined && (flags & headFlag) !== 0n;
    const isNoTail = compoundAt !== undefined && compound !== undefined && (compound & tailMark) === 0n;
    if (!isHead && !isNoTail) continue;
    walker.notice({ kind: 'headInTail', word, entry, at, storedAt: (isHead ? flagsAt : compoundAt) as CodeIndex });
    return;
  }
}

/** A table takes a block's place: it has entries, and what they map is what the block mapped. */
function noticeTable(walker: Walker, path: Path, shown: Shown, block: LeafDescriptor, table: bigint): void {
  const { word, entry, at } = shown;
  const { granule } = walker.tables.shape;
  const below = (entry.place.level + 1) as Level;
  const span = entrySpan(granule, below);
  let isEmpty = true;
  for (let i = 0; i < entriesPerTable(granule); i++) {
    const slot = table + BigInt(i) * descriptorBytes;
    const value = knownWord(walker, path, slot);
    if (value === undefined) return;
    const leaf = decodeDescriptor(entry.format, below, value);
    if (!isValid(leaf)) continue;
    isEmpty = false;
    const offset = BigInt(i) * span;
    const what = leaf.kind === 'leaf' ? differs(walker, entry, block, leaf, offset) : undefined;
    if (what === undefined) continue;
    const filledAt = path.stored.get(slot);
    walker.notice({ kind: 'tableDiffers', word, entry, at, what, ...(filledAt === undefined ? {} : { filledAt }) });
    return;
  }
  if (isEmpty) walker.notice({ kind: 'unfilled', word, entry, at, page: table, shows: 'table' });
}

export type TableDifference = 'address' | 'readOnly' | 'memoryType' | 'executable' | 'global';

/** Attributes that a block and the pages in its place share, lest somebody finds them changed. */
function differs(
  walker: Walker,
  entry: Entry,
  block: LeafDescriptor,
  leaf: LeafDescriptor,
  offset: bigint,
): TableDifference | undefined {
  if (leaf.attrIndex !== block.attrIndex || leaf.sh !== block.sh) return 'memoryType';
  if (leaf.pxn !== block.pxn || leaf.uxn !== block.uxn) return 'executable';
  if (leaf.nG !== block.nG) return 'global';
  const isTail = tailAt(walker.landmarks, entry.place.first + offset) !== undefined;
  // Tails may be remapped, and become read-only, in the same step.
  if (isTail && !isWritable(entry, leaf)) return undefined;
  if (isMisplaced(walker, entry, block, leaf, offset)) return 'address';
  if (!isTail && isWritable(entry, block) && !isWritable(entry, leaf)) return 'readOnly';
  return undefined;
}

/** The entry leads to a page that the block maps elsewhere. A page of another place, such as a copy, may be meant. */
function isMisplaced(
  { tables, landmarks }: Walker,
  { place }: Entry,
  { outputAddress }: LeafDescriptor,
  leaf: LeafDescriptor,
  offset: bigint,
): boolean {
  const from = leaf.outputAddress - outputAddress;
  if (from === offset || from < 0n || from >= entrySpan(tables.shape.granule, place.level)) return false;
  const tail = tailAt(landmarks, place.first + offset);
  // The page of the head is what HVO maps tails to; a rule of its own asks that they be read-only.
  return tail === undefined || from !== tail.head - place.first;
}

/** A store through the entry goes through; the hardware may have to manage the dirty state for that. */
export function isWritable({ hardwareDirty }: Entry, one: Descriptor): boolean {
  return one.kind === 'leaf' && ((one.ap & 2) === 0 || (one.dbm && hardwareDirty));
}
