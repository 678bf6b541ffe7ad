/**
 * A cursor over a state record: the record's words under the names of the architecture. It holds no state of its own
 * beyond the record, what has been learned, and the events of the step in hand.
 */

import { Acquisitions } from './acquisitions';
import { assert } from './assert';
import type { Compiled, CompiledCpu } from './code';
import { worstCompletion } from './completion';
import type { ClassifiedChange } from './descriptorChange';
import type { Entries } from './entries';
import { type Event, Events } from './events';
import { Future } from './future';
import type { Level } from './granule';
import type { Note } from './journal';
import { CPU, FLAG, type Layout, MARKS_PER_WORD, makeLayout, NEST, SLOT } from './layout';
import type { Footprint, Learned } from './learned';
import type { Rules } from './modelRules';
import type { Prepared } from './prepared';
import type { DirectRange, Program, Register } from './program';
import type { Reached } from './reached';
import type { Reductions } from './reductions';
import type { ValueId, Values } from './values';

/** Lock words: 0 free, cpu + 1 held exclusively, SHARED + a mask of CPUs held shared. */
export const SHARED = 1 << 16;

export interface MachineOptions {
  /** Tell the ends of accesses that went well too, and not only faults and findings. */
  readonly tellsAccesses: boolean;
  /** The reductions of docs/model.md but those that are apart; off: every effect is a step of its own. */
  readonly reductions: boolean;
  /** Rules of the model and reductions that are left out, for the tests that show what each is for. */
  readonly without: ReadonlySet<string>;
}

/** Descriptors by the table that they stand in. */
export interface KnownTables {
  /** `Learned.cellPlaces` when this was made. */
  readonly places: number;
  readonly words: ReadonlyMap<bigint, readonly ValueId[]>;
  /** What every CPU reaches, when no descriptor above a leaf is in the record. */
  readonly fixed: ReachedTables | undefined;
}

/** Tables, by physical address, and for each the first VAs of what it may translate: 0 for the root. */
export type ReachedTables = ReadonlyMap<bigint, ReadonlySet<bigint>>;

export class Machine {
  readonly program: Program;
  readonly values: Values;
  readonly entries: Entries;
  readonly events: Events;
  readonly acquisitions = new Acquisitions();
  readonly cpus: readonly CompiledCpu[];
  readonly layout: Layout;
  /** The record that the cursor is over. */
  readonly w: Int32Array<ArrayBuffer>;
  readonly future: Future;
  /** Which rules of the model hold, which reductions are made. */
  readonly rules: Rules;
  readonly reduces: Reductions;
  /** Changes of descriptors that were classified (steps/descriptorConflict.ts fills it). */
  readonly changes = new Map<number, ClassifiedChange>();
  /** The tables that hold descriptors, as far as they are known (steps/reachableTables.ts fills it). */
  knownTables: KnownTables | undefined;
  /** Break-before-make findings by instruction, location, values and CPU (steps/breakBeforeMake.ts fills it). */
  readonly findings = new Map<Compiled | undefined, Map<number, Map<number, Event>>>();
  /** What TLBIs reach, by instruction and operands (steps/tlbi.ts fills it). */
  readonly reached = new Map<Compiled, Map<number, Reached>>();
  /** Contiguous groups whose entries at the start were looked at (steps/contiguous.ts fills it). */
  readonly groups = new Set<bigint>();
  /** Words of the record by the page that they stand in (steps/origin.ts fills it). */
  readonly frameLocations = new Map<ValueId, readonly number[]>();
  /** Where the walk of each page starts to be other than constant (steps/walk.ts fills it). */
  readonly walkStarts = new Map<
    ValueId,
    {
      readonly level: Level;
      readonly word: ValueId;
      readonly above: { readonly readOnly: boolean; readonly el0: boolean };
    }
  >();
  /** Any CPU with hardware update of the access flag. */
  readonly hardwareUpdates: boolean;
  /** For each CPU the first one with the same code. */
  readonly classes: readonly number[];
  readonly trylocks: boolean;
  /** Somebody waits for a grace period, so that it matters where read-side sections begin and end. */
  readonly gracePeriods: boolean;
  /** Some CPU has a non-shareable DSB. */
  readonly nonShareable: boolean;
  /** Some instruction stands for fetching another one that is modified. */
  readonly modifiesCode: boolean;
  private locationOf: Int32Array<ArrayBuffer>;
  /** Pages whose first contents nobody has written. */
  private readonly unfilled: ReadonlySet<ValueId>;
  private readonly initialWords = new Map<ValueId, ValueId>();
  private readonly pages: Set<ValueId>;
  private readonly frameOf = new Map<ValueId, number>();
  private physicalOf: Int32Array<ArrayBuffer>;
  private readonly worst: Uint8Array[] = [];
  /** Where what happens is written down, for an execution that somebody looks at. */
  journal: Note[] | undefined = undefined;
  /** Set when this branch of the exploration has no execution: another branch has the right order. */
  dropped = false;
  /** The CPU whose window was being settled last: when a branch is dropped, the one that dropped it. */
  settling = -1;
  /** The step in hand looked at other CPUs' blocks or changed them: it may not be remembered as a step of its CPU alone. */
  looksAbroad = false;
  /** It invalidated TLBs: bounds were raised. Of words (`locationBit`) that have old values. */
  invalidates = false;
  raised = 0;
  /** Something followed from it at once for another CPU. */
  othersMoved = false;
  /** Locations (`locationBit`) whose histories lost old values in the step in hand; that were written. */
  trimmed = 0;
  written = 0;

  constructor(
    prepared: Prepared,
    readonly learned: Learned,
    readonly options: MachineOptions,
  ) {
    const { program } = prepared;
    this.rules = prepared.rules;
    this.reduces = prepared.reduces;
    this.program = program;
    this.values = prepared.values;
    this.entries = prepared.entries;
    this.events = new Events(program);
    this.cpus = prepared.cpus;
    this.classes = prepared.classes;
    this.unfilled = prepared.unfilled;
    this.layout = makeLayout(program, learned);
    this.w = new Int32Array(this.layout.words);
    this.hardwareUpdates = program.cpus.some((c) => c.hardwareAccessFlag || c.hardwareDirtyState);
    this.trylocks = program.cpus.some((c) => c.code.some((i) => i.kind === 'lock' && i.taken !== undefined));
    this.gracePeriods = this.layout.graceCount > 0;
    this.nonShareable = program.cpus.some((c) => c.code.some((i) => i.kind === 'dsb' && i.domain === 'nonShareable'));
    this.modifiesCode = program.cpus.some((c) => c.code.some((i) => i.kind === 'translate' && i.fetches === true));
    this.locationOf = new Int32Array(1 << 8).fill(-1);
    this.physicalOf = new Int32Array(1 << 8).fill(UNKNOWN);
    learned.locations.forEach((word, i) => {
      this.locationOf = grownTo(this.locationOf, word, -1);
      this.locationOf[word] = i;
    });
    learned.frames.forEach((frame, i) => {
      this.frameOf.set(frame, i);
    });
    this.pages = new Set(learned.pages);
    this.future = new Future(this);
  }

  /** The DSB that is sure to follow a TLBI of CPU t (COMPLETED), as far as faults have been seen. */
  surelyCompletes(t: number, ip: number): number {
    let worst = this.worst[t];
    if (worst === undefined) {
      const { program } = this.cpus[t] as CompiledCpu;
      worst = worstCompletion(program, (at) => this.footprint(t, at).faults);
      this.worst[t] = worst;
    }
    return worst[ip] as number;
  }

  /** Notes that some access translates this page; a page that is new makes the layout grow. */
  notePage(page: ValueId): void {
    if (this.pages.has(page)) return;
    this.pages.add(page);
    this.learned.pages.push(page);
    this.learned.grown = true;
  }

  /** Puts the initial state into the record. */
  reset(): void {
    const { w, layout } = this;
    w.fill(0);
    for (let l = 0; l < layout.locations; l++) {
      const h = layout.history + l * layout.historyWords;
      w[h] = 1;
      w[h + 1] = this.initialWord(this.learned.locations[l] as ValueId);
    }
    const free = new Set(this.program.freePages.map((p) => this.values.of(p)));
    this.learned.frames.forEach((frame, i) => {
      w[layout.frames + i] = free.has(frame) ? FRAME.FREE : FRAME.USED;
    });
    this.cpus.forEach((cpu, t) => {
      for (const [register, value] of cpu.program.initial)
        w[this.register(t, register)] = this.values.ofStart(t, value);
      if (cpu.program.irqsMasked) {
        w[this.base(t) + CPU.MASKS] = 1;
        if (this.gracePeriods && this.rules.maskedRegionsAreRead) w[this.base(t) + CPU.SECTION] = 1;
      }
      cpu.program.interrupts.forEach((interrupt, i) => {
        w[(layout.remaining[t] as number) + i] = interrupt.times;
      });
    });
  }

  initialWord(word: ValueId): ValueId {
    let value = this.initialWords.get(word);
    if (value === undefined) {
      value = this.values.found(word, (one) => this.program.initialWord(this.values.raw(one)));
      if (this.rules.uninitialisedReads && this.unfilled.size > 0 && this.unfilled.has(this.frameOfWord(word)))
        value = this.values.uninitialised(value);
      this.initialWords.set(word, value);
    }
    return value;
  }

  /** What the instruction of a CPU has been seen to touch; CPUs with the same code share it. */
  footprint(t: number, ip: number): Footprint {
    return this.learned.footprint(this.classes[t] as number, ip);
  }

  // Addresses.

  /** The physical address of a directly mapped virtual one, as a value number, or NOT_DIRECT when it is walked. */
  direct(address: ValueId): ValueId {
    if (address >= this.physicalOf.length) this.physicalOf = grownTo(this.physicalOf, address, UNKNOWN);
    let physical = this.physicalOf[address] as number;
    if (physical === UNKNOWN) {
      physical = NOT_DIRECT;
      const va = this.values.get(address);
      for (const range of this.program.translation.direct) {
        const offset = directOffset(range, va);
        if (offset !== undefined) physical = this.values.of(range.physicalBase + offset);
      }
      this.physicalOf[address] = physical;
    }
    return physical;
  }

  /** The location of a word of physical memory, or -1 when nobody both writes and looks at it. */
  location(word: ValueId): number {
    return word < this.locationOf.length ? (this.locationOf[word] as number) : -1;
  }

  // CPU blocks.

  base(t: number): number {
    return this.layout.base[t] as number;
  }

  register(t: number, r: Register): number {
    return (this.layout.registers[t] as number) + r;
  }

  count(t: number): number {
    return this.w[this.base(t) + CPU.COUNT] as number;
  }

  slot(t: number, k: number): number {
    return (this.layout.slots[t] as number) + k * (this.layout.slotWords[t] as number);
  }

  compiled(t: number, ip: number): Compiled {
    const code = (this.cpus[t] as CompiledCpu).code[ip];
    assert(code !== undefined, 'a code index lies inside the code');
    return code;
  }

  /** First word of the exception stack's level d (1 is the first exception). */
  nest(t: number, depth: number): number {
    return this.base(t) + CPU.STACK + (depth - 1) * NEST.WORDS;
  }

  isDead(t: number): boolean {
    return this.w[this.base(t) + CPU.DEAD] !== 0;
  }

  // Histories and bounds.

  historyAt(location: number): number {
    return this.layout.history + location * this.layout.historyWords;
  }

  /** Number of values in the history of a location. */
  historyLength(location: number): number {
    return this.w[this.historyAt(location)] as number;
  }

  historyValue(location: number, index: number): ValueId {
    return this.w[this.historyAt(location) + 1 + index] as number;
  }

  last(location: number): ValueId {
    const h = this.historyAt(location);
    return this.w[h + (this.w[h] as number)] as number;
  }

  /** Appends a value: the word's new current value. Drops the branch when the record has no room (it then grows). */
  append(location: number, value: ValueId): void {
    const h = this.historyAt(location);
    const length = this.w[h] as number;
    if (length >= this.layout.historyCapacity) {
      this.learned.grow('historyLength');
      this.dropped = true;
      return;
    }
    this.w[h] = length + 1;
    this.w[h + 1 + length] = value;
  }

  /** The current value of any word of physical memory. */
  current(word: ValueId): ValueId {
    const location = this.location(word);
    return location >= 0 ? this.last(location) : this.initialWord(word);
  }

  leafBound(t: number, location: number): number {
    return (this.layout.leafBounds[t] as number) + location;
  }

  tableBound(t: number, location: number): number {
    return (this.layout.tableBounds[t] as number) + location;
  }

  // Frames.

  /** The word that tells whether an allocatable page is in use, or -1 for a page that is never allocated or freed. */
  frameWord(frame: ValueId): number {
    const index = this.frameOf.get(frame);
    return index === undefined ? -1 : this.layout.frames + index;
  }

  /** The page frame of a word of memory. */
  frameOfWord(word: ValueId): ValueId {
    return this.values.compute('and', word, this.values.of(~(this.program.pageBytes - 1n) & 0xffff_ffff_ffff_ffffn), 0);
  }

  // Small helpers over slots.

  flag(slot: number, bit: number): boolean {
    return ((this.w[slot + SLOT.FLAGS] as number) & bit) !== 0;
  }

  setFlag(slot: number, bit: number): void {
    this.w[slot + SLOT.FLAGS] = (this.w[slot + SLOT.FLAGS] as number) | bit;
  }

  clearFlag(slot: number, bit: number): void {
    this.w[slot + SLOT.FLAGS] = (this.w[slot + SLOT.FLAGS] as number) & ~bit;
  }

  /** An access that is not translated yet: everything younger may still be squashed. */
  isUntranslated(slot: number): boolean {
    return ((this.w[slot + SLOT.FLAGS] as number) & FLAG.WALKED) === 0;
  }

  emit(event: Event): void {
    this.events.emit(event);
    this.journal?.push({ what: 'event', cpu: event.cpu, at: -1, value: this.events.told.length - 1 });
  }

  /** Notes a sticky event on a CPU's block when an observable asks for it. */
  mark(t: number, observed: readonly number[]): void {
    for (const n of observed) {
      const at = (this.layout.marks[t] as number) + Math.floor(n / MARKS_PER_WORD);
      this.w[at] = (this.w[at] as number) | (1 << (n % MARKS_PER_WORD));
    }
  }

  /** Whether a CPU has told the n-th event that is observed. */
  isMarked(t: number, n: number): boolean {
    const word = this.w[(this.layout.marks[t] as number) + Math.floor(n / MARKS_PER_WORD)] as number;
    return (word & (1 << (n % MARKS_PER_WORD))) !== 0;
  }
}

/** The bit that stands for a location in a set; locations may share one. */
export function locationBit(location: number): number {
  return 1 << (location % 31);
}

/** `ZEROED`: in use again, by an allocation that has filled it with zeroes. `TAKEN`: in use, by the one allocation that gives it. */
export const FRAME = { USED: 0, FREE: 1, REUSED: 2, ZEROED: 3, TAKEN: 4 } as const;

export const NOT_DIRECT = -1;
const UNKNOWN = -2;

function directOffset(range: DirectRange, va: bigint): bigint | undefined {
  return va >= range.virtualBase && va < range.virtualBase + range.bytes ? va - range.virtualBase : undefined;
}

function grownTo(array: Int32Array<ArrayBuffer>, index: number, fill: number): Int32Array<ArrayBuffer> {
  if (index < array.length) return array;
  const grown = new Int32Array(Math.max(array.length * 2, index + 1)).fill(fill);
  grown.set(array);
  return grown;
}
