/**
 * The local ordering rules: what an effect of an instruction must wait for, among the older instructions of its CPU's
 * window. The window is read from old to young; `absorb` takes in one entry, the predicates speak of the next one.
 *
 * An ISB holds back walks, TLBIs and, where there is no walk, reads. Whatever else is younger needs no word of its own: an
 * effect of an access comes after its walk, and a write or a hardware update waits itself for all that an ISB waits for.
 */

import type { Compiled } from '../machine/code';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';

export class Order {
  private m!: Machine;
  private pendingRead = false;
  /** Of the pending reads those that count for DMB LD and DSB LD. */
  private pendingCountedRead = false;
  private pendingWrite = false;
  /** Of the pending writes those that a walk may read. */
  private pendingDescriptor = false;
  private pendingWalk = false;
  private pendingBranch = false;
  private pendingBound = false;
  /** A TLBI that has not happened on its own CPU, on others. */
  private pendingTlbi = false;
  private pendingElsewhere = false;
  private pendingUpdate = false;
  private contextSynchronisation = false;
  private dataBarrier = false;
  /** The same where a non-shareable DSB waits only for what its own CPU's walks read: others need not see that yet. */
  private ownSynchronisation = false;
  private ownDataBarrier = false;
  /** What is younger than such a DSB has been written: walks would see it without what is older. */
  private overtaken = false;
  /** Reads and writes are held back by a DMB or an acquire; writes by a DMB ST too. */
  private heldAccess = false;
  private heldWrite = false;
  private pendingRelease = false;

  /** Nothing is older. */
  reset(m: Machine): void {
    this.m = m;
    this.pendingRead = false;
    this.pendingCountedRead = false;
    this.pendingWrite = false;
    this.pendingDescriptor = false;
    this.pendingWalk = false;
    this.pendingBranch = false;
    this.pendingBound = false;
    this.pendingTlbi = false;
    this.pendingElsewhere = false;
    this.pendingUpdate = false;
    this.contextSynchronisation = false;
    this.dataBarrier = false;
    this.ownSynchronisation = false;
    this.ownDataBarrier = false;
    this.overtaken = false;
    this.heldAccess = false;
    this.heldWrite = false;
    this.pendingRelease = false;
  }

  absorb(m: Machine, t: number, slot: number): void {
    const { w, rules } = m;
    switch (w[slot + SLOT.KIND]) {
      case ENTRY.ISB:
        if (this.ownDataBarrier && this.synchronisationDone(false)) this.ownSynchronisation = true;
        else this.contextSynchronisation = true;
        break;
      case ENTRY.DSB:
        if (!isForItself(m, slot) || (w[slot + SLOT.A] === BARRIER.FULL && this.ownTlbOpen)) this.dataBarrier = true;
        else {
          this.ownDataBarrier = true;
          if (m.flag(slot, FLAG.WRITTEN)) this.overtaken = true;
        }
        break;
      case ENTRY.DMB: {
        const type = w[slot + SLOT.A];
        if (type === BARRIER.FULL && rules.dmbFull && this.anyAccess) this.heldAccess = true;
        if (type === BARRIER.LOAD && rules.dmbLoad && this.pendingCountedRead) this.heldAccess = true;
        if (type === BARRIER.STORE && rules.dmbStore && this.pendingWrite) this.heldWrite = true;
        break;
      }
      case ENTRY.BRANCH:
        this.pendingBranch = true;
        this.pendingBound = true;
        break;
      case ENTRY.PICK:
        this.pendingBranch = true;
        if (!m.flag(slot, FLAG.PICK_FREE)) this.pendingBound = true;
        break;
      case ENTRY.TLBI:
        if (m.flag(slot, FLAG.DONE)) break;
        if (!m.flag(slot, FLAG.READ)) this.pendingTlbi = true;
        if (!m.flag(slot, FLAG.WRITTEN)) this.pendingElsewhere = true;
        break;
      case ENTRY.LOCK:
      case ENTRY.ACCESS: {
        const flags = w[slot + SLOT.FLAGS] as number;
        const c = m.compiled(t, w[slot + SLOT.IP] as number);
        if ((flags & FLAG.FAULTED) !== 0) {
          if (c.release && (flags & FLAG.FAULT_DONE) === 0) this.pendingRelease = true;
          break;
        }
        const isAcquire = (rules.acquire && acquires(m, c)) || (rules.acquirePc && c.acquirePc);
        if ((flags & FLAG.READ) === 0) {
          this.pendingRead = true;
          if (!(c.noReturn && rules.noReturnIsNoRead)) this.pendingCountedRead = true;
          if (isAcquire) this.heldAccess = true;
          // A spin loop ends with a branch on what it read: until it has, the CPU is speculating past that branch.
          if (c.spins && rules.spinsAreUnresolved) {
            this.pendingBranch = true;
            this.pendingBound = true;
          }
        }
        if ((flags & FLAG.WRITTEN) === 0) {
          this.pendingWrite = true;
          const word = w[slot + SLOT.PA] as number;
          if (m.nonShareable && (word === 0 || m.learned.cells.has(word - 1))) this.pendingDescriptor = true;
          if (rules.acquireReleaseAtomic && isAcquire && c.release && c.reads) this.heldAccess = true;
          if (c.release) this.pendingRelease = true;
        }
        if ((flags & FLAG.WALKED) === 0) this.pendingWalk = true;
        if ((flags & FLAG.UPDATE_PENDING) !== 0) this.pendingUpdate = true;
        break;
      }
    }
  }

  /** A walk waits for context synchronisation; with FEAT_ETS2 for a DSB too, unless it stands for fetching an instruction. */
  walkMayGo(c: Compiled): boolean {
    const { rules, program } = this.m;
    const behindSynchronisation = this.contextSynchronisation || this.ownSynchronisation;
    if ((behindSynchronisation && rules.walkAfterSynchronisation) || this.overtaken) return false;
    if (!rules.earlyWalks && this.anyAccess) return false;
    if (!rules.walksOutOfOrder && this.pendingWalk) return false;
    if (!rules.speculativeReads && this.pendingBranch) return false;
    const behindDsb = this.dataBarrier || this.ownDataBarrier;
    if (!behindDsb || !rules.dsbHoldsBackWalks || (c.fetches && rules.fetchesPassBarriers)) return true;
    return program.switches.enhancedTranslationSynchronisation < 2;
  }

  readMayGo(isAcquire: boolean): boolean {
    const { rules } = this.m;
    if (this.contextSynchronisation && rules.readAfterSynchronisation) return false;
    if ((this.dataBarrier && rules.dsbHoldsBackAccesses) || this.heldAccess) return false;
    if (!rules.readsOutOfOrder && this.pendingRead) return false;
    if (!rules.readsOvertakeWrites && this.pendingWrite) return false;
    if (!rules.speculativeReads && this.pendingBranch) return false;
    return !(isAcquire && rules.acquireAfterRelease && this.pendingRelease);
  }

  /** Without the rule of older accesses to the same address, which the caller checks. */
  writeMayGo(isRelease: boolean): boolean {
    const { rules } = this.m;
    if ((this.dataBarrier && rules.dsbHoldsBackAccesses) || this.heldAccess || this.heldWrite) return false;
    if (this.pendingWalk && rules.writeAfterWalks) return false;
    if (this.pendingBranch && rules.writeAfterBranches) return false;
    if (!rules.writesOutOfOrder && this.pendingWrite) return false;
    if (!rules.writesOvertakeReads && this.pendingRead) return false;
    return !(isRelease && rules.release && this.anyAccess);
  }

  get untranslated(): boolean {
    return this.pendingWalk;
  }

  get unresolved(): boolean {
    return this.pendingBranch;
  }

  /** The moment of a fault comes after barriers, acquires and what a release waits for like a write. Only another CPU's DSB after a TLBI waits for it. */
  faultMayGo(isRelease: boolean): boolean {
    const { dsbHoldsBackAccesses, release } = this.m.rules;
    if (isRelease && release && this.anyAccess) return false;
    return !(this.dataBarrier && dsbHoldsBackAccesses) && !this.heldAccess && !this.heldWrite;
  }

  updateMayGo(): boolean {
    const { updateAfterWalks, updateAfterBranches } = this.m.rules;
    return !(this.pendingWalk && updateAfterWalks) && !(this.pendingBranch && updateAfterBranches);
  }

  /** A TLBI, or `elsewhere` the part of one that is about other CPUs. */
  tlbiMayGo(elsewhere: boolean): boolean {
    const { rules } = this.m;
    const behindDsb = this.dataBarrier || (this.ownDataBarrier && !elsewhere);
    if (behindDsb && rules.dsbHoldsBackInvalidations) return false;
    if (this.contextSynchronisation && rules.invalidationAfterSynchronisation) return false;
    if (this.pendingBranch && rules.invalidationAfterBranches) return false;
    if (!rules.invalidationOvertakesWalks && this.pendingWalk) return false;
    return rules.invalidationOvertakesAccesses || !this.anyAccess;
  }

  /** A TLBI or a hardware update of this CPU is not over where it must be for the CPU itself. */
  private get ownTlbOpen(): boolean {
    const { dsbWaitsForUpdates, dsbWaitsForInvalidations } = this.m.rules;
    return (this.pendingUpdate && dsbWaitsForUpdates) || (this.pendingTlbi && dsbWaitsForInvalidations);
  }

  /**
   * A non-shareable DSB waits for what its own CPU's walks may read and its TLB may hold: for descriptors that are written
   * or updated and for TLBIs. Others need not see the writes when it is over, so what they can tell does not wait for them.
   */
  dsbDone(type: number, forItself: boolean, waits: number): boolean {
    const { rules } = this.m;
    const pendingWrite = forItself ? this.pendingDescriptor : this.pendingWrite;
    if (type === BARRIER.LOAD) return !(this.pendingCountedRead && rules.dsbLoadWaitsForReads);
    if (type === BARRIER.STORE) return !(pendingWrite && rules.dsbStoreWaitsForWrites);
    // That every older access is translated follows for accesses; it is there for address translation instructions.
    if (this.pendingWalk && rules.dsbWaitsForReads) return false;
    if (this.pendingUpdate && rules.dsbWaitsForUpdates) return false;
    const isForTlbis = type === BARRIER.FULL && rules.dsbWaitsForInvalidations;
    if (this.pendingTlbi && isForTlbis) return false;
    if (pendingWrite && rules.dsbWaitsForWrites) return false;
    if (forItself) return true;
    if (this.pendingRead && rules.dsbWaitsForReads) return false;
    if (type === BARRIER.ACCESSES) return true;
    return !(this.pendingElsewhere && isForTlbis) && waits === 0;
  }

  isbDone(): boolean {
    return this.synchronisationDone(this.ownDataBarrier);
  }

  private synchronisationDone(behindOwnDsb: boolean): boolean {
    const { rules } = this.m;
    if ((this.dataBarrier || behindOwnDsb) && rules.synchronisationWaitsForDsb) return false;
    if (this.pendingWalk && rules.synchronisationWaitsForWalks) return false;
    return !(this.pendingBound && rules.synchronisationWaitsForBranches);
  }

  get anyAccess(): boolean {
    return this.pendingRead || this.pendingWrite;
  }
}

/** Whether the read of an access has acquire semantics other than those of LDAPR. */
export function acquires(m: Machine, c: Compiled): boolean {
  return c.acquire && !(c.noReturn && m.rules.noReturnIsNoAcquire);
}

/** Whose view a DSB is about, as slot words: a non-shareable one is for its own CPU. */
export const BARRIER_FOR = { ALL: 0, ITSELF: 1 } as const;

export function isForItself(m: Machine, slot: number): boolean {
  return m.w[slot + SLOT.B] === BARRIER_FOR.ITSELF;
}

/**
 * The entry of slot k writes what others can tell. Non-shareable DSBs before it may still wait for descriptors, which the
 * CPU's own walks must not miss when they see this.
 */
export function noteOvertaking(m: Machine, t: number, k: number): void {
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    if (m.w[slot + SLOT.KIND] === ENTRY.DSB && isForItself(m, slot)) m.setFlag(slot, FLAG.WRITTEN);
  }
}

/** Barrier types as slot words. */
export const BARRIER = { FULL: 0, LOAD: 1, STORE: 2, ACCESSES: 3 } as const;
