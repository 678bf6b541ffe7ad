/**
 * Every execution of a program: breadth first, so that a path to a finding is a shortest one; states are compared
 * exactly; work comes in slices, and every bound that is hit is named.
 */

import { type Acquisition, keyOf } from '../machine/acquisitions';
import { type Event, eventKey } from '../machine/events';
import type { Level } from '../machine/granule';
import { Learned, type LimitName } from '../machine/learned';
import { FRAME, Machine, type MachineOptions } from '../machine/machine';
import { type Prepared, prepare } from '../machine/prepared';
import type { Instruction, Program } from '../machine/program';
import { MAX_VALUES, type ValueId } from '../machine/values';
import { Choices } from '../steps/choices';
import { settle } from '../steps/closure';
import { noteZeroed } from '../steps/origin';
import { type Deadlock, lockDeadlock, stuck } from './deadlock';
import { leadsTo } from './entryFlow';
import { giveOwnValues, interchangeable } from './equalCpus';
import { foresee } from './foresight/foresee';
import { IntList, SmallIntList } from './growing';
import { type Leftover, Leftovers } from './leftovers';
import { statesWithoutEnd } from './livelock';
import { LocalSteps, type Tally } from './localSteps';
import { type Acquired, type Splat, splatsOf } from './lockdep';
import { isNamed } from './lostPages';
import { isFair, noteObserved, observe } from './observe';
import { opensSection } from './openSections';
import { readsLeftOut } from './pageWords';
import { Permutations } from './permutations';
import { sampleExecution } from './sample';
import { scout } from './scout';
import { stallsIn } from './stalls';
import { StateStore } from './stateStore';
import { type Happening, replay, type Trace } from './trace';
import { unpermuted, type Wanted } from './unpermuted';
import { suspectEntries } from './unwalkedEntries';

export interface ExploreOptions {
  /** Bound on the number of states; the result is incomplete when it is hit. */
  readonly maxStates: number;
  readonly reductions: boolean;
  /** Equal CPUs may change places: one state stands for all permutations. */
  readonly symmetry: boolean;
  readonly tellsAccesses: boolean;
  /** Look for states from which no execution ends (costs four bytes a transition). */
  readonly livelock: boolean;
  /** Remember steps of one CPU instead of taking them anew in each state; the result is the same (off in tests only). */
  readonly remembers: boolean;
  /** Model rules that are left out (tests only). */
  readonly without: ReadonlySet<string>;
}

export const defaultOptions: ExploreOptions = {
  maxStates: 2_000_000,
  reductions: true,
  symmetry: true,
  tellsAccesses: true,
  livelock: true,
  remembers: true,
  without: new Set(),
};

/** Where something was first seen: a state, and the choice taken from it (-1: the state itself). */
export interface Place {
  readonly state: number;
  readonly choice: number;
}

/** What was found, with a shortest execution that shows it. */
export interface Witnessed {
  /** Choices of the witness: known without looking for it. */
  readonly length: number;
  readonly witness: Path;
}

export interface Outcome extends Witnessed {
  /** In the order of `program.observe`; undefined: does not translate. */
  readonly values: readonly (bigint | undefined)[];
  /** Number of final states with these values. */
  readonly states: number;
}

export interface Seen extends Witnessed {
  readonly event: Event;
  /** Transitions that told it. */
  readonly count: number;
}

export interface SeenDeadlock extends Deadlock, Witnessed {
  readonly count: number;
}

/** Ordinals of the choices taken, from the initial state on. */
export type Path = readonly number[];

export interface Result {
  readonly states: number;
  readonly transitions: number;
  /** False: `bound` says why, and absence of something proves nothing. */
  readonly complete: boolean;
  readonly bound?: LimitName | 'states';
  /** Length of the longest shortest path. */
  readonly depth: number;
  readonly outcomes: readonly Outcome[];
  readonly events: readonly Seen[];
  readonly deadlocks: readonly SeenDeadlock[];
  /** What lockdep complains of; each is among the events too. */
  readonly splats: readonly Splat<Place>[];
  /** States from which no execution ends; the path leads to a first one. Absent when not looked for or incomplete. */
  readonly livelock?: Witnessed & { readonly states: number };
  /** Bytes that the states took. */
  readonly bytes: number;
  /** Times that the exploration started again because its layout grew. */
  readonly restarts: number;
}

const MAX_RESTARTS = 2_000;
/** Few states are sooner explored once more than scouted. */
const FEW_STATES = 300;

export class Exploration {
  private readonly prepared: Prepared;
  readonly learned = new Learned();
  private m!: Machine;
  private store!: StateStore;
  private groups: readonly (readonly number[])[] = [];
  private permutations!: Permutations;
  private steps!: LocalSteps;
  private readonly choices = new Choices();
  private parents!: IntList;
  private parentChoices!: SmallIntList;
  private edges!: IntList;
  private edgeStarts!: IntList;
  private next = 0;
  private depth = 0;
  private depthEnd = 0;
  private transitions = 0;
  private taken = 0;
  /** States looked at when this pass was found to be void; 0: it is sound so far. */
  private voidSince = 0;
  /** How many words are looked at and pages filled with zeroes, as far as `noteZeroed` has asked. */
  private zeroesKnown = 0;
  private restarts = 0;
  private bound: LimitName | 'states' | undefined;
  private done = false;
  private outcomes = new Map<string, { values: readonly ValueId[]; states: number; place: Place }>();
  private events = new Map<string, { event: Event; count: number; place: Place }>();
  /** The same, by the object that was told: most are told again and again. */
  private eventsTold = new Map<Event, { event: Event; count: number; place: Place }>();
  /** What lockdep would learn, each once. */
  private acquired = new Map<string, Acquired<Place>>();
  private readonly leftovers = new Leftovers();
  private deadlocks = new Map<string, { deadlock: Deadlock; count: number; place: Place }>();
  private terminal!: IntList;

  constructor(
    readonly program: Program,
    readonly options: ExploreOptions = defaultOptions,
  ) {
    this.prepared = prepare(program, options);
    // Besides the reductions only the points at which an interrupt may come are found by them.
    this.learned.footprintsMatter = options.reductions || program.cpus.some((cpu) => cpu.interrupts.length > 0);
    if (options.symmetry) giveOwnValues(this.prepared);
    foresee(this.machine());
    this.restart();
  }

  get isDone(): boolean {
    return this.done;
  }

  get states(): number {
    return this.store.count;
  }

  /** Transitions that were looked at so far, those of passes that turned out to be void included. */
  get work(): number {
    return this.taken;
  }

  /** States that are known and not looked at yet. */
  get queued(): number {
    return this.store.count - this.next;
  }

  /** Bytes that the states take so far. */
  get bytes(): number {
    return this.store.bytes + this.steps.bytes + this.parents.bytes + this.parentChoices.bytes + this.edges.bytes;
  }

  /** Groups of CPUs that may change places in a state. */
  get interchangeable(): readonly (readonly number[])[] {
    return this.groups;
  }

  /** The cursor over a state, for reading; numbers are below `states`. The next step of the exploration moves it. */
  stateAt(state: number): Machine {
    this.store.load(state);
    return this.m;
  }

  /** The numbers of a state's blocks, memory first: states with the same block of a CPU agree in everything that it holds. */
  blocksAt(state: number, ids: Int32Array): void {
    this.store.blocks(state, ids);
  }

  /** A shortest path to a state. */
  pathTo(state: number): Path {
    return this.path({ state, choice: -1 });
  }

  private machine(): Machine {
    const options: MachineOptions = this.options;
    const m = new Machine(this.prepared, this.learned, options);
    noteObserved(m);
    return m;
  }

  private restart(): void {
    for (;;) {
      this.learned.startPass();
      this.checkOwnValues();
      this.m = this.machine();
      this.groups = this.options.symmetry ? interchangeable(this.prepared) : [];
      this.permutations = new Permutations(this.m, this.groups);
      this.store = new StateStore(this.m, this.groups);
      // Hardware that updates descriptors by itself is part of no CPU.
      const remembers = this.options.remembers && !this.m.hardwareUpdates;
      const tell = (state: number, choice: number) => this.noteTold({ state, choice });
      this.steps = new LocalSteps(this.m, this.store, remembers, tell);
      this.parents = new IntList();
      this.parentChoices = new SmallIntList();
      this.edges = new IntList();
      this.edgeStarts = new IntList();
      this.terminal = new IntList();
      this.next = 0;
      this.depth = 0;
      this.depthEnd = 1;
      this.transitions = 0;
      this.voidSince = 0;
      this.outcomes.clear();
      this.events.clear();
      this.eventsTold.clear();
      this.deadlocks.clear();
      this.acquired.clear();
      this.leftovers.clear();
      this.m.reset();
      this.m.dropped = false;
      this.m.events.clear();
      this.m.acquisitions.told.length = 0;
      settle(this.m);
      const { own } = this.prepared.values;
      const isVoid = this.learned.grown || (own.any && own.isSpoiled);
      if (isVoid && this.learned.exceeded === undefined && ++this.restarts < MAX_RESTARTS) continue;
      break;
    }
    if (this.m.dropped) {
      this.done = true;
      this.bound = this.learned.exceeded;
      return;
    }
    this.noteTold({ state: -1, choice: -1 });
    this.store.add();
    this.arrive(-1, 0);
  }

  /** CPUs are told apart by what they own when it was spoiled, is a place in the record, or stands in a TLB entry without a table. */
  private checkOwnValues(): void {
    const { own } = this.prepared.values;
    if (!own.any) return;
    const { locations, strays } = this.learned;
    if (own.isSpoiled || strays > 0 || locations.some((word) => own.ownerOf(word) >= 0)) own.clear();
  }

  /** Explores up to `budget` more states. */
  advance(budget: number): void {
    for (let n = 0; n < budget && !this.done; n++) {
      if (this.next >= this.store.count) {
        this.finish();
        return;
      }
      if (this.store.count > this.options.maxStates && !this.learned.grown) {
        this.bound = 'states';
        this.done = true;
        return;
      }
      this.expand(this.next++);
      this.noteZeroed();
      if (this.learned.exceeded !== undefined || this.prepared.values.count > MAX_VALUES) {
        this.bound = this.learned.exceeded ?? 'values';
        this.done = true;
        return;
      }
      const { own } = this.prepared.values;
      if ((own.any && own.isSpoiled) || (this.learned.grown && this.outgrown())) {
        this.restarts++;
        // What the end of a pass tells may as well be learned from this one.
        if (this.next >= this.store.count) {
          this.leftovers.suspect(this.m);
          suspectEntries(this.m);
        }
        if (this.store.count > FEW_STATES) scout(() => this.machine(), this.choices, this.restarts, this.store.count);
        this.restart();
      }
    }
  }

  /** What is looked at, or filled with zeroes, since this was asked last may have to be in the record. */
  private noteZeroed(): void {
    const { zeroed, observed } = this.learned;
    const known = zeroed.size === 0 ? 0 : zeroed.size + observed.size;
    if (known === this.zeroesKnown) return;
    this.zeroesKnown = known;
    noteZeroed(this.m);
  }

  /**
   * Something was learned, so this pass is void. It goes on for a while all the same, to learn more: until it has twice as
   * many states as when it became void, or is over.
   */
  private outgrown(): boolean {
    if (this.voidSince === 0) this.voidSince = this.next;
    return this.next >= this.store.count || this.next > 2 * this.voidSince + 64;
  }

  private finish(): void {
    const { own } = this.prepared.values;
    const isLost = this.leftovers.suspect(this.m);
    const isSuspect = suspectEntries(this.m);
    if (isLost || isSuspect || (own.any && own.isSpoiled)) {
      this.restarts++;
      this.restart();
      return;
    }
    this.done = true;
    if (this.learned.endless) this.bound ??= 'instructions';
  }

  private expand(state: number): void {
    const { store, steps } = this;
    if (state >= this.depthEnd) {
      this.depth++;
      this.depthEnd = store.count;
    }
    if (this.options.livelock) this.edgeStarts.push(this.edges.length);
    steps.open(state);
    const n = steps.count;
    this.taken += n;
    if (steps.mayBeDeadlocked || steps.allFinished || n === 0) this.lookAt(state, n);
    if (this.program.switches.stolenTime === true && !steps.allFinished) this.lookForStalls(state);
    for (let i = 0; i < n; i++) {
      const to = steps.take(i);
      if (to < 0) continue;
      this.arrive(state, i);
      if (this.options.livelock) this.edges.push(to);
      this.transitions++;
    }
    if (n === 0 || steps.allFinished) this.terminal.push(state);
  }

  /** Looks at a state as a whole: whether its execution is over, with which outcome, or stuck. */
  private lookAt(state: number, choices: number): void {
    const { m, store, steps } = this;
    store.load(state);
    const deadlock = steps.mayBeDeadlocked ? lockDeadlock(m) : undefined;
    if (deadlock !== undefined) this.noteDeadlock(deadlock, { state, choice: -1 });
    if (steps.allFinished) this.noteOutcome(state);
    else if (choices === 0) {
      const end = stuck(m);
      if (end !== undefined) this.noteDeadlock(end, { state, choice: -1 });
    }
  }

  private lookForStalls(state: number): void {
    this.store.load(state);
    for (const { cpu, at, lock, origin, heldBy } of stallsIn(this.m)) {
      const siteAt = (index: number) => this.m.compiled(cpu, index).instruction.site;
      const event: Event = {
        kind: 'finding',
        outcome: 'stall',
        cpu,
        site: siteAt(at),
        ...(origin < 0 ? {} : { origin: siteAt(origin) }),
        ...(lock === undefined ? {} : { lock }),
        ...(heldBy[0] === undefined ? {} : { otherCpu: heldBy[0] }),
      };
      this.noteEvent(event, { state, choice: -1 });
    }
  }

  /** A state was reached: when it is new, by a shortest path. */
  private arrive(from: number, choice: number): void {
    if (!this.store.isNew) return;
    this.parents.push(from);
    this.parentChoices.push(choice);
  }

  /** Tallies what the machine has just told. */
  private noteTold(place: Place): readonly Tally[] {
    for (const { cpu, acquisition } of this.m.acquisitions.told) this.noteAcquired(cpu, acquisition, place);
    const { told } = this.m.events;
    return told.length === 0 ? [] : told.map((event) => this.noteEvent(event, place));
  }

  private noteEvent(event: Event, place: Place): Tally {
    const told = this.eventsTold.get(event);
    if (told !== undefined) {
      told.count++;
      return told;
    }
    const key = eventKey(event);
    let seen = this.events.get(key);
    if (seen === undefined) {
      seen = { event, count: 0, place };
      this.events.set(key, seen);
      // What one of several equal CPUs does each of them may do, on its own lines of the text.
      for (const other of this.permutations.images(event)) {
        const otherKey = eventKey(other);
        if (!this.events.has(otherKey)) this.events.set(otherKey, { event: other, count: 0, place });
      }
    }
    seen.count++;
    // A report is a new object each time.
    if (event.kind !== 'report') this.eventsTold.set(event, seen);
    return seen;
  }

  private noteAcquired(cpu: number, acquisition: Acquisition, place: Place): void {
    const key = `${cpu}|${keyOf(acquisition)}`;
    if (!this.acquired.has(key)) this.acquired.set(key, { cpu, acquisition, place });
  }

  private noteDeadlock(deadlock: Deadlock, place: Place): void {
    const key = `${deadlock.kind}|${deadlock.waits.map((w) => `${w.cpu},${w.at},${w.lock ?? ''}`).join('|')}`;
    const seen = this.deadlocks.get(key);
    if (seen === undefined) this.deadlocks.set(key, { deadlock, count: 1, place });
    else seen.count++;
  }

  private noteOutcome(state: number): void {
    const { m } = this;
    if (!isFair(m)) return;
    this.leftovers.note(m, state);
    const values = this.permutations.standsFor(observe(m));
    const key = values.join(',');
    const seen = this.outcomes.get(key);
    if (seen === undefined) this.outcomes.set(key, { values, states: 1, place: { state, choice: -1 } });
    else seen.states++;
  }

  /** The states on the way to a place, without the first one. */
  private statesTo({ state: last }: Place): number[] {
    const states: number[] = [];
    for (let state = last; state > 0; state = this.parents.at(state)) states.push(state);
    return states.reverse();
  }

  /** The choices that lead to a place, in terms of the machine without symmetry: to what is shown there, where that matters. */
  private path(place: Place, shows?: Event | readonly ValueId[]): Path {
    const { m, choices, store } = this;
    const states = this.statesTo(place);
    const path = states.map((state) => this.parentChoices.at(state));
    if (place.choice >= 0) path.push(place.choice);
    const { symmetry } = store;
    if (symmetry === undefined) return path;
    const through = [0, ...states];
    const steps = path.map((choice, i) => ({ state: through[i] as number, choice }));
    return unpermuted({ m, choices, store, symmetry }, steps, place.state, this.wanted(place, shows));
  }

  private wanted(place: Place, shows: Event | readonly ValueId[] | undefined): Wanted | undefined {
    if (shows === undefined) return undefined;
    const { permutations } = this;
    if (!('kind' in shows)) return { isTold: false, places: () => permutations.placesBetween(observe(this.m), shows) };
    if (place.choice < 0) return undefined;
    return {
      isTold: true,
      places: (told) => told.map((event) => permutations.placesBetweenEvents(event, shows)).find((places) => places),
    };
  }

  /**
   * With a shortest execution. It is found when somebody asks for it, which is seldom; at once where the exploration may
   * still go on, which moves places.
   */
  private witnessed<T extends object>(what: T, place: Place, shows?: Event | readonly ValueId[]): T & Witnessed {
    const length = this.statesTo(place).length + (place.choice < 0 ? 0 : 1);
    if (!this.done) return { ...what, length, witness: this.path(place, shows) };
    let known: Path | undefined;
    const find = () => this.path(place, shows);
    return {
      ...what,
      length,
      get witness() {
        known ??= find();
        return known;
      },
    };
  }

  /** Replays a path of this exploration, or one that was printed by another run over the same program and options. */
  replay(path: Path): Trace {
    return replay(this.m, this.choices, path);
  }

  /** A random execution to its end; the same seed gives the same one. */
  sample(seed: number): Path {
    return sampleExecution(this.m, this.choices, seed);
  }

  private withoutEnd(): { readonly count: number; readonly first: number } {
    const { edgeStarts, edges, terminal } = this;
    // Looking at a choice again is no second time that it tells something.
    const counts = [...this.events.values()].map((seen) => ({ seen, count: seen.count }));
    const movesOf = (state: number) => this.steps.movesOf(state);
    const found = statesWithoutEnd({
      states: this.store.count,
      cpus: this.program.cpus.length,
      edgeStarts,
      edges,
      terminal,
      movesOf,
    });
    for (const { seen, count } of counts) seen.count = count;
    return found;
  }

  /** A complaint of lockdep, where the first of its acquisitions is, with an execution that leads there. */
  private splatSeen({ kind, locks, chain }: Splat<Place>): Seen {
    const [{ cpu, acquisition, place }] = chain as [Acquired<Place>];
    const siteAt = (at: number) => this.m.compiled(cpu, at).instruction.site;
    const event: Event = {
      kind: 'finding',
      outcome: kind,
      cpu,
      site: siteAt(acquisition.at),
      ...(acquisition.origin === undefined ? {} : { origin: siteAt(acquisition.origin) }),
      ...(locks[0] === undefined ? {} : { lock: locks[0] }),
    };
    return this.witnessed({ event, count: 1 }, place);
  }

  /** Something that an execution leaves behind, where it was last written or where its page was taken. */
  private leftoverSeen(leftover: Leftover): Seen | undefined {
    const { values } = this.prepared;
    if (leftover.kind === 'section-left-open') return this.sectionSeen(leftover);
    const address = leftover.word === undefined ? undefined : values.get(leftover.word);
    const page = leftover.kind === 'leak' ? values.get(leftover.page) : undefined;
    for (const state of leftover.states) {
      const witness = this.pathTo(state);
      const trace = this.replay(witness);
      const happened = [...trace.happened, ...trace.steps.flatMap((step) => step.happened)];
      if (leftover.kind === 'left-broken' && !this.isLeftBroken(leftover.word, leftover.level as Level, happened))
        continue;
      const last = happened.findLast((one) =>
        address === undefined ? mayTake(one.instruction, page) : one.what === 'write' && one.word === address,
      );
      const event: Event = {
        kind: 'finding',
        outcome: leftover.kind,
        cpu: last?.cpu ?? 0,
        site: last?.instruction?.site ?? 0,
        ...(leftover.kind === 'left-broken' && address !== undefined ? { descriptor: address } : {}),
        ...(leftover.kind === 'left-broken' ? { level: leftover.level } : {}),
        ...(page === undefined ? {} : { address: page }),
      };
      return { event, count: 1, length: witness.length, witness };
    }
    return undefined;
  }

  /** A section that is open at the end, where it was begun last. */
  private sectionSeen({ kind, cpu, section, states }: Leftover & { readonly kind: 'section-left-open' }): Seen {
    const witness = this.pathTo(states[0]);
    const trace = this.replay(witness);
    const happened = [...trace.happened, ...trace.steps.flatMap((step) => step.happened)];
    const opening = happened.findLast(
      (one) => one.cpu === cpu && one.instruction !== undefined && opensSection(one.instruction, section),
    );
    const event: Event = { kind: 'finding', outcome: kind, cpu, site: opening?.instruction?.site ?? 0, rule: section };
    return { event, count: 1, length: witness.length, witness };
  }

  /**
   * An entry mapped something that nobody has given back, in the execution that the cursor has just replayed, and has
   * forgotten what: else it is unmapped for good, or put aside (its address stands in memory, if only in the entry itself).
   */
  private isLeftBroken(word: ValueId, level: Level, happened: readonly Happening[]): boolean {
    const { m } = this;
    const address = m.values.get(word);
    const written = happened.flatMap((one) =>
      one.what === 'write' && one.word === address && one.value !== undefined ? [m.values.of(one.value)] : [],
    );
    const mapped = [m.initialWord(word), ...written].findLast(
      (one) => m.entries.describe(one, level).kind !== 'invalid',
    );
    if (mapped === undefined) return false;
    const entry = m.entries.describe(mapped, level);
    if (isNamed(m, m.values.of(entry.output))) return false;
    return !m.learned.frames.some(
      (frame, f) =>
        f < m.layout.frameCount && m.w[m.layout.frames + f] === FRAME.FREE && leadsTo(m, entry, level, frame),
    );
  }

  /** What is known so far; complete when everything was explored. */
  result(): Result {
    const { depth, transitions, bytes, restarts } = this;
    if (readsLeftOut(this.m)) {
      const nothing = { outcomes: [], events: [], deadlocks: [], splats: [] };
      return {
        states: this.store.count,
        transitions,
        complete: false,
        bound: 'pageWords',
        depth,
        ...nothing,
        bytes,
        restarts,
      };
    }
    const complete = this.done && this.bound === undefined;
    const kinds = this.program.locks.map(({ kind }) => kind);
    const splats = splatsOf([...this.acquired.values()], kinds);
    const ends = complete && this.options.livelock ? this.withoutEnd() : undefined;
    return {
      states: this.store.count,
      transitions,
      complete,
      ...(this.bound === undefined ? {} : { bound: this.bound }),
      depth,
      outcomes: [...this.outcomes.values()].flatMap((o) =>
        this.permutations
          .alike(o.values)
          .map((values) =>
            this.witnessed(
              { values: values.map((v) => (v < 0 ? undefined : this.prepared.values.raw(v))), states: o.states },
              o.place,
              this.prepared.values.own.any ? values : undefined,
            ),
          ),
      ),
      events: [
        ...[...this.events.values()].map((e) => this.witnessed({ event: e.event, count: e.count }, e.place, e.event)),
        ...splats.map((splat) => this.splatSeen(splat)),
        ...(complete ? this.leftovers.found(this.m).flatMap((one) => this.leftoverSeen(one) ?? []) : []),
      ],
      deadlocks: [...this.deadlocks.values()].map((d) => this.witnessed({ ...d.deadlock, count: d.count }, d.place)),
      splats,
      ...(ends === undefined || ends.count === 0
        ? {}
        : { livelock: this.witnessed({ states: ends.count }, { state: ends.first, choice: -1 }) }),
      bytes,
      restarts,
    };
  }
}

/** Whether an instruction may have taken a page from the allocator. */
function mayTake(i: Instruction | undefined, page: bigint | undefined): boolean {
  return i?.kind === 'allocate' && (i.page === undefined || i.page === page);
}

/** Explores a program to the end, or to a bound. */
export function explore(program: Program, options: Partial<ExploreOptions> = {}): Result {
  const exploration = new Exploration(program, { ...defaultOptions, ...options });
  while (!exploration.isDone) exploration.advance(10_000);
  return exploration.result();
}
