/**
 * The choices of states and where they lead. Most of what a CPU does depends on memory and its own block only, and changes
 * nothing else, and there are far fewer such pairs than states: so it is found once for a pair, and in another state the
 * same step only exchanges two numbers. What else it depends on is checked each time:
 *
 * - With reductions, what the other CPUs may still do: a third part of the key. What follows for them must be nothing,
 *   which is known when they were met in their new surroundings before.
 * - Old values of a word go when nobody needs them: some other CPU must need those that were kept (`UNHELD`), and none
 *   those that went (`TRIMMED`).
 * - A write breaks an atomic of another CPU that has read the word and not written it yet.
 * - A DSB may wait for accesses of the CPU: then its step is taken anew.
 *
 * Of memory and of the others a CPU looks at a part only (`views.ts`): a step that leaves memory as it is, and is known from
 * a state in which the CPU looks at the same, is not taken anew either.
 *
 * A step that looks at other CPUs in any other way (`Machine.looksAbroad`) is taken anew each time.
 */

import type { Machine } from '../machine/machine';
import { Choices } from '../steps/choices';
import { isFinished, offerFetch } from '../steps/fetch';
import { allFinished, offerAll, offerAlone, offerWindow, take } from '../steps/next';
import type { BlockFacts } from './blockFacts';
import { CpuSteps, ENTRY, FLAG, HOW, STEP } from './cpuSteps';
import { readingOf, waitOf } from './deadlock';
import { Invalidations, NOT_KNOWN } from './invalidations';
import type { Moves } from './livelock';
import { PairSteps } from './pairSteps';
import type { StateStore } from './stateStore';
import { Views } from './views';

/** Something that steps told, and how often. */
export interface Tally {
  count: number;
}

/** A choice: of which CPU, and its step. */
const CHOICE = { CPU: 0, STEP: 1, WORDS: 2 } as const;
/** The lists that an entry's steps come from, one behind the other. */
const LIST = { FETCH: 0, ALONE: 1, WINDOW: 2 } as const;

export class LocalSteps {
  /** Of the state in hand: how many choices it has, whether every CPU has finished, whether a deadlock is possible. */
  count = 0;
  allFinished = false;
  mayBeDeadlocked = false;
  /** Whether its choices are those of all CPUs, and not of one that comes first. */
  ofAll = false;
  private state = -1;
  private readonly cpus: readonly CpuSteps[];
  /** Of each CPU that has any. */
  private readonly invalidations: Invalidations[] = [];
  private readonly pairs: PairSteps[] = [];
  private readonly choices = new Choices();
  private given = new Int32Array(CHOICE.WORDS << 5);
  private readonly told: (readonly Tally[])[] = [[]];
  private readonly ids: Int32Array;
  private readonly next: Int32Array;
  private readonly entries: Int32Array;
  /** For each CPU what the others may still do. */
  private readonly others: Int32Array;
  private readonly surroundings: Int32Array;
  private readonly before: Int32Array;
  /** CPUs that some DSB waits for, a bit each. */
  private watched = 0;
  /** Steps by what a CPU looks at, where that is known. */
  private readonly views: Views | undefined;

  /**
   * `remembers`: false takes every step anew, which is slower and gives the same. `tell` is called when a step was taken
   * anew, with the state and the choice; it tallies what the machine has just told.
   */
  constructor(
    private readonly m: Machine,
    private readonly store: StateStore,
    private readonly remembers: boolean,
    private readonly tell: (state: number, choice: number) => readonly Tally[],
  ) {
    const n = m.cpus.length;
    this.cpus = m.cpus.map(() => new CpuSteps());
    this.ids = new Int32Array(n + 1);
    this.next = new Int32Array(n + 1);
    this.entries = new Int32Array(n);
    this.others = new Int32Array(n);
    this.surroundings = new Int32Array(n);
    this.before = new Int32Array(n + 1);
    this.views = remembers && store.looks !== undefined ? new Views(m, store, store.looks) : undefined;
  }

  /** Finds the choices of a state, which is in hand from now on. */
  open(state: number): void {
    this.state = state;
    if (!this.remembers) {
      const { m } = this;
      this.store.load(state);
      this.ofAll = offerAll(m, this.choices);
      this.count = this.choices.count;
      this.allFinished = allFinished(m);
      this.mayBeDeadlocked = true;
      return;
    }
    this.findEntries();
    this.collect();
  }

  private findEntries(): void {
    const { ids, store, entries, others } = this;
    const n = entries.length;
    store.blocks(this.state, ids);
    this.unionOfOthers(ids, others);
    this.watched = 0;
    this.allFinished = true;
    for (let t = 0; t < n; t++) {
      const cpu = this.cpus[t] as CpuSteps;
      const block = ids[t + 1] as number;
      const entry = cpu.entry(ids[0] as number, block, others[t] as number);
      let flags = cpu.entries[entry + ENTRY.FLAGS] as number;
      if (flags === 0) {
        this.meet(t, cpu, entry);
        flags = cpu.entries[entry + ENTRY.FLAGS] as number;
      }
      entries[t] = entry;
      this.watched |= (this.store.facts[t] as BlockFacts).waitsOn.at(block);
      if ((flags & FLAG.FINISHED) === 0) this.allFinished = false;
    }
    this.mayBeDeadlocked = this.someoneWaitsForNobody();
  }

  /** For each CPU the union of what the others may still do, given their blocks. */
  private unionOfOthers(ids: Int32Array, into: Int32Array): void {
    const { m, store, before } = this;
    if (!m.options.reductions) return;
    const { futures, facts } = store;
    const n = this.entries.length;
    before[0] = 0;
    for (let u = 0; u < n; u++)
      before[u + 1] = futures.union(before[u] as number, (facts[u] as BlockFacts).future.at(ids[u + 1] as number));
    let behind = 0;
    for (let u = n - 1; u >= 0; u--) {
      into[u] = futures.union(before[u] as number, behind);
      behind = futures.union(behind, (facts[u] as BlockFacts).future.at(ids[u + 1] as number));
    }
  }

  /** Finds what a CPU may do that was never met like this. */
  private meet(t: number, cpu: CpuSteps, entry: number): void {
    const { m, choices } = this;
    this.store.load(this.state);
    choices.clear();
    const decides = offerFetch(m, t, choices) === 'decision';
    const fetch = choices.count;
    choices.clear();
    const alone = !decides && m.options.reductions && offerAlone(m, t, choices) ? choices.count : 0;
    choices.clear();
    if (!decides) offerWindow(m, t, choices);
    const wait = waitOf(m, t);
    let flags = (decides ? FLAG.DECIDES : 0) | (isFinished(m, t) ? FLAG.FINISHED : 0);
    if (wait?.lock !== undefined) for (const u of wait.heldBy) flags |= FLAG.HOLDERS << u;
    // Any CPU may be a writer that it waits behind.
    if (wait === undefined && readingOf(m, t) !== undefined)
      for (let u = 0; u < this.entries.length; u++) if (u !== t) flags |= FLAG.HOLDERS << u;
    cpu.addSteps(entry, fetch, alone, choices.count, flags);
    this.views?.note(t, this.ids[0] as number, this.ids[t + 1] as number, this.others[t] as number);
  }

  /** Whether a CPU waits for a lock whose holder cannot be seen to go on: itself, finished, or waiting too. */
  private someoneWaitsForNobody(): boolean {
    const n = this.entries.length;
    for (let t = 0; t < n; t++) {
      const holders = this.flagsOf(t) >> 3;
      if (holders === 0) continue;
      for (let u = 0; u < n; u++) {
        if ((holders & (1 << u)) === 0) continue;
        if (u === t || (this.flagsOf(u) & ~(FLAG.KNOWN | FLAG.DECIDES)) !== 0) return true;
      }
    }
    return false;
  }

  private flagsOf(t: number): number {
    return (this.cpus[t] as CpuSteps).entries[(this.entries[t] as number) + ENTRY.FLAGS] as number;
  }

  /** The choices in the order of `offerAll`. */
  private collect(): void {
    const n = this.entries.length;
    this.count = 0;
    this.ofAll = false;
    for (let t = 0; t < n; t++)
      if ((this.flagsOf(t) & FLAG.DECIDES) !== 0) {
        this.give(t, LIST.FETCH);
        return;
      }
    for (let t = 0; t < n; t++) {
      this.give(t, LIST.ALONE);
      if (this.count > 0) return;
    }
    this.ofAll = true;
    for (let t = 0; t < n; t++) this.give(t, LIST.FETCH);
    for (let t = 0; t < n; t++) this.give(t, LIST.WINDOW);
  }

  private give(t: number, list: number): void {
    const { entries } = this.cpus[t] as CpuSteps;
    const entry = this.entries[t] as number;
    const length = entries[entry + ENTRY.FETCH + list] as number;
    if (length === 0) return;
    let step = entries[entry + ENTRY.STEPS] as number;
    for (let before = 0; before < list; before++)
      step += (entries[entry + ENTRY.FETCH + before] as number) * STEP.WORDS;
    let at = this.count * CHOICE.WORDS;
    this.count += length;
    while (this.count * CHOICE.WORDS > this.given.length) this.given = doubled(this.given);
    const { given } = this;
    for (const end = step + length * STEP.WORDS; step < end; step += STEP.WORDS) {
      given[at + CHOICE.CPU] = t;
      given[at + CHOICE.STEP] = step;
      at += CHOICE.WORDS;
    }
  }

  /**
   * The state that choice i of the state in hand leads to, or -1 when no execution goes that way.
   */
  take(i: number): number {
    if (!this.remembers) return this.takePlain(i);
    const at = i * CHOICE.WORDS;
    const t = this.given[at + CHOICE.CPU] as number;
    const step = this.given[at + CHOICE.STEP] as number;
    const { steps } = this.cpus[t] as CpuSteps;
    const how = steps[step + STEP.HOW] as number;
    if (how === HOW.ALWAYS && this.watched === 0) {
      this.tallyAgain(steps[step + STEP.TOLD] as number);
      return this.store.addChanged(
        this.state,
        steps[step + STEP.MEMORY] as number,
        t,
        steps[step + STEP.BLOCK] as number,
      );
    }
    if (how === HOW.DROPPED) return -1;
    const { ids, next } = this;
    for (let c = 0; c < ids.length; c++) next[c] = ids[c] as number;
    if ((how === HOW.OWN || how === HOW.ALWAYS) && this.fits(t, t, steps, step)) {
      this.exchange(t, steps, step);
      return this.store.addExchanged(this.state, next, t);
    }
    if (how === HOW.INVALIDATES) {
      const own = this.invalidations[t] as Invalidations;
      const found = own.find(step, ids, next);
      if (found !== NOT_KNOWN && this.fits(t, t, own.steps, found)) {
        this.exchange(t, own.steps, found);
        return this.store.addBlocks(next);
      }
    }
    if (how === HOW.UNKNOWN && this.takeBySight(t, steps, step)) {
      this.exchange(t, steps, step);
      return this.store.addExchanged(this.state, next, t);
    }
    const partner = (steps[step + STEP.PARTNER] as number) - 1;
    if (partner >= 0) {
      const own = this.pairs[t] as PairSteps;
      const found = own.find(step, partner, ids[partner + 1] as number, this.futureOfRest(t, partner));
      if (found >= 0) {
        next[partner + 1] = own.blocks.at(found);
        if (this.fits(t, partner, own.steps, found * STEP.WORDS)) {
          this.exchange(t, own.steps, found * STEP.WORDS);
          return this.store.addBlocks(next);
        }
      }
    }
    return this.takeAnew(i);
  }

  /** Whether a step is known from another state in which its CPU looks at the same; it is noted here then. */
  private takeBySight(t: number, steps: Int32Array, step: number): boolean {
    const { views, ids, others } = this;
    if (views === undefined) return false;
    const memory = ids[0] as number;
    const view = views.of(t, memory, ids[t + 1] as number, others[t] as number);
    const known = view < 0 ? -1 : views.find(t, view, this.indexOf(t, step));
    if (known < 0) return false;
    const block = views.blockAfter(t, known);
    steps[step + STEP.MEMORY] = memory;
    steps[step + STEP.BLOCK] = block;
    steps[step + STEP.TOLD] = views.toldBy(t, known);
    steps[step + STEP.UNHELD] = this.store.memoryFacts.long.at(memory) & ~this.heldBy(t, memory, block);
    steps[step + STEP.TRIMMED] = 0;
    steps[step + STEP.WRITTEN] = 0;
    if (!this.fits(t, t, steps, step)) return false;
    steps[step + STEP.HOW] = HOW.OWN;
    return true;
  }

  /** Which of the choices of its CPU a step is. */
  private indexOf(t: number, step: number): number {
    const { entries } = this.cpus[t] as CpuSteps;
    return (step - (entries[(this.entries[t] as number) + ENTRY.STEPS] as number)) / STEP.WORDS;
  }

  /** What all CPUs but two may still do. */
  private futureOfRest(t: number, partner: number): number {
    const { ids, store } = this;
    let rest = 0;
    if (this.m.options.reductions)
      for (let u = 0; u < this.entries.length; u++)
        if (u !== t && u !== partner)
          rest = store.futures.union(rest, (store.facts[u] as BlockFacts).future.at(ids[u + 1] as number));
    return rest;
  }

  /** Puts what a remembered step makes of memory and of its own CPU into `next`. */
  private exchange(t: number, steps: Int32Array, step: number): void {
    this.next[0] = steps[step + STEP.MEMORY] as number;
    this.next[t + 1] = steps[step + STEP.BLOCK] as number;
    this.tallyAgain(steps[step + STEP.TOLD] as number);
  }

  /** Counts what a remembered step told once more. */
  private tallyAgain(told: number): void {
    if (told !== 0) for (const tally of this.told[told] as readonly Tally[]) tally.count++;
  }

  /** All choices of a state and where they lead. */
  movesOf(state: number): Moves {
    this.open(state);
    const moves = Array.from({ length: this.count }, (_, i) => {
      const cpu = this.remembers
        ? (this.given[i * CHOICE.WORDS + CHOICE.CPU] as number)
        : (this.choices.cpu[i] as number);
      return { cpu, to: this.take(i), places: this.store.places() };
    });
    return {
      cpus: moves.map((move) => move.cpu),
      to: moves.map((move) => move.to),
      places: moves.map((move) => move.places),
      ofAll: this.ofAll,
    };
  }

  private takePlain(i: number): number {
    const { m, store } = this;
    store.load(this.state);
    take(m, this.choices, i);
    if (m.dropped) return -1;
    this.tell(this.state, i);
    return store.add();
  }

  /**
   * Whether a remembered step of CPU t is the same in the state in hand. `next` has the blocks of the other CPUs after it;
   * `partner` is the one that goes on because of it, or t itself.
   */
  private fits(t: number, partner: number, steps: Int32Array, step: number): boolean {
    if (this.watched !== 0 && this.isWatched(t, partner)) return false;
    const unheld = steps[step + STEP.UNHELD] as number;
    const trimmed = steps[step + STEP.TRIMMED] as number;
    const written = steps[step + STEP.WRITTEN] as number;
    const memory = steps[step + STEP.MEMORY] as number;
    if ((unheld | trimmed | written) !== 0 && !this.othersAgree(t, partner, memory, unheld, trimmed, written))
      return false;
    return !this.m.options.reductions || this.othersStay(t, partner, memory, steps[step + STEP.BLOCK] as number);
  }

  /** Whether a DSB of some CPU waits for accesses of CPU t or of its partner; their own do not count. */
  private isWatched(t: number, partner: number): boolean {
    const both = (1 << t) | (1 << partner);
    if ((this.watched & both) === 0) return false;
    for (let u = 0; u < this.entries.length; u++) {
      if (u === t || u === partner) continue;
      if (((this.store.facts[u] as BlockFacts).waitsOn.at(this.ids[u + 1] as number) & both) !== 0) return true;
    }
    return false;
  }

  private othersAgree(
    t: number,
    partner: number,
    memory: number,
    unheld: number,
    trimmed: number,
    written: number,
  ): boolean {
    let held = 0;
    for (let u = 0; u < this.entries.length; u++) {
      if (u === t || u === partner) continue;
      const facts = this.store.facts[u] as BlockFacts;
      const block = this.next[u + 1] as number;
      if ((facts.touches.at(block) & trimmed) !== 0 || (facts.atomics.at(block) & written) !== 0) return false;
      if (unheld !== 0) held |= this.heldBy(u, memory, block);
    }
    return (unheld & ~held) === 0;
  }

  /** Locations whose old values in a memory block a CPU may still use, all of them. */
  private heldBy(t: number, memory: number, block: number): number {
    const { memoryFacts } = this.store;
    const facts = this.store.facts[t] as BlockFacts;
    return (
      (memoryFacts.leaves.at(memory) & facts.leavesHeld.at(block)) |
      (memoryFacts.tables.at(memory) & facts.tablesHeld.at(block)) |
      (memoryFacts.single.at(memory) & facts.referred.at(block))
    );
  }

  /** Whether the other CPUs have nothing to do at once after a step of CPU t and what its partner makes of it. */
  private othersStay(t: number, partner: number, memory: number, block: number): boolean {
    const { ids, next, others, surroundings, store } = this;
    const { future } = store.facts[t] as BlockFacts;
    const isSame = partner === t && future.at(block) === future.at(ids[t + 1] as number);
    if (!isSame) {
      next[t + 1] = block;
      this.unionOfOthers(next, surroundings);
    }
    for (let u = 0; u < this.entries.length; u++) {
      if (u === t || u === partner) continue;
      if (isSame && memory === ids[0] && next[u + 1] === ids[u + 1]) continue;
      const around = (isSame ? others : surroundings)[u] as number;
      const other = next[u + 1] as number;
      if ((this.cpus[u] as CpuSteps).has(memory, other, around)) continue;
      if (this.views === undefined || this.views.of(u, memory, other, around) < 0) return false;
    }
    return true;
  }

  private takeAnew(i: number): number {
    const { m, store, choices, given, next } = this;
    const at = i * CHOICE.WORDS;
    const t = given[at + CHOICE.CPU] as number;
    store.load(this.state);
    choices.clear();
    const step = given[at + CHOICE.STEP] as number;
    const { steps, entries } = this.cpus[t] as CpuSteps;
    const entry = this.entries[t] as number;
    const fetch = entries[entry + ENTRY.FETCH] as number;
    const alone = entries[entry + ENTRY.ALONE] as number;
    const index = this.indexOf(t, step);
    if (index < fetch) {
      offerFetch(m, t, choices);
      take(m, choices, index);
    } else if (index < fetch + alone) {
      offerAlone(m, t, choices);
      take(m, choices, index - fetch);
    } else {
      offerWindow(m, t, choices);
      take(m, choices, index - fetch - alone);
    }
    if (m.dropped) {
      if (m.settling === t && !m.looksAbroad && this.othersUnchanged(t)) steps[step + STEP.HOW] = HOW.DROPPED;
      return -1;
    }
    const told = this.tell(this.state, i);
    store.blocksOf(next);
    if (!m.looksAbroad) this.remember(t, steps, step, told);
    return store.addBlocks(next);
  }

  private othersUnchanged(t: number): boolean {
    for (let u = 0; u < this.entries.length; u++) if (u !== t && !this.store.unchanged(u)) return false;
    return true;
  }

  /** Notes where a step of CPU t has led, the blocks in `next`, when it can be the same in other states. */
  private remember(t: number, steps: Int32Array, step: number, told: readonly Tally[]): void {
    const { m, ids, next, store } = this;
    if (m.invalidates) {
      if (m.othersMoved || this.isWatched(t, t)) return;
      if ((store.memoryFacts.long.at(next[0] as number) & m.raised) !== 0) return;
      const trimmed = m.trimmed & ~m.raised;
      if (!this.othersAgree(t, t, 0, 0, trimmed, 0)) return;
      this.invalidations[t] ??= new Invalidations(m, t);
      const own = this.invalidations[t];
      const at = own.remember(step, ids, next);
      steps[step + STEP.HOW] = HOW.INVALIDATES;
      this.write(t, t, own.steps, at, told, trimmed);
      return;
    }
    const partner = this.theOnlyOther(t);
    if (partner < 0 || this.isWatched(t, partner) || !this.othersAgree(t, partner, 0, 0, m.trimmed, 0)) return;
    if (partner === t) {
      steps[step + STEP.HOW] = HOW.OWN;
      this.write(t, t, steps, step, told, m.trimmed);
      if (this.views !== undefined && next[0] === ids[0] && (m.trimmed | m.written) === 0) {
        const view = this.views.note(t, ids[0] as number, ids[t + 1] as number, this.others[t] as number);
        const after = next[t + 1] as number;
        this.views.remember(t, view, this.indexOf(t, step), after, steps[step + STEP.TOLD] as number);
      }
      return;
    }
    this.pairs[t] ??= new PairSteps();
    const own = this.pairs[t];
    const after = next[partner + 1] as number;
    const i = own.remember(step, partner, ids[partner + 1] as number, this.futureOfRest(t, partner), after);
    steps[step + STEP.PARTNER] = partner + 1;
    this.write(t, partner, own.steps, i * STEP.WORDS, told, m.trimmed);
  }

  /** The other CPU whose block has changed; t when none has, -1 when more than one has. */
  private theOnlyOther(t: number): number {
    let other = t;
    for (let u = 0; u < this.entries.length; u++) {
      if (u === t || this.next[u + 1] === this.ids[u + 1]) continue;
      if (other !== t) return -1;
      other = u;
    }
    return other;
  }

  private write(
    t: number,
    partner: number,
    steps: Int32Array,
    step: number,
    told: readonly Tally[],
    trimmed: number,
  ): void {
    const { next, store } = this;
    const memory = next[0] as number;
    const block = next[t + 1] as number;
    const held = this.heldBy(t, memory, block) | this.heldBy(partner, memory, next[partner + 1] as number);
    steps[step + STEP.MEMORY] = memory;
    steps[step + STEP.BLOCK] = block;
    steps[step + STEP.TOLD] = told.length === 0 ? 0 : this.told.push(told) - 1;
    steps[step + STEP.UNHELD] = store.memoryFacts.long.at(memory) & ~held;
    steps[step + STEP.TRIMMED] = trimmed;
    steps[step + STEP.WRITTEN] = this.m.written;
    if (!this.m.options.reductions) {
      const isFree = ((steps[step + STEP.UNHELD] as number) | trimmed | this.m.written) === 0;
      if (isFree && steps[step + STEP.HOW] === HOW.OWN && store.symmetry === undefined)
        steps[step + STEP.HOW] = HOW.ALWAYS;
      return;
    }
    // The others are at rest in their new surroundings.
    const { surroundings } = this;
    this.unionOfOthers(next, surroundings);
    for (let u = 0; u < this.entries.length; u++) {
      const [other, around] = [next[u + 1] as number, surroundings[u] as number];
      (this.cpus[u] as CpuSteps).entry(memory, other, around);
      this.views?.note(u, memory, other, around);
    }
  }

  get bytes(): number {
    const parts = [...this.cpus, ...this.invalidations, ...this.pairs, this.views];
    return parts.reduce((sum, part) => sum + (part?.bytes ?? 0), 0);
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
