/**
 * What a walk through one CPU's code notices. Rules choose from it and put it into words. `at` and the like are code
 * indices of that CPU; `site` of the instruction there tells the place in the text.
 */

import type { SectionKind } from '../../../simulator/explore/openSections';
import type { ClassifiedChange } from '../../../simulator/machine/descriptorChange';
import type { Entry, EntryFinding, Unpublished } from '../../../simulator/machine/entryProtocol';
import type { MissingStep } from '../../../simulator/machine/flushSequence';
import type { CodeIndex, LockId } from '../../../simulator/machine/program';
import type { TlbiReach } from '../../../simulator/machine/tlbiReach';
import type { TableDifference } from './contents';

/** A translation table entry: its physical address, and what the automaton knows of its place. */
export interface EntryAt {
  readonly word: bigint;
  readonly entry: Entry;
}

export interface HeldLock {
  readonly lock: LockId;
  readonly mode: 'exclusive' | 'shared';
  readonly since: CodeIndex;
}

/** From the break of an entry on, to its make if there is one. */
export interface Window extends EntryAt {
  readonly breakAt: CodeIndex;
  /** What the entry held before. */
  readonly old: bigint;
  readonly heldAtBreak: readonly HeldLock[];
  /** Locks that were held at the break and released before the make, and where. */
  readonly released: readonly { readonly lock: LockId; readonly at: CodeIndex; readonly since: CodeIndex }[];
  /** Where the window is first open with interrupts (with NMIs) unmasked. */
  readonly irqsOnAt?: CodeIndex;
  readonly nmisOnAt?: CodeIndex;
  /** The other CPUs had been made to wait. */
  readonly othersWait: boolean;
  /** TLBIs since the break. */
  readonly flushed: readonly { readonly at: CodeIndex; readonly reach: TlbiReach }[];
}

export type SleepReason =
  | { readonly kind: 'lock'; readonly lock: LockId; readonly since: CodeIndex }
  | { readonly kind: 'irqsMasked'; readonly since?: CodeIndex }
  | { readonly kind: 'preemption'; readonly since: CodeIndex }
  | { readonly kind: 'readSection'; readonly since: CodeIndex }
  | { readonly kind: 'handler' }
  /** The fault path: whoever accesses a struct page may hold a spin lock. */
  | { readonly kind: 'faultPath' };

export type Observation =
  /**
   * The automaton of an entry found something: a make or a release too early, a change without a break. `earlierTlbi`: a
   * TLBI that would remove the old value, but stands before the change.
   */
  | ({ readonly kind: 'protocol'; readonly finding: EntryFinding; readonly earlierTlbi?: CodeIndex } & EntryAt)
  /** A change of an entry is never flushed: the code ends, and these steps are missing. */
  | ({
      readonly kind: 'unflushed';
      readonly since: CodeIndex;
      readonly at: CodeIndex;
      readonly old: bigint;
      readonly value: bigint;
      readonly missing: readonly MissingStep[];
      readonly earlierTlbi?: CodeIndex;
    } & EntryAt)
  /** A new valid value is not published when its lock is released, when it is used, or at the end. */
  | ({
      readonly kind: 'unpublished';
      readonly since: CodeIndex;
      readonly next: Unpublished['next'];
      /** Behind which the next step belongs: the make, or its DSB. */
      readonly behind: CodeIndex;
      readonly at: CodeIndex;
      readonly because: 'unlock' | 'access' | 'end';
    } & EntryAt)
  /** A size changes in place, which the FEAT_BBM level allows but answers with TLB conflict aborts. */
  | ({ readonly kind: 'sizeInPlace'; readonly at: CodeIndex; readonly change: ClassifiedChange } & EntryAt)
  /** An entry is written in parts, and after the first of them it is valid already. */
  | ({ readonly kind: 'partialWrite'; readonly at: CodeIndex; readonly restAt: CodeIndex } & EntryAt)
  /** One entry of a group that the Contiguous bit joins differs from the others at the end. */
  | ({ readonly kind: 'contiguous'; readonly at: CodeIndex; readonly others: number; readonly group: number } & EntryAt)
  /** A block of vmemmap, or what is taken for one, is replaced by a table. */
  | ({ readonly kind: 'split'; readonly at: CodeIndex } & EntryAt)
  | {
      readonly kind: 'window';
      readonly window: Window;
      readonly makeAt: CodeIndex;
      readonly value: bigint;
      readonly heldAtMake: readonly HeldLock[];
    }
  | { readonly kind: 'leftBroken'; readonly window: Window; readonly at: CodeIndex }
  /** The code accesses an address that its own break has made unusable. */
  | {
      readonly kind: 'ownWindow';
      readonly window: Window;
      readonly at: CodeIndex;
      readonly address: bigint;
      readonly held: readonly HeldLock[];
    }
  /** The contents of a page are written behind its back: nothing orders them before the entry that shows the page. */
  | ({
      readonly kind: 'unordered';
      readonly at: CodeIndex;
      readonly contentsAt: CodeIndex;
      readonly page: bigint;
      readonly shows: 'table' | 'leaf';
    } & EntryAt)
  /**
   * A live entry comes to show a page, or a table, that nothing was written to; `since`: its allocation; `breakAt`: where the
   * entry was broken for it; `isZeroed`: the allocation has filled it with zeroes.
   */
  | ({
      readonly kind: 'unfilled';
      readonly at: CodeIndex;
      readonly since?: CodeIndex;
      readonly breakAt?: CodeIndex;
      readonly page: bigint;
      readonly shows: 'table' | 'leaf';
      readonly isZeroed?: boolean;
    } & EntryAt)
  /** A page takes the place of the one that it was copied from, which was written (at `at`) after it was copied. */
  | ({
      readonly kind: 'oldCopy';
      readonly at: CodeIndex;
      readonly copiedAt: CodeIndex;
      readonly makeAt: CodeIndex;
    } & EntryAt)
  /**
   * An entry is stored as it was made from what was read at `readAt`: it is taken to have held `held` until then. `counted`:
   * bits of what was read that went into `value`. `kept`: locks held all the time from the read on; `locked`: at the store.
   * `unordered`: no other CPU was waited for before. `guessed`: a load before found what another code stores.
   */
  | ({
      readonly kind: 'overwrite';
      readonly at: CodeIndex;
      readonly readAt: CodeIndex;
      readonly held: bigint;
      readonly value: bigint;
      readonly counted: bigint;
      readonly kept: readonly HeldLock[];
      readonly locked: readonly HeldLock[];
      readonly unordered: boolean;
      readonly guessed: boolean;
    } & EntryAt)
  /** Struct pages of the huge page `own` become those of another one, or of other pages. */
  | ({ readonly kind: 'otherPages'; readonly at: CodeIndex; readonly own: string; readonly other?: string } & EntryAt)
  /** An entry is stored into the memory that this block maps. */
  | ({ readonly kind: 'strayEntry'; readonly at: CodeIndex } & EntryAt)
  /** A page of tails has struct pages that are no tails; `storedAt`: what put them there. */
  | ({ readonly kind: 'headInTail'; readonly at: CodeIndex; readonly storedAt: CodeIndex } & EntryAt)
  /** A table takes a block's place and maps the same otherwise; `filledAt`: the store of the entry that differs. */
  | ({
      readonly kind: 'tableDiffers';
      readonly at: CodeIndex;
      readonly filledAt?: CodeIndex;
      readonly what: TableDifference;
    } & EntryAt)
  /** A table gave way to a block, and these TLBIs leave what TLBs have from some of its entries. */
  | ({
      readonly kind: 'pagesLeft';
      readonly at: CodeIndex;
      readonly tlbiAt: CodeIndex;
      readonly breakAt: CodeIndex;
      readonly left: number;
    } & EntryAt)
  /** An entry maps memory with another memory type or shareability than the linear map does. */
  | ({ readonly kind: 'otherAttributes'; readonly at: CodeIndex; readonly value: bigint } & EntryAt)
  /** An entry is made valid with a clear access flag, which some CPU does not set by itself. */
  | ({ readonly kind: 'accessFlagClear'; readonly at: CodeIndex } & EntryAt)
  /** At the end an entry leads to a page that others have too, and lets writes through. */
  | ({ readonly kind: 'writableAlias'; readonly at: CodeIndex; readonly with: 'head' | 'sharedTail' } & EntryAt)
  /** At the end the entry of a head is read-only, and was not at the start. */
  | ({ readonly kind: 'readOnlyHead'; readonly at: CodeIndex } & EntryAt)
  /** Memory is written while an entry that became writable may still be read-only in TLBs. `stored`: the word. */
  | ({
      readonly kind: 'storeBeforeFlush';
      readonly at: CodeIndex;
      readonly since: CodeIndex;
      readonly stored: bigint;
      readonly old: bigint;
    } & EntryAt)
  /** What tells that a huge page is optimised is taken back before a tail is writable again. */
  | ({ readonly kind: 'unmarkedTooEarly'; readonly at: CodeIndex; readonly makeAt: CodeIndex } & EntryAt)
  /** What makes others look for fake heads is turned on when a tail leads to the head already. */
  | ({ readonly kind: 'keyTooLate'; readonly at: CodeIndex; readonly since: CodeIndex } & EntryAt)
  /** A write goes through a read-only entry that no other code changes; `since`: what made it so. */
  | ({ readonly kind: 'readOnlyWrite'; readonly at: CodeIndex; readonly since?: CodeIndex } & EntryAt)
  /**
   * The hook says that the fault of an address is mended. The entry is the one on the way to it that another code breaks;
   * `looked`: the hook has read it, or something that cannot be told.
   */
  | ({ readonly kind: 'mended'; readonly at: CodeIndex; readonly address: bigint; readonly looked: boolean } & EntryAt)
  /** A fault handler took a lock and says that the fault is mended, without having looked at the entry under the lock. */
  | { readonly kind: 'blindRetry'; readonly at: CodeIndex; readonly lock: LockId; readonly lookedBefore?: CodeIndex }
  /** It has looked, and asked for no more than whether the entry is none. */
  | { readonly kind: 'noneTest'; readonly at: CodeIndex }
  | { readonly kind: 'recursion'; readonly at: CodeIndex; readonly lock: LockId; readonly since: CodeIndex }
  | {
      readonly kind: 'unlockNotHeld';
      readonly at: CodeIndex;
      readonly lock: LockId;
      readonly releasedAt?: CodeIndex;
      /** It is held, but for reading and is released as by a writer, or the other way round. */
      readonly heldSince?: CodeIndex;
    }
  /** Preemption is enabled that is not off, or a read-side section of RCU is ended where none is open. */
  | { readonly kind: 'sectionNotOpen'; readonly at: CodeIndex; readonly section: 'preemption' | 'rcu' }
  | {
      readonly kind: 'assertFails';
      readonly at: CodeIndex;
      readonly lock: LockId;
      readonly held: readonly HeldLock[];
    }
  | { readonly kind: 'lockLeft'; readonly at: CodeIndex; readonly lock: LockId; readonly since: CodeIndex }
  /** Interrupts are masked at the end, since before the last lock was released. */
  /** The code is over, and a section that other ways close is open. */
  | { readonly kind: 'sectionLeft'; readonly at: CodeIndex; readonly since: CodeIndex; readonly section: SectionKind }
  | { readonly kind: 'restoreUnsaved'; readonly at: CodeIndex; readonly masks: boolean }
  | { readonly kind: 'masksLeft'; readonly at: CodeIndex; readonly since: CodeIndex; readonly releasedAt: CodeIndex }
  | { readonly kind: 'sleep'; readonly at: CodeIndex; readonly what: string; readonly reason: SleepReason }
  /** A handler tries to take a mutex. */
  | { readonly kind: 'mutexInHandler'; readonly at: CodeIndex; readonly lock: LockId }
  | { readonly kind: 'doubleFree'; readonly at: CodeIndex; readonly page: bigint; readonly first: CodeIndex }
  /** `mappedAt`: the entry came to lead to the page after it was freed (at `at`). */
  | ({
      readonly kind: 'freeWhileMapped';
      readonly at: CodeIndex;
      readonly mappedAt?: CodeIndex;
      readonly page: bigint;
    } & EntryAt)
  /** A word of an allocated page is read through the linear map, and nobody has written it; `since`: the allocation. */
  | { readonly kind: 'unwrittenRead'; readonly at: CodeIndex; readonly page: bigint; readonly since: CodeIndex }
  | { readonly kind: 'useAfterFree'; readonly at: CodeIndex; readonly page: bigint; readonly freedAt: CodeIndex }
  /** `unmapped`: it was mapped at the start, and `since` is what took it away; else it is where the page was allocated. */
  | {
      readonly kind: 'leak';
      readonly at: CodeIndex;
      readonly page: bigint;
      readonly since: CodeIndex;
      readonly unmapped: boolean;
    };

/** A virtual address of vmemmap that code accesses, with what holds there. */
export interface Touch {
  readonly at: CodeIndex;
  readonly address: bigint;
  readonly write: boolean;
  readonly held: readonly HeldLock[];
  readonly irqsMasked: boolean;
}

/** A lock that code waits for, with what it holds then. */
export interface Taking {
  readonly at: CodeIndex;
  readonly lock: LockId;
  readonly mode: 'exclusive' | 'shared';
  readonly held: readonly HeldLock[];
  readonly irqsMasked: boolean;
  readonly nmisMasked: boolean;
  /** Until the lock is free; a lock that is only tried never waits. */
  readonly waits: boolean;
}
