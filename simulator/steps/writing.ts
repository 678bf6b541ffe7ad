/** The write of an access, and what exclusives and atomics ask of it. */

import { written } from '../machine/atomics';
import type { Compiled } from '../machine/code';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import { locationBit, type Machine } from '../machine/machine';
import type { AccessInstruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { addressOf, bytesOf, isStoreExclusive, olderSameWord } from './accessKind';
import { checkBreakBeforeMake } from './breakBeforeMake';
import { lookAtWritten } from './contiguous';
import { holdsAddress } from './holdsAddress';
import type { Order } from './order';
import { checkCopies } from './origin';
import { checkOverwriting } from './overwriting';
import { beforeLinking, forgetUnlinked } from './reachableTables';
import { noteTouch } from './reading';
import { resolve } from './step';
import { checkStrayEntry } from './strayEntry';

/** The value that an atomic or store of the window will write, or -1 while it is not known. */
export function valueToWrite(m: Machine, slot: number, c: Compiled): ValueId {
  const { w } = m;
  const operand = w[slot + SLOT.C] as number;
  if (operand < 0) return -1;
  const i = c.instruction as AccessInstruction;
  const bytes = bytesOf(c);
  if (i.access === 'store') {
    const value = m.values.truncate(operand, bytes);
    return isPartOfDescriptor(m, slot, c) ? withPart(m, slot, value, bytes) : value;
  }
  return written(m.values, i, w[slot + SLOT.READ_VALUE] as number, operand);
}

/** Whether an access stores a part of a descriptor: the walker reads all 64 bits, so the whole word changes. */
export function isPartOfDescriptor(m: Machine, slot: number, c: Compiled): boolean {
  const word = (m.w[slot + SLOT.PA] as number) - 1;
  return storesPart(c) && m.learned.cells.has(word);
}

/** The word that a store changes: of a part of a descriptor the whole one. */
export function wordToWrite(m: Machine, c: Compiled, physical: ValueId): ValueId {
  if (!storesPart(c)) return physical;
  const whole = m.values.of(m.values.get(physical) & ~7n);
  return m.learned.cells.has(whole) ? whole : physical;
}

function storesPart(c: Compiled): boolean {
  return bytesOf(c) < 8 && c.instruction.kind === 'access' && c.instruction.access === 'store' && !isStoreExclusive(c);
}

/** The descriptor as it is, with the bytes that the store at its address replaces. */
function withPart(m: Machine, slot: number, value: ValueId, bytes: number): ValueId {
  const shift = (m.values.get(addressOf(m, slot)) & 7n) * 8n;
  const mask = ((1n << BigInt(bytes * 8)) - 1n) << shift;
  const whole = m.values.get(m.current((m.w[slot + SLOT.PA] as number) - 1));
  return m.values.of((whole & ~mask) | ((m.values.get(value) << shift) & mask));
}

/** Whether the write of an access may happen now (store-exclusives may fail at any time all the same). */
export function writeReady(m: Machine, t: number, k: number, slot: number, c: Compiled, order: Order): boolean {
  const { w } = m;
  if (!m.flag(slot, FLAG.READ) || m.flag(slot, FLAG.WRITTEN)) return false;
  if (valueToWrite(m, slot, c) < 0 || !order.writeMayGo(c.release)) return false;
  if (olderSameWord(m, t, k, w[slot + SLOT.PA] as number)) return false;
  if (!c.reads) return true;
  const location = m.location((w[slot + SLOT.PA] as number) - 1);
  return location < 0 || !m.rules.atomicity || w[slot + SLOT.READ_INDEX] === m.historyLength(location);
}

/** Whether the store-exclusive's load-exclusive read what is still the current value. */
export function exclusiveHolds(m: Machine, t: number, slot: number): boolean {
  const { w } = m;
  const k = (w[slot + SLOT.EXCLUSIVE] as number) - 1;
  if (k < 0) return false;
  const load = m.slot(t, k);
  const flags = w[load + SLOT.FLAGS] as number;
  if (w[load + SLOT.KIND] !== ENTRY.ACCESS || (flags & FLAG.READ) === 0 || (flags & FLAG.FAULTED) !== 0) return false;
  if (w[load + SLOT.PA] !== w[slot + SLOT.PA]) return false;
  const location = m.location((w[slot + SLOT.PA] as number) - 1);
  return location < 0 || !m.rules.exclusivity || w[load + SLOT.READ_INDEX] === m.historyLength(location);
}

/**
 * Whether another CPU's atomic has read this word and still has to write it. It never can, now that its value is not the
 * last one: another branch of the exploration has the write before its read.
 */
export function breaksAtomic(m: Machine, t: number, word: number): boolean {
  if (!m.rules.atomicity) return false;
  for (let u = 0; u < m.layout.cpus; u++) {
    if (u === t) continue;
    for (let k = 0; k < m.count(u); k++) {
      const slot = m.slot(u, k);
      if (m.w[slot + SLOT.KIND] !== ENTRY.ACCESS || m.w[slot + SLOT.PA] !== word) continue;
      if (isHalfDone(m, u, slot)) return true;
    }
  }
  return false;
}

/** Whether an access is an atomic that has read and still has to write. */
export function isHalfDone(m: Machine, t: number, slot: number): boolean {
  if (((m.w[slot + SLOT.FLAGS] as number) & (FLAG.READ | FLAG.WRITTEN | FLAG.FAULTED)) !== FLAG.READ) return false;
  const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
  return c.reads && c.writes;
}

export function write(m: Machine, t: number, k: number, slot: number, c: Compiled): void {
  const { w } = m;
  const word = w[slot + SLOT.PA] as number;
  const value = valueToWrite(m, slot, c);
  m.journal?.push({ what: 'write', cpu: t, at: w[slot + SLOT.IP] as number, word: word - 1, value });
  noteTouch(m, slot);
  if (m.program.tables !== undefined)
    m.learned.noteStored(m.footprint(t, w[slot + SLOT.IP] as number), word - 1, value);
  if (m.program.switches.conflictsHappen) lookAtWritten(m, word - 1, value);
  // Whether a copy is as new as what it was made from is asked when it is shown.
  if (m.values.sourceOf(value) !== undefined) m.learned.observe(word - 1);
  const location = m.location(word - 1);
  for (const page of m.learned.suspects.keys()) if (holdsAddress(m, value, page)) m.learned.observe(word - 1);
  if (location >= 0) {
    const reached = m.rules.unlinkedIsNotCached ? beforeLinking(m, word - 1, value) : undefined;
    const before = m.values.plain(m.last(location));
    m.append(location, value);
    if (reached !== undefined) {
      m.looksAbroad = true;
      forgetUnlinked(m, reached);
    }
    m.written |= locationBit(location);
    if (m.dropped) return;
    if (breaksAtomic(m, t, word)) {
      m.looksAbroad = true;
      m.dropped = true;
      return;
    }
    checkBreakBeforeMake(m, t, c, location);
    checkCopies(m, t, c, w[slot + SLOT.IP] as number, location);
    checkOverwriting(m, t, c, slot, word - 1, before, value);
  }
  checkStrayEntry(m, t, c, word - 1);
  m.setFlag(slot, FLAG.WRITTEN);
  if (isStoreExclusive(c)) {
    w[slot + SLOT.EXCLUSIVE] = 0;
    resolve(m, t, k, 0);
  }
  const index = location >= 0 ? m.historyLength(location) : 0;
  for (let j = k + 1; j < m.count(t); j++) {
    const younger = m.slot(t, j);
    if (w[younger + SLOT.KIND] !== ENTRY.ACCESS || w[younger + SLOT.FORWARD] !== k + 1) continue;
    w[younger + SLOT.READ_INDEX] = index;
    w[younger + SLOT.FORWARD] = 0;
  }
}
