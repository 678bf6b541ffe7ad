/**
 * Loads, stores and atomics: the effects walk, hardware update, read and write of one window entry. Data memory has no
 * history of its own: a load that sees an old value is one that happened early.
 */

import { operandWord } from '../machine/code';
import { FAULT } from '../machine/faults';
import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import { type Machine, NOT_DIRECT } from '../machine/machine';
import { addressOf, isStoreExclusive, olderSameWord } from './accessKind';
import { breakNow } from './breakAtOnce';
import { type Choices, EFFECT, type WalkResult } from './choices';
import { hardwareUpdate } from './hardwareUpdate';
import { acquires, noteOvertaking } from './order';
import { canRead, read } from './reading';
import { mayRetire, retire } from './retire';
import { canBeInterrupted, offerInterruptOfSpin } from './spin';
import { takeFault } from './squash';
import { type EntryKind, hasRoom, pushEntry, reference, resolve, type StepKind, setRegister } from './step';
import {
  allWalksNow,
  applyWalk,
  beginsSection,
  DIRECT_DENIED,
  dynamicPath,
  faultMayGo,
  setPhysical,
  walksNow,
} from './translation';
import { exclusiveHolds, valueToWrite, write, writeReady } from './writing';

export const access: StepKind = {
  kinds: ['access', 'wait', 'translate'],
  doc: 'Load, store, atomic; a spin loop on a word; AT. Its effects happen one at a time in any order that the rules allow.',
  fetch(m, t, c) {
    if (!hasRoom(m, t, 1)) return 'wait';
    const { w } = m;
    const base = m.base(t);
    const k = m.count(t);
    const i = c.instruction;
    const slot = pushEntry(m, t, ENTRY.ACCESS, w[base + CPU.PC] as number);
    const registers = m.register(t, 0);
    for (let o = 0; o < 4; o++) w[slot + SLOT.A + o] = operandWord(c.operands[o] as number, w, registers);
    let flags = 0;
    if (!c.reads || i.kind === 'translate') flags |= FLAG.READ;
    if (!c.writes) flags |= FLAG.WRITTEN;
    const depth = w[base + CPU.DEPTH] as number;
    if (depth > 0) flags |= FLAG.IN_HANDLER | (depth * FLAG.DEPTH);
    if (c.spins && canBeInterrupted(m, t)) flags |= FLAG.UNDOABLE;
    if (w[base + CPU.RETRIED] !== 0) flags |= FLAG.RETRY;
    w[slot + SLOT.FLAGS] = flags;
    w[slot + SLOT.MASKS] = w[base + CPU.MASKS] as number;
    const count = m.layout.registerCount[t] as number;
    for (let r = 0; r < count; r++)
      if (depth > 0 || c.live[r] !== 0) w[slot + SLOT.WORDS + r] = w[registers + r] as number;
    if (i.kind === 'access' && i.exclusive) {
      if (i.access === 'load') w[base + CPU.EXCLUSIVE] = k + 1;
      else {
        w[slot + SLOT.EXCLUSIVE] = w[base + CPU.EXCLUSIVE] as number;
        w[base + CPU.EXCLUSIVE] = 0;
      }
    }
    if (c.destination >= 0) setRegister(m, t, c.destination, reference(k));
    return 'next';
  },
};

/** Whether the descriptor that was walked is still the current one. */
function updateFits(m: Machine, location: number, slot: number): boolean {
  return !m.rules.updateIsAtomic || m.historyLength(location) === m.w[slot + SLOT.UPDATE_INDEX];
}

export const accessEntry: EntryKind = {
  entry: ENTRY.ACCESS,
  settle(m, t, k, slot, order) {
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    let changed = false;
    if (!m.flag(slot, FLAG.WALKED)) {
      const address = addressOf(m, slot);
      if (address < 0) return false;
      const physical = m.direct(address);
      if (physical !== NOT_DIRECT) {
        const cpu = m.cpus[t]?.program;
        if (cpu?.unprivileged && !(m.flag(slot, FLAG.IN_HANDLER) && m.rules.handlersArePrivileged)) {
          if (!order.walkMayGo(c) || !faultMayGo(m, FAULT.PERMISSION, order)) return false;
          takeFault(m, t, k, slot, c, { ...DIRECT_DENIED });
          return true;
        }
        setPhysical(m, t, k, slot, c, physical);
        changed = true;
      } else if (order.walkMayGo(c) && m.future.walkNow(t, address, dynamicPath(m, t, slot, address))) {
        const results = allWalksNow(m, t, slot, c, address, order);
        if (results?.length !== 1 || beginsSection(m, t, results)) return false;
        applyWalk(m, t, k, slot, c, address, results[0] as WalkResult);
        changed = true;
      } else return false;
      if (m.dropped) return true;
    }
    const flags = m.w[slot + SLOT.FLAGS] as number;
    if ((flags & FLAG.FAULTED) !== 0) {
      if ((flags & FLAG.FAULT_DONE) === 0 && order.faultMayGo(c.release)) {
        m.setFlag(slot, FLAG.FAULT_DONE);
        changed = true;
      }
    } else {
      if ((flags & FLAG.READ) === 0 && !c.writes && order.readMayGo(acquires(m, c)) && m.future.readNow(t, k, slot)) {
        if (read(m, t, k, slot, c)) changed = true;
        if (m.dropped) return true;
      }
      if (
        c.writes &&
        !c.reads &&
        !isStoreExclusive(c) &&
        writeReady(m, t, k, slot, c, order) &&
        (m.future.writeNow(t, slot) || breakNow(m, t, k, c))
      ) {
        write(m, t, k, slot, c);
        if (m.dropped) return true;
        changed = true;
      }
    }
    const now = m.w[slot + SLOT.FLAGS] as number;
    const done = FLAG.READ | FLAG.WRITTEN;
    if (
      (now & FLAG.FAULT_DONE) !== 0 ||
      ((now & FLAG.FAULTED) === 0 && (now & done) === done && (now & FLAG.UPDATE_PENDING) === 0)
    ) {
      if (mayRetire(m, t, k, slot)) {
        retire(m, t, slot, c);
        changed = true;
      }
    }
    return changed;
  },

  offer(m, t, k, slot, order, choices: Choices) {
    const { w } = m;
    const c = m.compiled(t, w[slot + SLOT.IP] as number);
    const flags = w[slot + SLOT.FLAGS] as number;
    if ((flags & FLAG.FAULTED) !== 0) return;
    if ((flags & FLAG.WALKED) === 0) {
      const address = addressOf(m, slot);
      if (address < 0 || m.direct(address) !== NOT_DIRECT || !order.walkMayGo(c)) return;
      for (const r of walksNow(m, t, slot, c, address, order)) choices.addWalk(t, k, r);
      return;
    }
    if ((flags & FLAG.UPDATE_PENDING) !== 0 && order.updateMayGo()) {
      const location = (w[slot + SLOT.UPDATE_CELL] as number) - 1;
      if (location >= 0 && updateFits(m, location, slot)) choices.add(t, k, EFFECT.UPDATE, 0);
    }
    if ((flags & FLAG.READ) === 0) {
      if (order.readMayGo(acquires(m, c)) && canRead(m, t, k, slot, c)) choices.add(t, k, EFFECT.READ, 0);
      else if (c.spins) offerInterruptOfSpin(m, t, k, slot, 0, choices);
    } else if ((flags & FLAG.WRITTEN) === 0) {
      if (isStoreExclusive(c)) {
        // A failure writes nothing, so it waits for nothing. In a loop it waits like the write: what is tried again before
        // anything older is done tells nobody more than one try later would.
        const early = m.rules.exclusivesMayFail && !c.retries;
        if (early) choices.add(t, k, EFFECT.EXCLUSIVE_FAIL, 0);
        if (valueToWrite(m, slot, c) < 0 || !order.writeMayGo(c.release)) return;
        if (olderSameWord(m, t, k, w[slot + SLOT.PA] as number)) return;
        const holds = exclusiveHolds(m, t, slot);
        if (!early && (!holds || m.rules.exclusivesMayFail)) choices.add(t, k, EFFECT.EXCLUSIVE_FAIL, 0);
        if (holds) choices.add(t, k, EFFECT.WRITE, 0);
      } else if (writeReady(m, t, k, slot, c, order)) choices.add(t, k, EFFECT.WRITE, 0);
    }
  },

  take(m, t, k, slot, effect) {
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    switch (effect) {
      case EFFECT.UPDATE:
        hardwareUpdate(m, t, slot);
        return;
      case EFFECT.READ:
        if (!read(m, t, k, slot, c)) m.dropped = true;
        return;
      case EFFECT.WRITE:
        noteOvertaking(m, t, k);
        write(m, t, k, slot, c);
        return;
      case EFFECT.EXCLUSIVE_FAIL:
        m.setFlag(slot, FLAG.WRITTEN | FLAG.EXCLUSIVE_FAILED);
        m.w[slot + SLOT.EXCLUSIVE] = 0;
        resolve(m, t, k, m.values.of(1n));
        return;
    }
  },

  blocksOnOthers(m, t, slot) {
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    return c.instruction.kind === 'wait' && !m.flag(slot, FLAG.READ);
  },
};
