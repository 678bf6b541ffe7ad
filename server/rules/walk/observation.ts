/**
 * What a walk through one CPU's code notices. Rules choose from it and put it into words. `at` and the like are code
 * indices of that CPU; `site` of the instruction there tells the place in the text.
 */

import type { ClassifiedChange } from '../../../simulator/machine/descriptorChange';
import type { Entry, EntryFinding, Unpublished } from '../../../simulator/machine/entryProtocol';
import type { MissingStep } from '../../../simulator/machine/flushSequence';
import type { CodeIndex, LockId } from '../../../simulator/machine/program';

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
}

export type SleepReason =
  | { readonly kind: 'lock'; readonly lock: LockId; readonly since: CodeIndex }
  | { readonly kind: 'irqsMasked'; readonly since?: CodeIndex }
  | { readonly kind: 'preemption'; readonly since: CodeIndex }
  | { readonly kind: 'readSection'; readonly since: CodeIndex }
  | { readonly kind: 'handler' };

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
  | { readonly kind: 'recursion'; readonly at: CodeIndex; readonly lock: LockId; readonly since: CodeIndex }
  | { readonly kind: 'unlockNotHeld'; readonly at: CodeIndex; readonly lock: LockId; readonly releasedAt?: CodeIndex }
  | { readonly kind: 'assertFails'; readonly at: CodeIndex; readonly lock: LockId }
  | { readonly kind: 'lockLeft'; readonly at: CodeIndex; readonly lock: LockId; readonly since: CodeIndex }
  | { readonly kind: 'sleep'; readonly at: CodeIndex; readonly what: string; readonly reason: SleepReason }
  | { readonly kind: 'doubleFree'; readonly at: CodeIndex; readonly page: bigint; readonly first: CodeIndex }
  /** `mappedAt`: the entry came to lead to the page after it was freed (at `at`). */
  | ({
      readonly kind: 'freeWhileMapped';
      readonly at: CodeIndex;
      readonly mappedAt?: CodeIndex;
      readonly page: bigint;
    } & EntryAt)
  | { readonly kind: 'useAfterFree'; readonly at: CodeIndex; readonly page: bigint; readonly freedAt: CodeIndex }
  | { readonly kind: 'leak'; readonly at: CodeIndex; readonly page: bigint; readonly since: CodeIndex };

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
}
