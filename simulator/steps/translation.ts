/** The walk of an access: its results now, taking one, and what follows from having a physical address. */

import type { Compiled } from '../machine/code';
import { FAULT, failedTranslation, packFault } from '../machine/faults';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import { type Machine, NOT_DIRECT } from '../machine/machine';
import type { CodeIndex } from '../machine/program';
import type { ValueId } from '../machine/values';
import { addressOf, readDone } from './accessKind';
import type { Choices, WalkResult } from './choices';
import { hardwareUpdate } from './hardwareUpdate';
import type { Order } from './order';
import { forgetSnapshot } from './spin';
import { takeFault } from './squash';
import { resolve } from './step';
import { hazardOf, mayConflict } from './tlbConflict';
import { currentPhysical, pathOf, type WalkRequest, walks } from './walk';
import { wordToWrite } from './writing';

function request(m: Machine, t: number, slot: number, c: Compiled, address: ValueId, mustFail: boolean): WalkRequest {
  const cpu = m.cpus[t]?.program;
  const writes = c.instruction.kind === 'translate' ? c.instruction.write : c.writes;
  return {
    cpu: t,
    address,
    write: writes,
    unprivileged: cpu?.unprivileged === true && !(m.flag(slot, FLAG.IN_HANDLER) && m.rules.handlersArePrivileged),
    accessFlag: cpu?.hardwareAccessFlag === true || cpu?.hardwareDirtyState === true,
    dirtyState: cpu?.hardwareDirtyState === true,
    mustFail,
  };
}

/** Whether a fault of this kind may be taken now: with FEAT_ETS2 Translation and Access flag faults come after older accesses. */
export function faultMayGo(m: Machine, kind: number, order: Order): boolean {
  const ets = m.program.switches.enhancedTranslationSynchronisation;
  const { orderedTranslationFaults, orderedPermissionFaults } = m.rules;
  const isOrdered =
    kind === FAULT.PERMISSION ? ets >= 3 && orderedPermissionFaults : ets >= 2 && orderedTranslationFaults;
  return !(isOrdered && order.anyAccess);
}

function mayBeTaken(m: Machine, r: WalkResult, order: Order): boolean {
  if (r.fault !== FAULT.NONE) return faultMayGo(m, r.fault, order);
  return m.rules.lateUpdates || r.updateIndex === 0 || order.updateMayGo();
}

function allWalks(m: Machine, t: number, slot: number, c: Compiled, address: ValueId): WalkResult[] {
  const found = walks(m, request(m, t, slot, c, address, false));
  const isCompareAndSwap = c.instruction.kind === 'access' && c.instruction.operation === 'compareAndSwap';
  if (isCompareAndSwap && m.rules.failedCasMaySetDirty && m.cpus[t]?.program.hardwareDirtyState === true)
    for (const r of walks(m, request(m, t, slot, c, address, true))) if (r.fault === FAULT.NONE) found.push(r);
  if (!m.program.switches.conflictsHappen || c.instruction.kind === 'translate' || !mayConflict(m, t)) return found;
  const { aborts, unpredictable } = hazardOf(m, t, address);
  const isMarked = unpredictable && m.rules.unpredictableConflicts;
  const results = isMarked ? found.map((r) => (r.fault === FAULT.NONE ? { ...r, conflicted: true } : r)) : found;
  return aborts && m.rules.conflictAborts ? [...results, TLB_CONFLICT] : results;
}

/** Every result of a walk, when none of them has to wait for anything; else undefined. */
export function allWalksNow(
  m: Machine,
  t: number,
  slot: number,
  c: Compiled,
  address: ValueId,
  order: Order,
): WalkResult[] | undefined {
  const found = allWalks(m, t, slot, c, address);
  if (c.instruction.kind === 'translate') return found;
  return found.every((r) => mayBeTaken(m, r, order)) ? found : undefined;
}

/** The walk results that may be taken now. */
export function walksNow(
  m: Machine,
  t: number,
  slot: number,
  c: Compiled,
  address: ValueId,
  order: Order,
): WalkResult[] {
  const found = allWalks(m, t, slot, c, address);
  if (c.instruction.kind === 'translate') return found;
  return found.filter((r) => mayBeTaken(m, r, order));
}

export function applyWalk(
  m: Machine,
  t: number,
  k: number,
  slot: number,
  c: Compiled,
  address: ValueId,
  r: WalkResult,
): void {
  const { w } = m;
  if (c.instruction.kind === 'translate') {
    m.journal?.push({ what: 'translate', cpu: t, at: w[slot + SLOT.IP] as number, word: r.physical });
    const par = r.fault === FAULT.NONE ? m.values.get(r.physical) & ~0xfffn : failedTranslation(r.fault, r.level);
    m.setFlag(slot, FLAG.WALKED);
    forgetSnapshot(m, t, slot);
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
  if (r.updateCell !== 0 && !m.rules.lateUpdates) hardwareUpdate(m, t, slot);
  if (r.mustFail) m.setFlag(slot, FLAG.MUST_FAIL);
  if (r.conflicted) m.setFlag(slot, FLAG.CONFLICTED);
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
export function dynamicPath(m: Machine, t: number, slot: number, address: ValueId): number[] {
  const footprint = m.footprint(t, m.w[slot + SLOT.IP] as number);
  m.notePage(m.entries.page(address));
  const locations = pathOf(m, t, address);
  for (const location of locations) m.learned.touch(footprint.walks, m.learned.locations[location] as ValueId);
  return locations;
}

/** An instruction of CPU t may read or write a word, which joins its footprint. */
export function noteWord(m: Machine, t: number, ip: CodeIndex, c: Compiled, physical: ValueId): void {
  const footprint = m.footprint(t, ip);
  if (c.reads) {
    m.learned.touch(footprint.reads, physical);
    m.learned.observe(physical);
  }
  if (c.writes) {
    m.learned.touch(footprint.writes, physical);
    m.learned.write(physical);
  }
}

/** The access has its physical address: what it touches is noted, and younger reads that went ahead are checked. */
export function setPhysical(m: Machine, t: number, k: number, slot: number, c: Compiled, translated: ValueId): void {
  const physical = wordToWrite(m, c, translated);
  m.setFlag(slot, FLAG.WALKED);
  m.w[slot + SLOT.PA] = physical + 1;
  if (!m.flag(slot, FLAG.UNDOABLE)) forgetSnapshot(m, t, slot);
  noteWord(m, t, m.w[slot + SLOT.IP] as number, c, physical);
  if (c.fills !== undefined) m.learned.fill(m.frameOfWord(physical), c.fills);
  if (!c.writes) return;
  // A younger read of this word that took its value from an older place was wrong: another branch has the right order.
  for (let j = k + 1; j < m.count(t); j++) {
    const younger = m.slot(t, j);
    if (m.w[younger + SLOT.KIND] !== ENTRY.ACCESS || m.w[younger + SLOT.PA] !== physical + 1) continue;
    if (!readDone(m, t, younger)) continue;
    if ((m.w[younger + SLOT.FORWARD] as number) <= k + 1 && m.rules.coherentAddresses) m.dropped = true;
  }
}

/** Some result is a fault, which begins a read-side section: a grace period can tell when it was. */
export function beginsSection(m: Machine, t: number, results: readonly WalkResult[]): boolean {
  return m.gracePeriods && results.some(({ fault }) => fault !== FAULT.NONE) && m.future.sectionsMatter(t);
}

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
  if (m.flag(slot, FLAG.WALKED)) return false;
  const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
  if (!order.walkMayGo(c)) return false;
  const address = addressOf(m, slot);
  if (address < 0 || m.direct(address) !== NOT_DIRECT) return false;
  if (!m.future.walkNow(t, address, dynamicPath(m, t, slot, address))) return false;
  const results = allWalksNow(m, t, slot, c, address, order);
  if (results === undefined || results.length === 0 || beginsSection(m, t, results)) return false;
  for (const r of results) choices.addWalk(t, k, r);
  return true;
}

/** Takes a walk that was offered. */
export function takeWalk(m: Machine, t: number, k: number, result: WalkResult): void {
  const slot = m.slot(t, k);
  applyWalk(m, t, k, slot, m.compiled(t, m.w[slot + SLOT.IP] as number), addressOf(m, slot), result);
}

export const DIRECT_DENIED: WalkResult = {
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

const TLB_CONFLICT: WalkResult = { ...DIRECT_DENIED, fault: FAULT.TLB_CONFLICT };
