/**
 * What an exploration has learned about its program. A state record has a fixed layout, but which words of memory are
 * both written and looked at, how many instructions are in flight, how long a history grows and what an instruction
 * may touch is known only by running. So the machine assumes that what it has not seen does not happen; when it does,
 * that is noted here, `grown` is set and the exploration starts again with the larger layout. What it reports comes
 * from a pass in which nothing grew.
 */

import type { Filling } from './program';
import type { ValueId } from './values';

/** Where in the translation a descriptor was met: its level and the first VA that it covers. */
export interface CellPlace {
  readonly level: number;
  readonly base: bigint;
  readonly bytes: bigint;
}

/** What one instruction has been seen to touch. Words by physical address, pages by VA page. */
export interface Footprint {
  readonly reads: Set<ValueId>;
  readonly writes: Set<ValueId>;
  readonly walks: Set<ValueId>;
  readonly invalidates: Set<ValueId>;
  /** Page frames that it allocates or frees. */
  readonly frames: Set<ValueId>;
  /** What it writes, by word. Nothing in an exploration depends on it. */
  readonly stored: Map<ValueId, Set<ValueId>>;
  faults: boolean;
}

/** Named bounds of everything that may grow. */
export const LIMITS = {
  /** Instructions of one CPU in flight. */
  windowSlots: 512,
  /** Values of one descriptor that some CPU may still use. */
  historyLength: 64,
  /** Accesses of other CPUs that one DSB waits for. */
  waits: 256,
  /** Entries that one CPU's TLB may hold of tables that were unlinked. */
  strays: 256,
  /** Words of memory that are both written and looked at. */
  locations: 4096,
  /** Pages that are allocated or freed. */
  frames: 4096,
} as const;

/** How much room grows at a time: an empty slot of the window costs next to nothing. */
const GROWTH = { windowSlots: 2.5, historyLength: 1.5, waits: 1.5, strays: 1.5 } as const;

/** `pageWords`: a word was read that a copy or clear of its page has left out. */
export type LimitName = keyof typeof LIMITS | 'values' | 'nesting' | 'instructions' | 'pageWords';

export class Learned {
  /** Set when something new was learned in this pass. */
  grown = false;
  private readonly widened = new Set<string>();
  /** The bound that was hit, if one was: the exploration is incomplete. */
  exceeded: LimitName | undefined;
  /** Some entry has the Contiguous bit: walks look at whole groups. */
  contiguous = false;
  /** A CPU was seen in a loop that does nothing and never ends. */
  endless = false;
  /** False: nothing depends on what instructions read, write, walk and free, so that more of it makes no pass void. */
  footprintsMatter = true;

  windowSlots = 12;
  historyLength = 3;
  waits = 8;
  strays = 0;
  readonly written = new Set<ValueId>();
  readonly observed = new Set<ValueId>();
  /** Words of the record, by physical address: written and observed. */
  readonly locations: ValueId[] = [];
  readonly cells = new Map<ValueId, CellPlace[]>();
  /** How many places all cells have together; it only grows. */
  cellPlaces = 0;
  readonly frames: ValueId[] = [];
  /**
   * Pages that seem to be lost at the end of some execution, with the word that maps each at the start (-1: none does).
   * Words that get the address of such a page are observed, so that it is known for certain.
   */
  readonly suspects = new Map<ValueId, ValueId>();
  /** Pages that some allocation has filled with zeroes. */
  readonly zeroed = new Set<ValueId>();
  /** Pages that were copied to or cleared, by address, and how. */
  readonly filled = new Map<ValueId, Set<Filling>>();
  /** VA pages that some access translates, by value number of the page's address. */
  readonly pages: ValueId[] = [];
  private readonly footprints = new Map<number, Footprint>();

  /** Makes room; once in a pass, since the pass goes on with the layout it has. */
  grow(what: 'windowSlots' | 'historyLength' | 'waits' | 'strays'): void {
    if (this.widened.has(what)) return;
    this.widened.add(what);
    const next = Math.min(LIMITS[what], Math.ceil(this[what] * GROWTH[what]) + 1);
    if (next === this[what]) this.exceeded ??= what;
    this[what] = next;
    this.grown = true;
  }

  /** The layout of this pass has no room for something: steps that need it are not possible. */
  get isTooSmall(): boolean {
    return this.widened.size > 0;
  }

  /** A new pass starts, with a layout that has room for everything learned. */
  startPass(): void {
    this.grown = false;
    this.endless = false;
    this.widened.clear();
  }

  write(word: ValueId): void {
    if (this.written.has(word)) return;
    this.written.add(word);
    if (this.observed.has(word)) this.addLocation(word);
  }

  observe(word: ValueId): void {
    if (this.observed.has(word)) return;
    this.observed.add(word);
    if (this.written.has(word)) this.addLocation(word);
  }

  private addLocation(word: ValueId): void {
    if (this.locations.length >= LIMITS.locations) {
      this.exceeded ??= 'locations';
      return;
    }
    this.locations.push(word);
    this.grown = true;
  }

  addFrame(frame: ValueId): void {
    if (this.frames.includes(frame)) return;
    if (this.frames.length >= LIMITS.frames) {
      this.exceeded ??= 'frames';
      return;
    }
    this.frames.push(frame);
    this.grown = true;
  }

  /** Notes that a descriptor is met in walks; true when this place is new. */
  addCell(word: ValueId, level: number, base: bigint, bytes: bigint): void {
    let places = this.cells.get(word);
    if (places === undefined) {
      places = [];
      this.cells.set(word, places);
    }
    if (places.some((p) => p.level === level && p.base === base)) return;
    places.push({ level, base, bytes });
    this.cellPlaces++;
    this.grown = true;
  }

  /** The footprint of the instruction of a CPU at a code index; grows as the instruction is seen to run. */
  footprint(cpu: number, ip: number): Footprint {
    const key = cpu * 2 ** 24 + ip;
    let footprint = this.footprints.get(key);
    if (footprint === undefined) {
      footprint = {
        reads: new Set(),
        writes: new Set(),
        walks: new Set(),
        invalidates: new Set(),
        frames: new Set(),
        stored: new Map(),
        faults: false,
      };
      this.footprints.set(key, footprint);
    }
    return footprint;
  }

  /** A value that an instruction writes to a word. */
  noteStored({ stored }: Footprint, word: ValueId, value: ValueId): void {
    const values = stored.get(word);
    if (values === undefined) stored.set(word, new Set([value]));
    else values.add(value);
  }

  fill(page: ValueId, how: Filling): void {
    const known = this.filled.get(page);
    if (known === undefined) this.filled.set(page, new Set([how]));
    else known.add(how);
  }

  /** The words that some instruction has been seen to read, with those that walks have. */
  *wordsRead(): Iterable<ValueId> {
    for (const { reads } of this.footprints.values()) yield* reads;
    yield* this.cells.keys();
  }

  noteFault(footprint: Footprint): void {
    if (footprint.faults) return;
    footprint.faults = true;
    this.grown = true;
  }

  /** A TLBI covers a page that some access translates: with no reduction either a walk that nothing changes asks for that. */
  noteInvalidation({ invalidates }: Footprint, page: ValueId): void {
    if (invalidates.has(page)) return;
    invalidates.add(page);
    this.grown = true;
  }

  touch(set: Set<ValueId>, item: ValueId): void {
    if (set.has(item)) return;
    set.add(item);
    if (this.footprintsMatter) this.grown = true;
  }
}
