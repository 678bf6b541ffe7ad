/** What all steps of a walk share: the program, what the other codes do to its memory, and what has been noticed. */

import type { CodeIndex, Program, Site } from '../../../simulator/machine/program';
import type { CodeContext } from './context';
import type { Landmarks } from './landmarks';
import type { HeldLock, Observation, Taking, Touch } from './observation';
import type { EntryStore } from './overwrites';
import type { Tables } from './tables';
import { isKnown, type Symbols, type Word } from './word';

/** Named bounds of a walk; one that is hit ends the walk, which then says so. */
export const WALK_LIMITS = {
  /** Instructions, over all ways through one code. */
  steps: 200_000,
  /** Ways that wait to be gone on with. */
  ways: 512,
  /** Values that others may have stored to one word, before it counts as unknown. */
  storedValues: 3,
  /** Accesses, lock takings and stores of entries that are remembered of one code. */
  touches: 4096,
} as const;

/** Words of physical memory that codes write, with what they write; more than a few values are `unknown`. */
export type Stores = ReadonlyMap<bigint, readonly bigint[] | 'unknown'>;

/** What is noticed about one code, over all ways through it. */
export interface Walk {
  readonly context: CodeContext;
  readonly observations: readonly Observation[];
  readonly touches: readonly Touch[];
  readonly takings: readonly Taking[];
  readonly stores: Stores;
  /** 64-bit words of physical memory, no entries, that the code reads. */
  readonly reads: ReadonlySet<bigint>;
  /** Stores of entries before which no other CPU was waited for. */
  readonly entryStores: readonly EntryStore[];
  /** Changes of live entries, with the locks that are held there. */
  readonly changes: ReadonlyMap<CodeIndex, readonly HeldLock[]>;
  /** Allocations whose page somebody has, or that is freed, at the end of some way. */
  readonly keptPages: ReadonlySet<CodeIndex>;
  /** Frees of a page that was not free, on some way. */
  readonly soundFrees: ReadonlySet<CodeIndex>;
  /** Pages that are freed on some way. */
  readonly freedPages: ReadonlySet<bigint>;
  /** TLBIs that removed something that had changed. */
  readonly usefulTlbis: ReadonlySet<CodeIndex>;
  /** Sites of the instructions that some way came to. */
  readonly reached: ReadonlySet<Site>;
  /** What is found depends on which words of pages anybody accesses. */
  readonly comparesPages: boolean;
  /** A bound was hit: some ways were not gone to their end. */
  readonly incomplete: boolean;
}

export class Walker {
  readonly observations: Observation[] = [];
  readonly touches: Touch[] = [];
  readonly takings: Taking[] = [];
  readonly stores = new Map<bigint, bigint[] | 'unknown'>();
  readonly reads = new Set<bigint>();
  readonly keptPages = new Set<CodeIndex>();
  readonly soundFrees = new Set<CodeIndex>();
  readonly freedPages = new Set<bigint>();
  readonly usefulTlbis = new Set<CodeIndex>();
  readonly entryStores: EntryStore[] = [];
  readonly changes = new Map<CodeIndex, readonly HeldLock[]>();
  comparesPages = false;
  private readonly said = new Set<string>();

  constructor(
    readonly program: Program,
    readonly tables: Tables,
    readonly landmarks: Landmarks,
    readonly context: CodeContext,
    readonly symbols: Symbols,
    /** What other codes store, those that interrupt this one included. */
    readonly foreign: Stores,
    /** Offsets in a page of the words of vmemmap that some code accesses. */
    readonly offsets: ReadonlySet<bigint>,
  ) {}

  notice(observation: Observation): void {
    if (this.isNew(observation)) this.observations.push(observation);
  }

  noticeTouch(touch: Touch): void {
    const { at, address, held, irqsMasked } = touch;
    const key = { kind: 'touch', at, address, held, irqsMasked };
    if (this.touches.length < WALK_LIMITS.touches && this.isNew(key)) this.touches.push(touch);
  }

  noticeTaking(taking: Taking): void {
    if (this.takings.length < WALK_LIMITS.touches && this.isNew({ kind: 'taking', ...taking }))
      this.takings.push(taking);
  }

  noticeEntryStore(store: EntryStore): void {
    if (this.entryStores.length < WALK_LIMITS.touches && this.isNew({ kind: 'entryStore', ...store }))
      this.entryStores.push(store);
  }

  noticeStore(word: bigint, value: Word): void {
    const known = this.stores.get(word);
    if (known === 'unknown') return;
    if (!isKnown(value) || (known !== undefined && known.length >= WALK_LIMITS.storedValues && !known.includes(value)))
      this.stores.set(word, 'unknown');
    else if (known === undefined) this.stores.set(word, [value]);
    else if (!known.includes(value)) known.push(value);
  }

  private isNew(thing: object): boolean {
    const key = JSON.stringify(thing, (_, value: unknown) => (typeof value === 'bigint' ? value.toString(36) : value));
    if (this.said.has(key)) return false;
    this.said.add(key);
    return true;
  }
}
