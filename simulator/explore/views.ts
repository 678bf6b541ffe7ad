/**
 * What a CPU looks at of memory and of what the others may still do. Two states in which it looks at the same are the same to
 * it: it has the same choices, and a step that leaves memory as it is leads to the same block. So such steps, and that a CPU
 * is at rest, are remembered by this view, of which there are far fewer than of the whole.
 */

import { CLASS } from '../machine/future';
import type { Machine } from '../machine/machine';
import { startOf } from '../steps/walk';
import { Blocks } from './blocks';
import { IntList } from './growing';
import type { Looks } from './looks';
import type { StateStore } from './stateStore';
import { Triples } from './triples';

/** A step that leaves memory as it is, or none known. */
const NONE = -1;

export class Views {
  /** For each CPU: the views in which it was met at rest; those in which choices were taken, and which; where these lead. */
  private readonly rests: readonly Triples[];
  private readonly steps: readonly Triples[];
  private readonly blocks: readonly IntList[];
  private readonly told: readonly IntList[];
  private readonly memories = new Blocks();
  private readonly memoryOf = new Triples();
  private readonly viewedMemories = new IntList();
  private readonly askedOf = new Triples();
  private readonly askedSets = new IntList();
  private readonly set: Int32Array<ArrayBuffer>;
  /** For each page that some access translates the location of its leaf, -1 where that is constant. */
  private readonly leaves: readonly number[];

  constructor(
    private readonly m: Machine,
    private readonly store: StateStore,
    private readonly looks: Looks,
  ) {
    this.rests = m.cpus.map(() => new Triples());
    this.steps = m.cpus.map(() => new Triples());
    this.blocks = m.cpus.map(() => new IntList());
    this.told = m.cpus.map(() => new IntList());
    this.set = new Int32Array(m.future.possibleWords);
    this.leaves = m.learned.pages.map((page) => m.location(startOf(m, page).word));
  }

  /** The number of what CPU t looks at, with a memory block, its block, and what the others may still do. */
  of(t: number, memory: number, block: number, others: number): number {
    return this.rests[t]?.find(this.memory(t, memory, block), block, this.asked(t, block, others)) ?? NONE;
  }

  /** CPU t is at rest with this view; its number. */
  note(t: number, memory: number, block: number, others: number): number {
    return (this.rests[t] as Triples).of(this.memory(t, memory, block), block, this.asked(t, block, others));
  }

  /** The number of a step that leaves memory as it is: choice `i` of CPU t with a view. */
  find(t: number, view: number, i: number): number {
    return (this.steps[t] as Triples).find(view, i, 0);
  }

  remember(t: number, view: number, i: number, block: number, told: number): void {
    const step = (this.steps[t] as Triples).of(view, i, 0);
    if (step < (this.blocks[t] as IntList).length) return;
    this.blocks[t]?.push(block);
    this.told[t]?.push(told);
  }

  blockAfter(t: number, step: number): number {
    return (this.blocks[t] as IntList).at(step);
  }

  toldBy(t: number, step: number): number {
    return (this.told[t] as IntList).at(step);
  }

  /** The number of a memory block without what CPU t does not look at. */
  private memory(t: number, memory: number, block: number): number {
    const looks = this.store.facts[t]?.looks.at(block) ?? 0;
    const known = this.memoryOf.count;
    const i = this.memoryOf.of(memory, looks, 0);
    if (this.memoryOf.count > known) this.viewedMemories.push(this.viewed(memory, looks));
    return this.viewedMemories.at(i);
  }

  private viewed(memory: number, looks: number): number {
    const blocks = this.store.memory;
    const seen = this.looks.seenIn(looks, blocks.data, blocks.start(memory));
    return this.memories.intern(seen, seen.length);
  }

  /** The number of what the others may still do without what CPU t, with this block, does not ask for. */
  private asked(t: number, block: number, others: number): number {
    const own = this.store.facts[t]?.future.at(block) ?? 0;
    const known = this.askedOf.count;
    const i = this.askedOf.of(own, others, 0);
    if (this.askedOf.count > known) this.askedSets.push(this.askedSet(own, others));
    return this.askedSets.at(i);
  }

  /**
   * A walk and a read ask who may still write; a write who may still read, write or walk; a walk, and the write of a
   * descriptor, who may invalidate its page.
   */
  private askedSet(own: number, others: number): number {
    const { set, leaves, store } = this;
    const { words } = this.m.future;
    const { futures } = store;
    const has = (cls: number, item: number): boolean =>
      (futures.wordOf(own, cls * words + (item >> 5)) & (1 << (item & 31))) !== 0;
    for (let i = 0; i < set.length; i++) set[i] = futures.wordOf(others, i);
    const drop = (cls: number, item: number): void => {
      const at = cls * words + (item >> 5);
      set[at] = (set[at] as number) & ~(1 << (item & 31));
    };
    for (let l = 0; l < this.m.layout.locations; l++) {
      const writes = has(CLASS.WRITE, l);
      if (!writes) drop(CLASS.READ, l);
      if (!writes) drop(CLASS.WALK, l);
      if (!writes && !has(CLASS.READ, l) && !has(CLASS.WALK, l)) drop(CLASS.WRITE, l);
    }
    leaves.forEach((leaf, page) => {
      if (leaf >= 0 && !has(CLASS.WALK, leaf) && !has(CLASS.WRITE, leaf)) drop(CLASS.INVALIDATE, page);
    });
    return futures.number(set);
  }

  get bytes(): number {
    const parts = [...this.rests, ...this.steps, ...this.blocks, ...this.told];
    const shared = [this.memories, this.memoryOf, this.viewedMemories, this.askedOf, this.askedSets];
    return [...parts, ...shared, this.looks].reduce((sum, part) => sum + part.bytes, 0);
  }
}
