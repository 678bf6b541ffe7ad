/**
 * Loads, stores and atomics: the effects walk, hardware update, read and write of one window entry. Data memory has no
 * history of its own: a load that sees an old value is one that happened early.
 */

import { type Compiled, operandWord } from '../machine/code';
import { FAULT, failedTranslation, faultKind, faultLevel, faultOutcome, packFault } from '../machine/faults';
import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import { FRAME, type Machine, NOT_DIRECT } from '../machine/machine';
import type { AccessInstruction, WaitInstruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { checkBreakBeforeMake } from './breakBeforeMake';
import { type Choices, EFFECT, type WalkResult } from './choices';
import type { Order } from './order';
import { takeFault } from './squash';
import { type EntryKind, endEntry, hasRoom, pushEntry, reference, resolve, type StepKind, setRegister } from './step';
import { tell } from './tell';
import { currentPhysical, pathOf, type WalkRequest, walks } from './walk';

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

function bytesOf(c: Compiled): number {
  const i = c.instruction;
  return i.kind === 'access' || i.kind === 'wait' ? i.bytes : 8;
}

function isStoreExclusive(c: Compiled): boolean {
  return c.instruction.kind === 'access' && c.instruction.exclusive === true && c.instruction.access === 'store';
}

/** The virtual address of an access, or -1 while its operands are not known. */
export function addressOf(m: Machine, slot: number): ValueId {
  const base = m.w[slot + SLOT.A] as number;
  const offset = m.w[slot + SLOT.B] as number;
  return base < 0 || offset < 0 ? -1 : m.values.sum(base, offset);
}

function request(m: Machine, t: number, slot: number, c: Compiled, address: ValueId, mustFail: boolean): WalkRequest {
  const cpu = m.cpus[t]?.program;
  const writes = c.instruction.kind === 'translate' ? c.instruction.write : c.writes;
  return {
    cpu: t,
    address,
    write: writes,
    unprivileged: cpu?.unprivileged === true && !m.flag(slot, FLAG.IN_HANDLER),
    accessFlag: cpu?.hardwareAccessFlag === true || cpu?.hardwareDirtyState === true,
    dirtyState: cpu?.hardwareDirtyState === true,
    mustFail,
  };
}

/** Whether a fault of this kind may be taken now: with FEAT_ETS2 Translation and Access flag faults come after older accesses. */
function faultMayGo(m: Machine, kind: number, order: Order): boolean {
  const ets = m.program.switches.enhancedTranslationSynchronisation;
  if (kind === FAULT.PERMISSION) return !(ets >= 3 && order.anyAccess);
  return !(ets >= 2 && order.anyAccess);
}

function allWalks(m: Machine, t: number, slot: number, c: Compiled, address: ValueId): WalkResult[] {
  const found = walks(m, request(m, t, slot, c, address, false));
  const isCompareAndSwap = c.instruction.kind === 'access' && c.instruction.operation === 'compareAndSwap';
  if (isCompareAndSwap && m.cpus[t]?.program.hardwareDirtyState === true)
    for (const r of walks(m, request(m, t, slot, c, address, true))) if (r.fault === FAULT.NONE) found.push(r);
  return found;
}

/** Every result of a walk, when none of them has to wait for anything; else undefined. */
function allWalksNow(
  m: Machine,
  t: number,
  slot: number,
  c: Compiled,
  address: ValueId,
  order: Order,
): WalkResult[] | undefined {
  const found = allWalks(m, t, slot, c, address);
  if (c.instruction.kind === 'translate') return found;
  return found.every((r) => r.fault === FAULT.NONE || faultMayGo(m, r.fault, order)) ? found : undefined;
}

/** The walk results that may be taken now. */
function walksNow(m: Machine, t: number, slot: number, c: Compiled, address: ValueId, order: Order): WalkResult[] {
  const found = allWalks(m, t, slot, c, address);
  if (c.instruction.kind === 'translate') return found;
  return found.filter((r) => r.fault === FAULT.NONE || faultMayGo(m, r.fault, order));
}

function applyWalk(m: Machine, t: number, k: number, slot: number, c: Compiled, address: ValueId, r: WalkResult): void {
  const { w } = m;
  if (c.instruction.kind === 'translate') {
    m.journal?.push({ what: 'translate', cpu: t, at: w[slot + SLOT.IP] as number, word: r.physical });
    const par = r.fault === FAULT.NONE ? m.values.get(r.physical) & ~0xfffn : failedTranslation(r.fault, r.level);
    m.setFlag(slot, FLAG.WALKED);
    clearSnapshot(m, t, slot);
    resolve(m, t, k, m.values.of(par));
    return;
  }
  if (r.fault !== FAULT.NONE) {
    takeFault(m, t, k, slot, c, r);
    return;
  }
  if (r.updateIndex !== 0) {
    m.setFlag(slot, FLAG.UPDATE_PENDING | (r.updateDirty ? FLAG.UPDATE_DIRTY : 0));
    w[slot + SLOT.UPDATE_CELL] = r.updateCell;
    w[slot + SLOT.UPDATE_INDEX] = r.updateIndex;
  }
  if (r.mustFail) m.setFlag(slot, FLAG.MUST_FAIL);
  m.setFlag(slot, FLAG.TRANSLATED);
  m.journal?.push({
    what: 'translate',
    cpu: t,
    at: w[slot + SLOT.IP] as number,
    word: r.physical,
    stale: currentPhysical(m, address) !== r.physical,
  });
  w[slot + SLOT.VA] = address + 1;
  w[slot + SLOT.FAULT] = packFault(FAULT.NONE, r.leafLevel);
  setPhysical(m, t, k, slot, c, r.physical);
}

/** The locations of the descriptors that a walk of an address may read; they join the instruction's footprint. */
function dynamicPath(m: Machine, t: number, slot: number, address: ValueId): number[] {
  const footprint = m.footprint(t, m.w[slot + SLOT.IP] as number);
  m.notePage(m.entries.page(address));
  const locations = pathOf(m, address);
  for (const location of locations) m.learned.touch(footprint.walks, m.learned.locations[location] as ValueId);
  return locations;
}

function clearSnapshot(m: Machine, t: number, slot: number): void {
  m.w.fill(0, slot + SLOT.WORDS, slot + SLOT.WORDS + (m.layout.registerCount[t] as number));
  m.w[slot + SLOT.MASKS] = 0;
}

/** The access has its physical address: what it touches is noted, and younger reads that went ahead are checked. */
function setPhysical(m: Machine, t: number, k: number, slot: number, c: Compiled, physical: ValueId): void {
  m.setFlag(slot, FLAG.WALKED);
  m.w[slot + SLOT.PA] = physical + 1;
  clearSnapshot(m, t, slot);
  const footprint = m.footprint(t, m.w[slot + SLOT.IP] as number);
  if (c.reads) {
    m.learned.touch(footprint.reads, physical);
    m.learned.observe(physical);
  }
  if (c.writes) {
    m.learned.touch(footprint.writes, physical);
    m.learned.write(physical);
  }
  if (!c.writes) return;
  // A younger read of this word that took its value from an older place was wrong: another branch has the right order.
  for (let j = k + 1; j < m.count(t); j++) {
    const younger = m.slot(t, j);
    if (m.w[younger + SLOT.KIND] !== ENTRY.ACCESS || m.w[younger + SLOT.PA] !== physical + 1) continue;
    if (!readDone(m, t, younger)) continue;
    if ((m.w[younger + SLOT.FORWARD] as number) <= k + 1) m.dropped = true;
  }
}

/** A slot that reads, has read and did not fault. */
function readDone(m: Machine, t: number, slot: number): boolean {
  const flags = m.w[slot + SLOT.FLAGS] as number;
  if ((flags & FLAG.FAULTED) !== 0 || (flags & FLAG.READ) === 0) return false;
  return m.compiled(t, m.w[slot + SLOT.IP] as number).reads;
}

/** The value that an atomic or store of the window will write, or -1 while it is not known. */
function valueToWrite(m: Machine, slot: number, c: Compiled): ValueId {
  const { w } = m;
  const operand = w[slot + SLOT.C] as number;
  if (operand < 0) return -1;
  const i = c.instruction as AccessInstruction;
  const bytes = bytesOf(c);
  if (i.access === 'store') return m.values.truncate(operand, bytes);
  const read = w[slot + SLOT.READ_VALUE] as number;
  switch (i.operation ?? 'swap') {
    case 'swap':
    case 'compareAndSwap':
      return m.values.truncate(operand, bytes);
    case 'add':
      return m.values.truncate(m.values.compute('add', read, operand, 0), bytes);
    case 'set':
      return m.values.truncate(m.values.compute('or', read, operand, 0), bytes);
    case 'clear':
      return m.values.truncate(m.values.compute('bitClear', read, operand, 0), bytes);
    case 'exclusiveOr':
      return m.values.truncate(m.values.compute('exclusiveOr', read, operand, 0), bytes);
  }
}

/** The nearest older store of the window to the same word that is not in memory yet, or -1. */
function forwardingStore(m: Machine, t: number, k: number, physicalWord: number): number {
  for (let j = k - 1; j >= 0; j--) {
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
  if (isStoreExclusive(c)) return { value: -1, forward: 0 };
  if (c.reads && !m.flag(older, FLAG.READ)) return { value: -1, forward: 0 };
  return { value: valueToWrite(m, older, c), forward: j + 1 };
}

/** Reads. False when it cannot be done now; drops the branch when a younger read has seen an older value (coRR). */
function read(m: Machine, t: number, k: number, slot: number, c: Compiled): boolean {
  const { w } = m;
  const { value: raw, forward } = valueToRead(m, t, k, slot);
  if (raw < 0) return false;
  const isCompareAndSwap = c.instruction.kind === 'access' && c.instruction.operation === 'compareAndSwap';
  if (isCompareAndSwap && (w[slot + SLOT.D] as number) < 0) return false;
  const value = m.values.truncate(raw, bytesOf(c));
  if (c.instruction.kind === 'wait' && !waitHolds(m, slot, c.instruction, value)) return false;
  const word = w[slot + SLOT.PA] as number;
  const location = m.location(word - 1);
  if (location >= 0 && !m.options.without.has('coherent-reads')) {
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
  m.journal?.push({ what: 'read', cpu: t, at: w[slot + SLOT.IP] as number, word: word - 1, value });
  w[slot + SLOT.READ_VALUE] = value;
  w[slot + SLOT.READ_INDEX] = forward === 0 && location >= 0 ? m.historyLength(location) : 0;
  w[slot + SLOT.FORWARD] = forward;
  noteTouch(m, slot);
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

/** Notes, at the moment of the access itself, whether its translation has been replaced and whether its page is free. */
function noteTouch(m: Machine, slot: number): void {
  const physical = (m.w[slot + SLOT.PA] as number) - 1;
  let stale = false;
  if (m.flag(slot, FLAG.TRANSLATED)) {
    const now = currentPhysical(m, (m.w[slot + SLOT.VA] as number) - 1);
    stale = now >= 0 && now !== physical;
    if (stale) m.setFlag(slot, FLAG.STALE);
  }
  if (m.layout.frameCount === 0) return;
  const frame = m.frameWord(m.frameOfWord(physical));
  if (frame < 0) return;
  const state = m.w[frame];
  if (state === FRAME.FREE || (state === FRAME.REUSED && stale)) m.setFlag(slot, FLAG.FREED);
}

/** Whether an older access of the window to the same word still has to read or write. */
function olderSameWord(m: Machine, t: number, k: number, word: number): boolean {
  for (let j = 0; j < k; j++) {
    const older = m.slot(t, j);
    if (m.w[older + SLOT.KIND] !== ENTRY.ACCESS || m.w[older + SLOT.PA] !== word) continue;
    const flags = m.w[older + SLOT.FLAGS] as number;
    if ((flags & FLAG.FAULTED) === 0 && (flags & (FLAG.READ | FLAG.WRITTEN)) !== (FLAG.READ | FLAG.WRITTEN))
      return true;
  }
  return false;
}

/** Whether the write of an access may happen now (store-exclusives may fail at any time all the same). */
function writeReady(m: Machine, t: number, k: number, slot: number, c: Compiled, order: Order): boolean {
  const { w } = m;
  if (!m.flag(slot, FLAG.READ) || m.flag(slot, FLAG.WRITTEN)) return false;
  if (valueToWrite(m, slot, c) < 0 || !order.writeMayGo(c.release)) return false;
  if (olderSameWord(m, t, k, w[slot + SLOT.PA] as number)) return false;
  if (!c.reads) return true;
  const location = m.location((w[slot + SLOT.PA] as number) - 1);
  return location < 0 || w[slot + SLOT.READ_INDEX] === m.historyLength(location);
}

/** Whether the store-exclusive's load-exclusive read what is still the current value. */
function exclusiveHolds(m: Machine, t: number, slot: number): boolean {
  const { w } = m;
  const k = (w[slot + SLOT.EXCLUSIVE] as number) - 1;
  if (k < 0) return false;
  const load = m.slot(t, k);
  const flags = w[load + SLOT.FLAGS] as number;
  if (w[load + SLOT.KIND] !== ENTRY.ACCESS || (flags & FLAG.READ) === 0 || (flags & FLAG.FAULTED) !== 0) return false;
  if (w[load + SLOT.PA] !== w[slot + SLOT.PA]) return false;
  const location = m.location((w[slot + SLOT.PA] as number) - 1);
  return location < 0 || w[load + SLOT.READ_INDEX] === m.historyLength(location);
}

/**
 * Whether another CPU's atomic has read this word and still has to write it. It never can, now that its value is not the
 * last one: another branch of the exploration has the write before its read.
 */
function breaksAtomic(m: Machine, t: number, word: number): boolean {
  for (let u = 0; u < m.layout.cpus; u++) {
    if (u === t) continue;
    for (let k = 0; k < m.count(u); k++) {
      const slot = m.slot(u, k);
      if (m.w[slot + SLOT.KIND] !== ENTRY.ACCESS || m.w[slot + SLOT.PA] !== word) continue;
      if (((m.w[slot + SLOT.FLAGS] as number) & (FLAG.READ | FLAG.WRITTEN | FLAG.FAULTED)) !== FLAG.READ) continue;
      const c = m.compiled(u, m.w[slot + SLOT.IP] as number);
      if (c.reads && c.writes) return true;
    }
  }
  return false;
}

function write(m: Machine, t: number, k: number, slot: number, c: Compiled): void {
  const { w } = m;
  const word = w[slot + SLOT.PA] as number;
  const value = valueToWrite(m, slot, c);
  m.journal?.push({ what: 'write', cpu: t, at: w[slot + SLOT.IP] as number, word: word - 1, value });
  noteTouch(m, slot);
  const location = m.location(word - 1);
  if (location >= 0) {
    m.append(location, value);
    if (m.dropped || breaksAtomic(m, t, word)) {
      m.dropped = true;
      return;
    }
    checkBreakBeforeMake(m, t, c, location);
  }
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

/** Tells how an access ended, once it is sure to have happened, and ends its entry. */
function retire(m: Machine, t: number, slot: number, c: Compiled): void {
  const { w } = m;
  const faulted = m.flag(slot, FLAG.FAULTED);
  const va = w[slot + SLOT.VA] as number;
  if (faulted) {
    const word = w[slot + SLOT.FAULT] as number;
    tell(m, t, c, {
      kind: 'access',
      outcome: faultOutcome(faultKind(word)),
      level: faultLevel(word),
      address: m.values.get(va - 1),
    });
  } else if (va !== 0 || m.flag(slot, FLAG.FREED)) {
    const outcome = m.flag(slot, FLAG.FREED)
      ? 'use-after-free'
      : m.flag(slot, FLAG.STALE)
        ? c.writes
          ? 'lost-update'
          : 'stale-read'
        : 'ok';
    if (outcome !== 'ok' || m.options.tellsAccesses)
      tell(m, t, c, { kind: 'access', outcome, ...(va === 0 ? {} : { address: m.values.get(va - 1) }) });
  }
  endEntry(m, slot);
}

/** Whether a finished entry may leave: nothing older can squash it, and nothing needs it any more. */
function mayRetire(m: Machine, t: number, k: number, slot: number): boolean {
  const { w } = m;
  const word = w[slot + SLOT.PA] as number;
  for (let j = 0; j < k; j++) {
    const older = m.slot(t, j);
    if (w[older + SLOT.KIND] !== ENTRY.ACCESS) continue;
    const flags = w[older + SLOT.FLAGS] as number;
    if ((flags & FLAG.WALKED) === 0) return false;
    if ((flags & FLAG.READ) === 0 && w[older + SLOT.PA] === word) return false;
  }
  if (w[m.base(t) + CPU.EXCLUSIVE] === k + 1) return false;
  for (let j = k + 1; j < m.count(t); j++) {
    const younger = m.slot(t, j);
    if (
      w[younger + SLOT.KIND] === ENTRY.ACCESS &&
      w[younger + SLOT.EXCLUSIVE] === k + 1 &&
      !m.flag(younger, FLAG.WRITTEN)
    )
      return false;
  }
  return true;
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
        if (cpu?.unprivileged && !m.flag(slot, FLAG.IN_HANDLER)) {
          if (!order.walkMayGo(m)) return false;
          takeFault(m, t, k, slot, c, { ...DIRECT_DENIED });
          return true;
        }
        setPhysical(m, t, k, slot, c, physical);
        changed = true;
      } else if (order.walkMayGo(m) && m.future.walkNow(t, address, dynamicPath(m, t, slot, address))) {
        const results = allWalksNow(m, t, slot, c, address, order);
        if (results?.length !== 1) return false;
        applyWalk(m, t, k, slot, c, address, results[0] as WalkResult);
        changed = true;
      } else return false;
      if (m.dropped) return true;
    }
    const flags = m.w[slot + SLOT.FLAGS] as number;
    if ((flags & FLAG.FAULTED) !== 0) {
      if ((flags & FLAG.FAULT_DONE) === 0 && order.faultMayGo()) {
        m.setFlag(slot, FLAG.FAULT_DONE);
        changed = true;
      }
    } else {
      if ((flags & FLAG.READ) === 0 && !c.writes && order.readMayGo(c.acquire) && m.future.readNow(t, k, slot)) {
        if (read(m, t, k, slot, c)) changed = true;
        if (m.dropped) return true;
      }
      if (
        c.writes &&
        !c.reads &&
        !isStoreExclusive(c) &&
        writeReady(m, t, k, slot, c, order) &&
        m.future.writeNow(t, slot)
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
      if (address < 0 || m.direct(address) !== NOT_DIRECT || !order.walkMayGo(m)) return;
      for (const r of walksNow(m, t, slot, c, address, order)) choices.addWalk(t, k, r);
      return;
    }
    if ((flags & FLAG.UPDATE_PENDING) !== 0 && order.updateMayGo(m)) {
      const location = (w[slot + SLOT.UPDATE_CELL] as number) - 1;
      if (location >= 0 && m.historyLength(location) === w[slot + SLOT.UPDATE_INDEX])
        choices.add(t, k, EFFECT.UPDATE, 0);
    }
    if ((flags & FLAG.READ) === 0) {
      if (order.readMayGo(c.acquire) && canRead(m, t, k, slot, c)) choices.add(t, k, EFFECT.READ, 0);
    } else if ((flags & FLAG.WRITTEN) === 0) {
      if (isStoreExclusive(c)) {
        if (valueToWrite(m, slot, c) < 0 || !order.writeMayGo(c.release)) return;
        if (olderSameWord(m, t, k, w[slot + SLOT.PA] as number)) return;
        choices.add(t, k, EFFECT.EXCLUSIVE_FAIL, 0);
        if (exclusiveHolds(m, t, slot)) choices.add(t, k, EFFECT.WRITE, 0);
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

/**
 * A walk whose results cannot depend on when it happens is the only thing to look at: its results are offered and true is
 * returned.
 */
export function offerIndependentWalk(
  m: Machine,
  t: number,
  k: number,
  slot: number,
  order: Order,
  choices: Choices,
): boolean {
  if (m.flag(slot, FLAG.WALKED) || !order.walkMayGo(m)) return false;
  const address = addressOf(m, slot);
  if (address < 0 || m.direct(address) !== NOT_DIRECT) return false;
  if (!m.future.walkNow(t, address, dynamicPath(m, t, slot, address))) return false;
  const results = allWalksNow(m, t, slot, m.compiled(t, m.w[slot + SLOT.IP] as number), address, order);
  if (results === undefined || results.length === 0) return false;
  for (const r of results) choices.addWalk(t, k, r);
  return true;
}

/** Takes a walk that was offered. */
export function takeWalk(m: Machine, t: number, k: number, result: WalkResult): void {
  const slot = m.slot(t, k);
  applyWalk(m, t, k, slot, m.compiled(t, m.w[slot + SLOT.IP] as number), addressOf(m, slot), result);
}

function canRead(m: Machine, t: number, k: number, slot: number, c: Compiled): boolean {
  const { value } = valueToRead(m, t, k, slot);
  if (value < 0) return false;
  const i = c.instruction;
  if (i.kind === 'wait') return waitHolds(m, slot, i, m.values.truncate(value, i.bytes));
  return !(i.kind === 'access' && i.operation === 'compareAndSwap' && (m.w[slot + SLOT.D] as number) < 0);
}

/** The descriptor that was walked gets its access flag, and with FEAT_HAFDBS dirty state its write permission. */
function hardwareUpdate(m: Machine, t: number, slot: number): void {
  const location = (m.w[slot + SLOT.UPDATE_CELL] as number) - 1;
  const value = updated(m, m.last(location), m.flag(slot, FLAG.UPDATE_DIRTY));
  m.clearFlag(slot, FLAG.UPDATE_PENDING | FLAG.UPDATE_DIRTY);
  m.setFlag(slot, FLAG.UPDATED);
  m.w[slot + SLOT.UPDATE_CELL] = 0;
  m.w[slot + SLOT.UPDATE_INDEX] = 0;
  const word = m.learned.locations[location] as ValueId;
  m.journal?.push({ what: 'update', cpu: t, at: m.w[slot + SLOT.IP] as number, word, value });
  m.append(location, value);
}

const ACCESS_FLAG = 1n << 10n;
const READ_ONLY = 1n << 7n;

/** A descriptor after a hardware update. */
export function updated(m: Machine, value: ValueId, dirty: boolean): ValueId {
  const set = m.values.compute('or', value, m.values.of(ACCESS_FLAG), 0);
  return dirty ? m.values.compute('bitClear', set, m.values.of(READ_ONLY), 0) : set;
}

const DIRECT_DENIED: WalkResult = {
  physical: -1,
  fault: FAULT.PERMISSION,
  level: 3,
  updateCell: 0,
  updateIndex: 0,
  updateDirty: false,
  mustFail: false,
  faultCell: -1,
  faultValue: 0,
  leafLevel: 3,
};
