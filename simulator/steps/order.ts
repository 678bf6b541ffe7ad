/**
 * The local ordering rules: what an effect of an instruction must wait for, among the older instructions of its CPU's
 * window. The window is read from old to young; `absorb` takes in one entry, the predicates speak of the next one.
 *
 * Each rule carries its name in docs/model.md; `MachineOptions.without` leaves rules out, for the test that shows what
 * each is for.
 */

import type { Compiled } from '../machine/code';
import { COMPLETED } from '../machine/completion';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';

export class Order {
  private pendingAccess = false;
  private pendingRead = false;
  private pendingWrite = false;
  private pendingWalk = false;
  private pendingBranch = false;
  private pendingBound = false;
  private pendingTlbi = false;
  /** A TLBI for all CPUs, which only a DSB of a shareable domain completes. */
  private pendingBroadcast = false;
  private pendingUpdate = false;
  private contextSynchronisation = false;
  private dataBarrier = false;
  /** Reads and writes are held back by a DMB or an acquire; writes by a DMB ST too. */
  private heldAccess = false;
  private heldWrite = false;
  private pendingRelease = false;

  reset(): void {
    this.pendingAccess = false;
    this.pendingRead = false;
    this.pendingWrite = false;
    this.pendingWalk = false;
    this.pendingBranch = false;
    this.pendingBound = false;
    this.pendingTlbi = false;
    this.pendingBroadcast = false;
    this.pendingUpdate = false;
    this.contextSynchronisation = false;
    this.dataBarrier = false;
    this.heldAccess = false;
    this.heldWrite = false;
    this.pendingRelease = false;
  }

  absorb(m: Machine, t: number, slot: number): void {
    const { w } = m;
    switch (w[slot + SLOT.KIND]) {
      case ENTRY.ISB:
        this.contextSynchronisation = true;
        break;
      case ENTRY.DSB:
        this.dataBarrier = true;
        break;
      case ENTRY.DMB: {
        const type = w[slot + SLOT.A];
        if (type === BARRIER.FULL ? this.pendingAccess : type === BARRIER.LOAD ? this.pendingRead : false)
          this.heldAccess = true;
        if (type === BARRIER.STORE && this.pendingWrite) this.heldWrite = true;
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
        if (isBroadcast(m.compiled(t, m.w[slot + SLOT.IP] as number))) this.pendingBroadcast = true;
        else this.pendingTlbi = true;
        break;
      case ENTRY.RCU:
        if (!m.flag(slot, FLAG.DONE)) this.heldAccess = true;
        break;
      case ENTRY.LOCK:
      case ENTRY.ACCESS: {
        const flags = w[slot + SLOT.FLAGS] as number;
        if ((flags & FLAG.FAULTED) !== 0) break;
        const c = m.compiled(t, w[slot + SLOT.IP] as number);
        if ((flags & FLAG.READ) === 0) {
          this.pendingAccess = true;
          if (!c.noReturn) this.pendingRead = true;
          if (c.acquire || c.acquirePc) this.heldAccess = true;
          // A spin loop ends with a branch on what it read: until it has, the CPU is speculating past that branch.
          if (c.spins) {
            this.pendingBranch = true;
            this.pendingBound = true;
          }
        }
        if ((flags & FLAG.WRITTEN) === 0) {
          this.pendingAccess = true;
          this.pendingWrite = true;
          if (c.acquire && c.release && c.reads) this.heldAccess = true;
          if (c.release) this.pendingRelease = true;
        }
        if ((flags & FLAG.WALKED) === 0) this.pendingWalk = true;
        if ((flags & FLAG.UPDATE_PENDING) !== 0) this.pendingUpdate = true;
        break;
      }
    }
  }

  /** A walk waits for context synchronisation; with FEAT_ETS2 for a DSB too. */
  walkMayGo(m: Machine): boolean {
    if (this.contextSynchronisation) return false;
    return !(this.dataBarrier && m.program.switches.enhancedTranslationSynchronisation >= 2);
  }

  readMayGo(acquire: boolean): boolean {
    return !this.contextSynchronisation && !this.dataBarrier && !this.heldAccess && !(acquire && this.pendingRelease);
  }

  /** Without the rule of older accesses to the same address, which the caller checks. */
  writeMayGo(release: boolean): boolean {
    if (this.contextSynchronisation || this.dataBarrier || this.heldAccess || this.heldWrite) return false;
    return !this.pendingWalk && !this.pendingBranch && !(release && this.pendingAccess);
  }

  /** Everything older has been read and written: what a release, and a step that is no access, wait for. */
  get quiet(): boolean {
    return !(this.pendingAccess || this.pendingWalk || this.pendingTlbi || this.pendingBroadcast || this.pendingUpdate);
  }

  get untranslated(): boolean {
    return this.pendingWalk;
  }

  get unresolved(): boolean {
    return this.pendingBranch;
  }

  /** A fault event comes after barriers and acquires like an access. Only another CPU's DSB after a TLBI waits for it. */
  faultMayGo(): boolean {
    return !this.contextSynchronisation && !this.dataBarrier && !this.heldAccess && !this.heldWrite;
  }

  updateMayGo(m: Machine): boolean {
    return this.walkMayGo(m) && !this.pendingWalk && !this.pendingBranch;
  }

  /** A TLBI is not ordered by DMB, nor after older accesses: only after DSB and ISB, and it is never speculative. */
  tlbiMayGo(): boolean {
    return !this.contextSynchronisation && !this.dataBarrier && !this.pendingBranch && !this.pendingWalk;
  }

  /**
   * A non-shareable DSB waits for what its own CPU sees: not for a broadcast TLBI, and where one comes next not for the
   * writes before it either, since the walkers of other CPUs need not see them yet.
   */
  dsbDone(type: number, forWhom: number, waits: number): boolean {
    if (this.contextSynchronisation || this.dataBarrier) return false;
    const beforeBroadcast = forWhom === BARRIER_FOR.ITSELF_BEFORE_BROADCAST;
    if (type === BARRIER.LOAD) return !this.pendingRead;
    if (type === BARRIER.STORE) return beforeBroadcast || !this.pendingWrite;
    if (this.pendingWalk || this.pendingTlbi || this.pendingUpdate) return false;
    if (beforeBroadcast) return !this.pendingRead;
    if (this.pendingAccess) return false;
    return forWhom === BARRIER_FOR.ITSELF || !(this.pendingBroadcast || waits > 0);
  }

  isbDone(): boolean {
    return !this.contextSynchronisation && !this.dataBarrier && !this.pendingWalk && !this.pendingBound;
  }

  get anyAccess(): boolean {
    return this.pendingAccess;
  }
}

/** A TLBI of every CPU that a later DSB completes for every CPU. */
function isBroadcast(c: Compiled): boolean {
  return c.completes === COMPLETED.EVERYWHERE && c.instruction.kind === 'tlbi' && c.instruction.innerShareable;
}

/** Whose view a DSB is about, as slot words. */
export const BARRIER_FOR = { ALL: 0, ITSELF: 1, ITSELF_BEFORE_BROADCAST: 2 } as const;

/** Barrier types as slot words. */
export const BARRIER = { FULL: 0, LOAD: 1, STORE: 2 } as const;
