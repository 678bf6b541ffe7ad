/** Locks: an acquire is one atomic step when the lock is free, a release is a store-release. */

import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import { type Machine, SHARED } from '../machine/machine';
import type { LockId, LockInstruction, UnlockInstruction } from '../machine/program';
import { EFFECT } from './choices';
import { isAtomic, isPreemptionOff, MASK } from './exception';
import {
  acquisitionAt,
  faultOrigin,
  holds,
  holdsInProgramOrder,
  inReadSection,
  rereadWord,
  timesHeld,
} from './holding';
import { isAwaited, mayQueue, queue } from './lockQueue';
import { noteOvertaking } from './order';
import { setMasks } from './readSections';
import { canBeInterrupted, forgetSnapshot, keepForUndo, offerInterruptOfSpin } from './spin';
import {
  type EntryKind,
  endEntry,
  hasRoom,
  olderUntranslated,
  pushEntry,
  reference,
  resolve,
  type StepKind,
  setRegister,
} from './step';
import { tell } from './tell';

function lockWord(m: Machine, lock: LockId): number {
  return m.layout.locks + lock;
}

function spins(m: Machine, lock: LockId): boolean {
  const kind = m.program.locks[lock]?.kind;
  return kind === 'spin' || kind === 'rawSpin';
}

/** What holding a lock adds to what is counted: with PREEMPT_RT one that sleeps is a read-side section, with interrupts on. */
function counted(m: Machine, lock: LockId): number {
  if (m.program.locks[lock]?.kind === 'sleepingSpin') return MASK.READ;
  return spins(m, lock) && m.rules.spinsDisablePreemption ? MASK.PREEMPTION : 0;
}

/** A read-side section may wait for a spin lock of PREEMPT_RT, and for nothing else that sleeps. */
function mayNotSleep(m: Machine, t: number, lock: LockId): boolean {
  return isAtomic(m, t) || (m.program.locks[lock]?.kind !== 'sleepingSpin' && inReadSection(m, t));
}

/** The CPUs that hold a lock. */
export function holders(m: Machine, lock: LockId): number[] {
  const cpus: number[] = [];
  for (let u = 0; u < m.layout.cpus; u++) if (holds(m, u, lock)) cpus.push(u);
  return cpus;
}

/** Whether a lock can be had now: nobody holds it, or it is shared, by whomever, and wanted shared. */
export function isFree(m: Machine, i: LockInstruction): boolean {
  const word = m.w[lockWord(m, i.lock)] as number;
  if (!m.rules.locksExclude) return true;
  return word === 0 || (i.mode === 'shared' && word >= SHARED);
}

export const lock: StepKind = {
  kinds: ['lock'],
  doc: 'Takes a lock: waits until it is free, then an atomic read and write with acquire ordering.',
  fetch(m, t, c) {
    const i = c.instruction as LockInstruction;
    const base = m.base(t);
    const isTold = m.rules.sleepInAtomic && !spins(m, i.lock) && i.taken === undefined && mayNotSleep(m, t, i.lock);
    if (!hasRoom(m, t, isTold ? 2 : 1)) return 'wait';
    const noted = acquisitionAt(m, t, i.lock, i.taken !== undefined) + 1;
    if (isTold) m.w[pushEntry(m, t, ENTRY.CALL, m.w[base + CPU.PC] as number) + SLOT.B] = faultOrigin(m, t) + 1;
    const k = m.count(t);
    const slot = pushEntry(m, t, ENTRY.LOCK, m.w[base + CPU.PC] as number);
    m.setFlag(slot, FLAG.WALKED);
    m.w[slot + SLOT.A] = noted;
    if (i.taken === undefined && canBeInterrupted(m, t)) keepForUndo(m, t, slot, c.live);
    if (c.destination >= 0) setRegister(m, t, c.destination, reference(k));
    const masks = m.w[base + CPU.MASKS] as number;
    return setMasks(m, t, masks + (i.taken === undefined ? counted(m, i.lock) : 0)) ? 'next' : 'wait';
  },
};

export const unlock: StepKind = {
  kinds: ['unlock'],
  doc: 'Releases a lock: a store-release, after everything older.',
  fetch(m, t, c) {
    const i = c.instruction as UnlockInstruction;
    if (!hasRoom(m, t, 1)) return 'wait';
    const base = m.base(t);
    const slot = pushEntry(m, t, ENTRY.LOCK, m.w[base + CPU.PC] as number);
    m.setFlag(slot, FLAG.WALKED | FLAG.READ);
    const masks = m.w[base + CPU.MASKS] as number;
    const unit = counted(m, i.lock);
    const counts = unit === MASK.READ ? masks >= MASK.READ : isPreemptionOff(masks);
    return setMasks(m, t, counts ? masks - unit : masks) ? 'next' : 'wait';
  },
};

export const lockEntry: EntryKind = {
  entry: ENTRY.LOCK,
  settle(m, t, k, slot, order) {
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    let changed = false;
    if (m.w[slot + SLOT.A] !== 0 && !order.untranslated && !order.unresolved) {
      m.acquisitions.tell(t, (m.w[slot + SLOT.A] as number) - 1);
      m.w[slot + SLOT.A] = 0;
      changed = true;
    }
    if (c.instruction.kind === 'unlock' && !m.flag(slot, FLAG.WRITTEN)) {
      // Releasing earlier only enables others; only a trylock could tell, and a grace period, if it begins a section.
      if (
        m.trylocks ||
        m.future.sectionsMatter(t) ||
        !m.reduces.eagerReleases ||
        !order.writeMayGo(true) ||
        olderOfSameLock(m, t, k, c.instruction.lock)
      )
        return false;
      release(m, t, slot);
      changed = true;
    }
    if (!m.flag(slot, FLAG.WRITTEN) || m.w[slot + SLOT.A] !== 0 || olderUntranslated(m, t, k)) return changed;
    // A lock that stayed behind its release in the window would look held.
    if (c.instruction.kind === 'unlock' && takenAhead(m, t, k, c.instruction.lock)) return changed;
    endEntry(m, slot);
    return true;
  },
  offer(m, t, k, slot, order, choices) {
    if (m.flag(slot, FLAG.WRITTEN)) return;
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    if (c.instruction.kind === 'unlock') {
      if (order.writeMayGo(true) && !olderOfSameLock(m, t, k, c.instruction.lock)) choices.add(t, k, EFFECT.ACQUIRE, 0);
      return;
    }
    const i = c.instruction as LockInstruction;
    if (!order.readMayGo(true) || !order.writeMayGo(false)) return;
    if (isFree(m, i)) choices.add(t, k, EFFECT.ACQUIRE, i.taken !== undefined && isAwaited(m, i) ? 0 : 1);
    else if (i.taken !== undefined) choices.add(t, k, EFFECT.ACQUIRE, 0);
    else {
      if (mayQueue(m, slot, i)) choices.add(t, k, EFFECT.QUEUE, 0);
      offerInterruptOfSpin(m, t, k, slot, spins(m, i.lock) ? MASK.PREEMPTION : 0, choices);
    }
  },
  take(m, t, k, slot, effect, taken) {
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    if (effect === EFFECT.QUEUE) {
      queue(m, slot, c.instruction as LockInstruction, 1);
      return;
    }
    if (c.instruction.kind === 'unlock') {
      release(m, t, slot);
      return;
    }
    const i = c.instruction as LockInstruction;
    const at = lockWord(m, i.lock);
    if (taken === 1) {
      m.journal?.push({ what: 'acquire', cpu: t, at: m.w[slot + SLOT.IP] as number });
      const word = m.w[at] as number;
      noteOvertaking(m, t, k);
      if (m.flag(slot, FLAG.TAKEN)) queue(m, slot, i, -1);
      if (i.mode === 'exclusive') m.w[at] = t + 1;
      else if (holds(m, t, i.lock)) m.w[rereadWord(m, t, i.lock)] = timesHeld(m, t, i.lock);
      else m.w[at] = (word === 0 ? SHARED : word) + (1 << t);
    }
    m.setFlag(slot, FLAG.READ | FLAG.WRITTEN);
    if (m.flag(slot, FLAG.UNDOABLE)) forgetSnapshot(m, t, slot);
    if (c.destination >= 0) resolve(m, t, k, taken === 1 ? m.values.of(1n) : 0);
  },
  blocksOnOthers(m, t, slot) {
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    return c.instruction.kind === 'lock' && !m.flag(slot, FLAG.WRITTEN) && !isFree(m, c.instruction);
  },
};

/** An older lock or unlock of the same lock that is not done. */
function olderOfSameLock(m: Machine, t: number, k: number, id: LockId): boolean {
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    if (m.w[slot + SLOT.KIND] !== ENTRY.LOCK || m.flag(slot, FLAG.WRITTEN)) continue;
    const i = m.compiled(t, m.w[slot + SLOT.IP] as number).instruction;
    if ((i.kind === 'lock' || i.kind === 'unlock') && i.lock === id) return true;
  }
  return false;
}

/** The entry that took the lock is still there. */
function takenAhead(m: Machine, t: number, k: number, id: LockId): boolean {
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    if (m.w[slot + SLOT.KIND] !== ENTRY.LOCK) continue;
    const i = m.compiled(t, m.w[slot + SLOT.IP] as number).instruction;
    if (i.kind === 'lock' && i.lock === id) return true;
  }
  return false;
}

function release(m: Machine, t: number, slot: number): void {
  const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
  const { lock: id, mode } = c.instruction as UnlockInstruction;
  m.journal?.push({ what: 'release', cpu: t, at: m.w[slot + SLOT.IP] as number });
  const held = holds(m, t, id) ? ((m.w[lockWord(m, id)] as number) >= SHARED ? 'shared' : 'exclusive') : undefined;
  if (m.rules.unlockNotHeld && held !== mode) {
    const as = held === undefined ? {} : { rule: held };
    tell(m, t, c, { kind: 'finding', outcome: 'unlock-not-held', lock: id, ...as });
  }
  letGo(m, t, id);
  m.setFlag(slot, FLAG.WRITTEN);
}

/** CPU t holds a lock no longer, or for reading once less. */
export function letGo(m: Machine, t: number, id: LockId): void {
  const at = lockWord(m, id);
  const word = m.w[at] as number;
  if (timesHeld(m, t, id) > 1) {
    m.w[rereadWord(m, t, id)] = timesHeld(m, t, id) - 2;
  } else if (word >= SHARED) {
    const rest = word & ~(1 << t);
    m.w[at] = rest === SHARED ? 0 : rest;
  } else if (word === t + 1) m.w[at] = 0;
}

/** lockdep_assert_held: by program order, so a lock that is being taken counts. */
export const assertHeld: StepKind = {
  kinds: ['assertHeld'],
  doc: 'lockdep_assert_held: a finding when this CPU does not hold the lock.',
  fetch(m, t, c) {
    const i = c.instruction;
    if (i.kind !== 'assertHeld') return 'next';
    if (!m.rules.lockNotHeld || holdsInProgramOrder(m, t, i.lock)) return 'next';
    if (!hasRoom(m, t, 1)) return 'wait';
    pushEntry(m, t, ENTRY.CALL, m.w[m.base(t) + CPU.PC] as number);
    return 'next';
  },
};
