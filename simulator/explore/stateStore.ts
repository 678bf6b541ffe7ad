/**
 * The states that have been reached, exactly: a record is cut into its memory block and its CPU blocks, each distinct
 * block is kept once, and a state is the tuple of its blocks' numbers. Two states are the same when their words are.
 */

import { CPU, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { BlockFacts, MemoryFacts } from './blockFacts';
import { Blocks } from './blocks';
import { Futures } from './futures';
import { hasViews, Looks } from './looks';
import { PackedStates } from './packedStates';
import { Symmetry } from './symmetry';
import { hasSnapshot } from './valueWords';

export class StateStore {
  readonly memory = new Blocks();
  readonly memoryFacts: MemoryFacts;
  /** Blocks of each CPU; those that may change places share theirs. */
  readonly cpus: readonly Blocks[];
  readonly facts: readonly BlockFacts[];
  readonly futures: Futures;
  /** What CPUs look at in memory, where that is known. */
  readonly looks: Looks | undefined;
  private readonly packed: PackedStates;
  readonly symmetry: Symmetry | undefined;
  private readonly scratch: Int32Array<ArrayBuffer>;
  /** The state that was loaded last: its number, its words, its blocks. */
  private current = -1;
  private readonly loaded: Int32Array<ArrayBuffer>;
  private readonly loadedIds: Int32Array<ArrayBuffer>;
  private readonly ids: Int32Array<ArrayBuffer>;

  /** `groups`: CPUs that may change places; of the states that differ only so one is kept. */
  constructor(
    private readonly m: Machine,
    groups: readonly (readonly number[])[],
  ) {
    const first = m.cpus.map((_, t) => groups.find((g) => g.includes(t))?.[0] ?? t);
    const blocks = m.cpus.map(() => new Blocks());
    this.cpus = first.map((t) => blocks[t] as Blocks);
    this.futures = new Futures(m);
    this.looks = hasViews(m) ? new Looks(m) : undefined;
    const facts = this.cpus.map((own) => new BlockFacts(m, own, this.futures, this.looks));
    this.facts = first.map((t) => facts[t] as BlockFacts);
    this.memoryFacts = new MemoryFacts(m, this.memory);
    const components = m.cpus.length + 1;
    this.packed = new PackedStates(components);
    this.symmetry = groups.length > 0 ? new Symmetry(m, this, groups) : undefined;
    this.scratch = new Int32Array(m.layout.words + 1);
    this.loaded = new Int32Array(m.layout.words);
    this.loadedIds = new Int32Array(components);
    this.ids = new Int32Array(components);
  }

  get count(): number {
    return this.packed.count;
  }

  /** Whether the last addition was new. */
  get isNew(): boolean {
    return this.packed.isNew;
  }

  /** Adds the record that the cursor is over; its number. */
  add(): number {
    this.blocksOf(this.ids);
    return this.addBlocks(this.ids);
  }

  /** Adds a state given by the numbers of its blocks, memory first; the numbers are put in order. */
  addBlocks(ids: Int32Array): number {
    this.symmetry?.canonicalise(ids);
    return this.packed.add(ids);
  }

  /** Where each CPU of the state that was added last stands in the one that stands for its permutations. */
  places(): Int32Array {
    return this.symmetry?.places() ?? Int32Array.from(this.cpus.keys());
  }

  /** Adds the state that differs from another one in its memory and in the block of CPU t. */
  addExchanged(from: number, ids: Int32Array, t: number): number {
    if (this.symmetry !== undefined) return this.addBlocks(ids);
    return this.addChanged(from, ids[0] as number, t, ids[t + 1] as number);
  }

  /** The same without symmetry, given the two blocks that are new. */
  addChanged(from: number, memory: number, t: number, block: number): number {
    return this.packed.addChanged(from, memory, t + 1, block);
  }

  /** The numbers of the blocks of the record that the cursor is over. */
  blocksOf(ids: Int32Array): void {
    const { m, loaded, loadedIds } = this;
    const { memoryWords } = m.layout;
    if (this.current >= 0 && same(m.w, loaded, 0, memoryWords)) ids[0] = loadedIds[0] as number;
    else {
      ids[0] = this.memory.intern(m.w, memoryWords);
      this.memoryFacts.note();
    }
    for (let t = 0; t < m.cpus.length; t++) {
      if (this.current >= 0 && this.unchanged(t)) ids[t + 1] = loadedIds[t + 1] as number;
      else {
        ids[t + 1] = (this.cpus[t] as Blocks).intern(this.scratch, this.gather(t));
        (this.facts[t] as BlockFacts).note(t);
      }
    }
  }

  /** Whether a CPU's block is as it was in the state that was loaded last. */
  unchanged(t: number): boolean {
    const { m, loaded } = this;
    const { w, layout } = m;
    const base = m.base(t);
    const waits = layout.waits[t] as number;
    if (!same(w, loaded, base, waits)) return false;
    const slots = layout.slots[t] as number;
    return (
      same(w, loaded, waits, waits + (w[base + CPU.WAITS] as number)) &&
      same(w, loaded, slots, slots + (w[base + CPU.COUNT] as number) * (layout.slotWords[t] as number))
    );
  }

  /** Copies the words in use of a CPU's block together; how many they are. */
  private gather(t: number): number {
    const { m, scratch } = this;
    const { w, layout } = m;
    const base = m.base(t);
    const waits = layout.waits[t] as number;
    let n = 0;
    for (let i = base; i < waits; i++) scratch[n++] = w[i] as number;
    const waitsEnd = waits + (w[base + CPU.WAITS] as number);
    for (let i = waits; i < waitsEnd; i++) scratch[n++] = w[i] as number;
    const count = w[base + CPU.COUNT] as number;
    const words = layout.slotWords[t] as number;
    for (let k = 0; k < count; k++) {
      const slot = m.slot(t, k);
      const end = slot + (hasSnapshot(w, slot) ? words : SLOT.WORDS);
      for (let i = slot; i < end; i++) scratch[n++] = w[i] as number;
    }
    return n;
  }

  /** The numbers of a state's blocks. */
  blocks(state: number, ids: Int32Array): void {
    this.packed.get(state, ids);
  }

  /** Puts a state into the cursor's record. The one that was loaded last is at hand. */
  load(state: number): void {
    if (state !== this.current) {
      this.packed.get(state, this.loadedIds);
      this.unpack(this.loadedIds, this.loaded);
      this.current = state;
    }
    this.m.w.set(this.loaded);
  }

  private unpack(ids: Int32Array, w: Int32Array): void {
    const { m } = this;
    const { layout } = m;
    copy(this.memory, ids[0] as number, w);
    for (let t = 0; t < m.cpus.length; t++) {
      const blocks = this.cpus[t] as Blocks;
      const { data } = blocks;
      let from = blocks.start(ids[t + 1] as number);
      const base = m.base(t);
      const waits = layout.waits[t] as number;
      const slots = layout.slots[t] as number;
      const words = layout.slotWords[t] as number;
      // Words that the last state used and this one may not.
      w.fill(0, waits, waits + (w[base + CPU.WAITS] as number));
      w.fill(0, slots, slots + (w[base + CPU.COUNT] as number) * words);
      for (let i = base; i < waits; i++) w[i] = data[from++] as number;
      const waitsEnd = waits + (w[base + CPU.WAITS] as number);
      for (let i = waits; i < waitsEnd; i++) w[i] = data[from++] as number;
      const count = w[base + CPU.COUNT] as number;
      for (let k = 0; k < count; k++) {
        const slot = slots + k * words;
        for (let i = slot; i < slot + SLOT.WORDS; i++) w[i] = data[from++] as number;
        if (hasSnapshot(w, slot)) for (let i = slot + SLOT.WORDS; i < slot + words; i++) w[i] = data[from++] as number;
      }
    }
  }

  /** Bytes that the states take, tables included. */
  get bytes(): number {
    return this.packed.bytes + this.memory.bytes + [...new Set(this.cpus)].reduce((sum, b) => sum + b.bytes, 0);
  }
}

function same(a: Int32Array, b: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}

function copy(blocks: Blocks, id: number, to: Int32Array): void {
  const { data } = blocks;
  const start = blocks.start(id);
  const length = blocks.length(id);
  for (let i = 0; i < length; i++) to[i] = data[start + i] as number;
}
