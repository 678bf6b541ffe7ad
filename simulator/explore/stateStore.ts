/**
 * The states that have been reached, exactly: a record is cut into its memory block and its CPU blocks, each distinct
 * block is kept once, and a state is the list of its blocks' numbers. Two states are the same when their words are.
 */

import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { Blocks } from './blocks';
import type { Symmetry } from './symmetry';

export class StateStore {
  private readonly memory = new Blocks();
  private readonly cpus: Blocks[];
  private readonly scratch: Int32Array<ArrayBuffer>;
  private readonly width: number;
  /** The state that was loaded last, and its number. */
  private readonly loaded: Int32Array<ArrayBuffer>;
  private current = -1;
  private tuples: Int32Array<ArrayBuffer>;
  private table = new Int32Array(1 << 10).fill(-1);
  count = 0;

  constructor(
    private readonly m: Machine,
    private readonly symmetry: Symmetry | undefined,
  ) {
    this.cpus = m.cpus.map(() => new Blocks());
    this.width = m.cpus.length + 1;
    this.scratch = new Int32Array(m.layout.words + 1);
    this.tuples = new Int32Array(this.width << 8);
    this.loaded = new Int32Array(m.layout.words);
  }

  /** Adds the record that the cursor is over, after its members have been put in order. Its number; `isNew` says whether it was not there. */
  add(): number {
    this.symmetry?.canonicalise();
    const { m, width, tuples, loaded } = this;
    if ((this.count + 1) * width > tuples.length) this.tuples = doubled(tuples);
    const at = this.count * width;
    const from = this.current * width;
    const { memoryWords } = m.layout;
    this.tuples[at] =
      from >= 0 && same(m.w, loaded, 0, memoryWords) ? (tuples[from] as number) : this.memory.intern(m.w, memoryWords);
    for (let t = 0; t < m.cpus.length; t++)
      this.tuples[at + 1 + t] =
        from >= 0 && this.unchanged(t)
          ? (tuples[from + 1 + t] as number)
          : (this.cpus[t] as Blocks).intern(this.scratch, this.gather(t));
    return this.internTuple();
  }

  /** Whether a CPU's block is as it was in the state that was loaded last. */
  private unchanged(t: number): boolean {
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

  isNew = false;

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

  private hashOf(at: number): number {
    let hash = 17;
    for (let i = 0; i < this.width; i++) {
      hash = Math.imul(hash ^ (this.tuples[at + i] as number), 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    return hash;
  }

  private internTuple(): number {
    const { width, tuples } = this;
    const at = this.count * width;
    const mask = this.table.length - 1;
    let place = this.hashOf(at) & mask;
    for (;;) {
      const other = this.table[place] as number;
      if (other < 0) break;
      let same = true;
      for (let i = 0; i < width; i++)
        if (tuples[other * width + i] !== tuples[at + i]) {
          same = false;
          break;
        }
      if (same) {
        this.isNew = false;
        return other;
      }
      place = (place + 1) & mask;
    }
    this.table[place] = this.count;
    this.count++;
    this.isNew = true;
    if (this.count * 2 > this.table.length) this.rehash();
    return this.count - 1;
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = table.length - 1;
    for (let state = 0; state < this.count; state++) {
      let place = this.hashOf(state * this.width) & mask;
      while ((table[place] as number) >= 0) place = (place + 1) & mask;
      table[place] = state;
    }
    this.table = table;
  }

  /** Puts a state into the cursor's record. The one that was loaded last is at hand. */
  load(state: number): void {
    if (state !== this.current) {
      this.unpack(state, this.loaded);
      this.current = state;
    }
    this.m.w.set(this.loaded);
  }

  private unpack(state: number, w: Int32Array): void {
    const { m } = this;
    const { layout } = m;
    const at = state * this.width;
    copy(this.memory, this.tuples[at] as number, w);
    for (let t = 0; t < m.cpus.length; t++) {
      const blocks = this.cpus[t] as Blocks;
      const { data } = blocks;
      let from = blocks.start(this.tuples[at + 1 + t] as number);
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
    return (
      this.tuples.length * 4 +
      this.table.length * 4 +
      this.memory.bytes +
      this.cpus.reduce((sum, b) => sum + b.bytes, 0)
    );
  }
}

/** An access that is not translated yet carries the registers for its fault, a wait those for an interrupt. */
function hasSnapshot(w: Int32Array, slot: number): boolean {
  const flags = w[slot + SLOT.FLAGS] as number;
  return (flags & FLAG.UNDOABLE) !== 0 || (w[slot + SLOT.KIND] === ENTRY.ACCESS && (flags & FLAG.WALKED) === 0);
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

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
