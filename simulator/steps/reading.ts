/** The read of an access: from memory, or forwarded from an older store of its own CPU. */

import type { Compiled } from '../machine/code';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import { FRAME, type Machine } from '../machine/machine';
import type { WaitInstruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { bytesOf, isStoreExclusive, readDone } from './accessKind';
import { isUninitialised, movedFrom } from './origin';
import { forgetSnapshot } from './spin';
import { resolve } from './step';
import { currentPhysical } from './walk';
import { isPartOfDescriptor, valueToWrite } from './writing';

/** The nearest older store of the window to the same word that is not in memory yet, or -1. */
function forwardingStore(m: Machine, t: number, k: number, physicalWord: number): number {
  for (let j = m.rules.forwarding ? k - 1 : -1; j >= 0; j--) {
    const older = m.slot(t, j);
    if (m.w[older + SLOT.KIND] !== ENTRY.ACCESS || m.w[older + SLOT.PA] !== physicalWord) continue;
    const flags = m.w[older + SLOT.FLAGS] as number;
    if ((flags & (FLAG.FAULTED | FLAG.WRITTEN)) === 0) return j;
  }
  return -1;
}

/** What a read would return now: the value, or -1 when it must wait for an older store of its own CPU. */
function valueToRead(m: Machine, t: number, k: number, slot: number): { value: ValueId; forward: number } {
  const word = m.w[slot + SLOT.PA] as number;
  const j = forwardingStore(m, t, k, word);
  if (j < 0) return { value: m.current(word - 1), forward: 0 };
  const older = m.slot(t, j);
  const c = m.compiled(t, m.w[older + SLOT.IP] as number);
  if (isStoreExclusive(c) || isPartOfDescriptor(m, older, c)) return { value: -1, forward: 0 };
  if (c.reads && !m.flag(older, FLAG.READ)) return { value: -1, forward: 0 };
  return { value: valueToWrite(m, older, c), forward: j + 1 };
}

/** Reads. False when it cannot be done now; drops the branch when a younger read has seen an older value (coRR). */
export function read(m: Machine, t: number, k: number, slot: number, c: Compiled): boolean {
  const { w } = m;
  const { value: held, forward } = valueToRead(m, t, k, slot);
  if (held < 0) return false;
  const isCompareAndSwap = c.instruction.kind === 'access' && c.instruction.operation === 'compareAndSwap';
  if (isCompareAndSwap && (w[slot + SLOT.D] as number) < 0) return false;
  const word = w[slot + SLOT.PA] as number;
  const value = m.values.truncate(c.moves ? movedFrom(m, word - 1, held) : m.values.plain(held), bytesOf(c));
  if (c.instruction.kind === 'wait' && !waitHolds(m, slot, c.instruction, value)) return false;
  const location = m.location(word - 1);
  if (location >= 0 && m.rules.coherentReads) {
    const last = m.historyLength(location);
    for (let j = k + 1; j < m.count(t); j++) {
      const younger = m.slot(t, j);
      if (w[younger + SLOT.KIND] !== ENTRY.ACCESS || w[younger + SLOT.PA] !== word || !readDone(m, t, younger))
        continue;
      if (w[younger + SLOT.FORWARD] !== 0 && w[younger + SLOT.READ_INDEX] === 0) continue;
      if (w[younger + SLOT.READ_INDEX] !== last) {
        m.dropped = true;
        return true;
      }
    }
  }
  m.setFlag(slot, FLAG.READ);
  if (c.spins) forgetSnapshot(m, t, slot);
  m.journal?.push({ what: 'read', cpu: t, at: w[slot + SLOT.IP] as number, word: word - 1, value });
  w[slot + SLOT.READ_VALUE] = value;
  w[slot + SLOT.READ_INDEX] = forward === 0 && location >= 0 ? m.historyLength(location) : 0;
  w[slot + SLOT.FORWARD] = forward;
  noteTouch(m, slot, m.values.plain(value));
  if (!c.moves && m.rules.uninitialisedReads && isUninitialised(m, c, word - 1, held))
    m.setFlag(slot, isOfOldOwner(m, slot) ? FLAG.FREED : FLAG.UNINITIALISED);
  if (isCompareAndSwap) {
    if (value !== m.values.truncate(w[slot + SLOT.D] as number, bytesOf(c))) m.setFlag(slot, FLAG.WRITTEN);
    else if (m.flag(slot, FLAG.MUST_FAIL)) m.dropped = true;
  }
  if (c.destination >= 0 && !isStoreExclusive(c)) resolve(m, t, k, value);
  return true;
}

function waitHolds(m: Machine, slot: number, i: WaitInstruction, value: ValueId): boolean {
  const operand = m.w[slot + SLOT.C] as number;
  return operand >= 0 && (value === operand) === (i.comparison === 'equal');
}

export function canRead(m: Machine, t: number, k: number, slot: number, c: Compiled): boolean {
  const { value: held } = valueToRead(m, t, k, slot);
  if (held < 0) return false;
  const value = m.values.plain(held);
  const i = c.instruction;
  if (i.kind === 'wait') return waitHolds(m, slot, i, m.values.truncate(value, i.bytes));
  return !(i.kind === 'access' && i.operation === 'compareAndSwap' && (m.w[slot + SLOT.D] as number) < 0);
}

/**
 * Notes, at the moment of the access itself, whether its translation has been replaced and whether its page is free. A
 * read (of `value`) that the new translation would have given too is no stale one.
 */
export function noteTouch(m: Machine, slot: number, value?: ValueId): void {
  const physical = (m.w[slot + SLOT.PA] as number) - 1;
  let stale = false;
  if (m.flag(slot, FLAG.TRANSLATED)) {
    const now = currentPhysical(m, (m.w[slot + SLOT.VA] as number) - 1);
    stale = now >= 0 && now !== physical;
    if (stale) m.learned.observe(now);
    if (stale && m.rules.staleAccess && showsIn(m, value, now)) m.setFlag(slot, FLAG.STALE);
  }
  if (m.layout.frameCount === 0 || !m.rules.useAfterFree) return;
  const frame = m.frameWord(m.frameOfWord(physical));
  if (frame < 0) return;
  const state = m.w[frame];
  if (state === FRAME.FREE || ((state === FRAME.REUSED || state === FRAME.ZEROED) && stale))
    m.setFlag(slot, FLAG.FREED);
}

/** Whether a page that its new owner has not written yet is reached by a translation from before. */
function isOfOldOwner(m: Machine, slot: number): boolean {
  const physical = (m.w[slot + SLOT.PA] as number) - 1;
  return (
    m.rules.useAfterFree &&
    m.flag(slot, FLAG.TRANSLATED) &&
    currentPhysical(m, (m.w[slot + SLOT.VA] as number) - 1) !== physical
  );
}

/** Whether a write, or a read of a value, is told apart from one of another word. */
function showsIn(m: Machine, value: ValueId | undefined, word: ValueId): boolean {
  return value === undefined || !m.rules.staleShowsInValue || m.values.plain(m.current(word)) !== value;
}
