/** Loads, stores and atomics in a walk. One of them may give several ways: what it reads may be another code's store. */

import { assert } from '../../../simulator/machine/assert';
import { keepsOld } from '../../../simulator/machine/atomics';
import { decodeDescriptor } from '../../../simulator/machine/descriptor';
import type { AccessInstruction, CodeIndex, Operand } from '../../../simulator/machine/program';
import { isWritable } from './contents';
import { completesParts, writeDescriptor } from './descriptors';
import { unpublishedAt } from './flushing';
import { noteLook, noteRead } from './hook';
import { noteMark, noticeStoreBeforeFlush } from './marks';
import { foreignValues, knownWord, mergedWord, readBytes, tableOf, translate, type Visited } from './memory';
import { noteEntryRead, noteEntryStore } from './overwrites';
import type { Path } from './path';
import { noteStrayEntry } from './strayEntry';
import type { Walker } from './walker';
import { isKnown, MASK64, type Word } from './word';

export function operandWord(path: Path, operand: Operand | undefined): Word {
  if (operand === undefined) return 0n;
  if (operand.kind === 'value') return operand.value & MASK64;
  return path.resolve(path.registers.get(operand.register) ?? 0n);
}

/** Executes an access. The ways that come out stand at the next instruction, or at the fix-up. */
export function access(walker: Walker, path: Path, i: AccessInstruction): readonly Path[] {
  const address = walker.symbols.compute('add', [operandWord(path, i.base), operandWord(path, i.offset)]);
  if (!isKnown(address)) return [unknownAccess(walker, path, i)];
  const translated = translate(walker, path, address);
  const { at } = path;
  if (translated.kind !== 'physical' || !translated.direct) noticeTouch(walker, path, i, address);
  switch (translated.kind) {
    case 'unknown':
      return [unknownAccess(walker, path, i)];
    case 'fault': {
      const window = path.windows.get((translated.visited.at(-1) as Visited).word);
      if (i.fixup !== undefined) return [to(path, i.fixup)];
      if (window) walker.notice({ kind: 'ownWindow', window, at, address, held: path.held });
      return [unknownAccess(walker, path, i)];
    }
    case 'physical': {
      noticeUnpublished(walker, path, translated.visited, at);
      if (i.access !== 'load') noticeReadOnly(walker, path, translated.visited, at);
      const ways = branchOnForeign(walker, path, i, translated.address);
      return ways.flatMap((way) => accessPhysical(walker, way, i, translated.address, translated.direct));
    }
  }
}

function to(path: Path, at: CodeIndex): Path {
  path.at = at;
  return path;
}

/** Nothing is known of where it goes: what is read is unknown, and what is written is forgotten. */
function unknownAccess(walker: Walker, path: Path, i: AccessInstruction): Path {
  if (i.destination !== undefined) {
    const value = walker.symbols.fresh();
    path.registers.set(i.destination, value);
    noteLook(walker, path, path.at, value);
  }
  if (i.status !== undefined) path.registers.set(i.status, 0n);
  return to(path, path.at + 1);
}

function noticeTouch(walker: Walker, path: Path, i: AccessInstruction, address: bigint): void {
  const { held, irqsMasked, at } = path;
  if (i.fixup === undefined) walker.noticeTouch({ at, address, write: i.access !== 'load', held, irqsMasked });
}

/** The code uses an entry that it made valid itself, before the barriers that make it usable. */
function noticeUnpublished(walker: Walker, path: Path, visited: readonly Visited[], at: CodeIndex): void {
  for (const { word } of visited) {
    const unpublished = unpublishedAt(path, word);
    const where = unpublished && tableOf(walker, path, word);
    if (!unpublished || !where) continue;
    const entry = walker.tables.entryOf(where.place, where.table, word);
    walker.notice({ kind: 'unpublished', word, entry, ...unpublished, at, because: 'access' });
  }
}

/** A write to a page that is read-only, and that nobody else makes writable. */
function noticeReadOnly(walker: Walker, path: Path, visited: readonly Visited[], at: CodeIndex): void {
  const last = visited.at(-1);
  const where = last && tableOf(walker, path, last.word);
  if (last === undefined || where === undefined || visited.some(({ word }) => walker.foreign.has(word))) return;
  const value = knownWord(walker, path, last.word);
  if (value === undefined) return;
  const { word } = last;
  const entry = walker.tables.entryOf(where.place, where.table, word);
  const leaf = decodeDescriptor(entry.format, entry.place.level, value);
  if (leaf.kind !== 'leaf' || isWritable(entry, leaf)) return;
  const since = path.wroteAt.get(word);
  walker.notice({ kind: 'readOnlyWrite', word, entry, at, ...(since === undefined ? {} : { since }) });
}

/** One way in which nobody has interfered, and one for each other value that another code may have stored. */
function branchOnForeign(walker: Walker, path: Path, i: AccessInstruction, physical: bigint): readonly Path[] {
  if (i.access === 'store') return [path];
  const word = physical & ~7n;
  const values = foreignValues(walker, path, word);
  const others = values === 'unknown' ? [walker.symbols.fresh()] : values;
  return [
    path,
    ...others.map((value) => {
      const way = path.fork(path.at);
      way.guessed = true;
      way.memory.set(word, value);
      way.entries.delete(word);
      way.active.delete(word);
      way.windows.delete(word);
      return way;
    }),
  ];
}

function accessPhysical(
  walker: Walker,
  path: Path,
  i: AccessInstruction,
  physical: bigint,
  direct: boolean,
): readonly Path[] {
  const { at } = path;
  if (i.access !== 'store') walker.reads.add(physical & ~7n);
  noticeFreed(walker, path, physical, at);
  if (direct && i.access !== 'store' && i.moves !== true) noticeUnwritten(walker, path, physical, at);
  if (i.access === 'load') {
    const value = readBytes(walker, path, physical, i.bytes);
    // What is read stays what is known of the word, so that the same question gets the same answer.
    if (i.destination !== undefined) path.registers.set(i.destination, value);
    noteLook(walker, path, at, value, physical & ~7n);
    if (i.bytes === 8) noteEntryRead(walker, path, physical, at);
    return [to(path, at + 1)];
  }
  const operand = operandWord(path, i.value);
  if (i.access === 'store') {
    store(walker, path, i, physical, operand, direct, false);
    if (i.status !== undefined) path.registers.set(i.status, 0n);
    return [to(path, at + 1)];
  }
  return atomic(walker, path, i, physical, operand, direct);
}

function atomic(
  walker: Walker,
  path: Path,
  i: AccessInstruction,
  physical: bigint,
  operand: Word,
  direct: boolean,
): readonly Path[] {
  const { at } = path;
  const old = readBytes(walker, path, physical, i.bytes);
  noteLook(walker, path, at, old, physical & ~7n);
  if (i.bytes === 8 && i.overwrites === undefined) noteEntryRead(walker, path, physical, at);
  if (i.destination !== undefined) path.registers.set(i.destination, old);
  assert(i.operation !== undefined, 'an atomic has an operation');
  if (i.operation !== 'compareAndSwap') {
    store(walker, path, i, physical, changed(walker, i.operation, old, operand, i.bytes), direct, false);
    return [to(path, at + 1)];
  }
  const compare = operandWord(path, i.compare);
  const equal = path.resolve(walker.symbols.compute('equal', [old, compare]));
  const ways: Path[] = [];
  if (equal !== 1n) ways.push(isKnown(equal) ? to(path, at + 1) : path.fork(at + 1));
  if (equal !== 0n) {
    if (!isKnown(old) && isKnown(compare)) path.facts.set(old, compare);
    if (!isKnown(equal)) path.facts.set(equal, 1n);
    store(walker, path, i, physical, operand, direct, true);
    ways.push(to(path, at + 1));
  }
  return ways;
}

function changed(
  walker: Walker,
  operation: Exclude<NonNullable<AccessInstruction['operation']>, 'compareAndSwap'>,
  old: Word,
  operand: Word,
  bytes: number,
): Word {
  switch (operation) {
    case 'swap':
      return operand;
    case 'add':
      return walker.symbols.compute('add', [old, operand]);
    case 'set':
      return walker.symbols.compute('or', [old, operand]);
    case 'clear':
      return walker.symbols.compute('bitClear', [old, operand]);
    case 'exclusiveOr':
      return walker.symbols.compute('exclusiveOr', [old, operand]);
    default:
      if (!isKnown(old) || !isKnown(operand)) return walker.symbols.fresh();
      return keepsOld(operation, old, operand, bytes) ? old : operand;
  }
}

function store(
  walker: Walker,
  path: Path,
  i: AccessInstruction,
  physical: bigint,
  operand: Word,
  direct: boolean,
  compared: boolean,
): void {
  const { at } = path;
  const word = physical & ~7n;
  const value = path.resolve(mergedWord(walker, path, physical, i.bytes, operand));
  walker.noticeStore(word, value);
  noteHandedOn(walker, path, value);
  if (i.release) path.contents.clear();
  const where = tableOf(walker, path, word);
  if (!where) noteStrayEntry(walker, path, i, at, word);
  if (where) {
    noteEntryStore(walker, path, i, { at, word, value });
    if (i.bytes === 8) path.partlyWritten.delete(word);
    else if (completesParts(walker, path, where, { at, word, value, compared })) return;
    writeDescriptor(walker, path, where, { at, word, value, compared });
    return;
  }
  const before = knownWord(walker, path, word);
  path.memory.set(word, value);
  path.stored.delete(word);
  path.stored.set(word, at);
  noteMark(walker, path, { at, word, before, value });
  noticeStoreBeforeFlush(walker, path, at, word);
  if (direct) path.contents.set(word & ~(walker.tables.pageBytes - 1n), at);
}

/** An allocated page whose address is stored somewhere is somebody's: an entry's, a list's, another CPU's. */
function noteHandedOn(walker: Walker, path: Path, value: Word): void {
  if (!isKnown(value)) return;
  for (const page of path.allocated.keys()) {
    const offset = walker.tables.pageBytes - 1n;
    const isPointer = walker.program.translation.direct.some(
      ({ virtualBase, physicalBase }) => (value & ~offset) === page - physicalBase + virtualBase,
    );
    if (isPointer || (value & ((1n << 48n) - 1n) & ~offset) === page) path.handedOn.add(page);
  }
}

/** What this way has allocated without zeroes is read before anybody has written it. */
function noticeUnwritten(walker: Walker, path: Path, physical: bigint, at: CodeIndex): void {
  const page = physical & ~(walker.tables.pageBytes - 1n);
  const since = path.allocated.get(page);
  const word = physical & ~7n;
  if (since === undefined || path.memory.has(word) || walker.foreign.has(word)) return;
  if (isFilled(walker, path, page, word)) return;
  const allocation = walker.context.code.code[since];
  if (allocation?.kind === 'allocate' && !allocation.zeroes) walker.notice({ kind: 'unwrittenRead', at, page, since });
}

/** A copy or clear of the page is about the word too, and says nothing of it, since the text does not name it. */
function isFilled(walker: Walker, path: Path, page: bigint, word: bigint): boolean {
  for (const [stored, at] of path.stored) {
    if (stored < page || stored >= page + walker.tables.pageBytes) continue;
    const i = walker.context.code.code[at];
    if (i?.kind === 'access' && i.fills !== undefined && word - page < i.fills.bytes) return true;
  }
  return false;
}

function noticeFreed(walker: Walker, path: Path, physical: bigint, at: CodeIndex): void {
  const page = physical & ~(walker.tables.pageBytes - 1n);
  const freedAt = path.freed.get(page);
  if (freedAt !== undefined) walker.notice({ kind: 'useAfterFree', at, page, freedAt });
}

/** Waits until a word has, or no longer has, a value: when only another CPU can bring that about, it has. */
export function waitFor(
  walker: Walker,
  path: Path,
  address: Word,
  bytes: number,
  comparison: 'equal' | 'notEqual',
  value: Word,
): readonly Path[] {
  if (path.sent) path.othersWait = true;
  const { at } = path;
  const translated = isKnown(address) ? translate(walker, path, address) : undefined;
  noteRead(walker, path, translated?.kind === 'physical' ? translated.address & ~7n : undefined);
  if (translated?.kind !== 'physical') return [to(path, at + 1)];
  const physical = translated.address;
  walker.reads.add(physical & ~7n);
  const now = readBytes(walker, path, physical, bytes);
  const equal = path.resolve(walker.symbols.compute('equal', [now, value]));
  if (isKnown(equal) && (equal === 1n) === (comparison === 'equal')) return [to(path, at + 1)];
  const word = physical & ~7n;
  if (isKnown(now) && !walker.foreign.has(word)) return [];
  path.waited = true;
  const next = comparison === 'equal' ? value : walker.symbols.fresh();
  path.memory.set(word, mergedWord(walker, path, physical, bytes, next));
  return [to(path, at + 1)];
}
