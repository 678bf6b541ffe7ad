/**
 * Equal CPUs may change places, with the values that they own: of the states that differ only so, one is kept. A state's
 * members are sorted by what they do, then by where others speak of them; references from one CPU to another, and what they
 * own, are renamed. Where two members are alike but for references among equal CPUs the order is left as it is, which may
 * keep a state twice but never merges two.
 */

import { CPU } from '../machine/layout';
import { type Machine, SHARED } from '../machine/machine';
import type { OwnValues } from '../machine/ownValues';
import type { BlockFacts } from './blockFacts';
import { Blocks } from './blocks';
import { IntList } from './growing';
import type { StateStore } from './stateStore';
import { valuesOfCpu, valuesOfMemory } from './valueWords';

export class Symmetry {
  private readonly nameless = new Blocks();
  /** For each CPU by block: what stands for it in the order, the same for blocks that differ only in the CPUs they name. */
  private readonly keys: readonly IntList[];
  /** Which values CPUs own. */
  private readonly own: OwnValues;
  /** For memory and the CPUs that stay in their places, by block: where each CPU's values come first. */
  private readonly mentions: readonly Mentions[];
  private readonly fixed: readonly number[];
  private readonly scratch: Int32Array<ArrayBuffer>;
  private readonly before: Int32Array<ArrayBuffer>;
  /** newPlace[t]: where CPU t has gone. */
  private readonly newPlace: Int32Array<ArrayBuffer>;
  private readonly sorted: Int32Array<ArrayBuffer>;

  constructor(
    private readonly m: Machine,
    private readonly store: StateStore,
    readonly groups: readonly (readonly number[])[],
  ) {
    this.own = m.values.own;
    // Without owned values the key of a block is the same for all CPUs that share it.
    const shared = new Map(store.cpus.map((blocks) => [blocks, new IntList()]));
    this.keys = store.cpus.map((blocks) => (this.own.any ? new IntList() : (shared.get(blocks) as IntList)));
    this.fixed = m.cpus.flatMap((_, t) => (groups.some((g) => g.includes(t)) ? [] : [t]));
    this.mentions = [...m.cpus.keys(), m.cpus.length].map(() => ({ known: 0, first: new IntList() }));
    this.scratch = new Int32Array(m.layout.words + 8);
    this.before = new Int32Array(m.cpus.length + 1);
    this.newPlace = Int32Array.from(m.cpus.keys());
    this.sorted = new Int32Array(m.cpus.length);
  }

  /** Where each CPU went in the state that was put in order last. */
  places(): Int32Array {
    return this.newPlace.slice();
  }

  /** Where each CPU goes when a state's blocks are put in order. */
  placesIn(ids: Int32Array): Int32Array {
    this.canonicalise(ids.slice());
    return this.places();
  }

  /** Rewrites a state's blocks into those of the one that stands for all its permutations. */
  canonicalise(ids: Int32Array): void {
    let named = this.store.memoryFacts.names.at(ids[0] as number);
    if (this.own.any) for (const t of this.fixed) named |= this.factsOf(t).names.at(ids[t + 1] as number);
    let moved = 0;
    for (const group of this.groups) moved |= this.sort(group, ids, named);
    if (moved !== 0) this.permute(ids, moved);
  }

  private factsOf(t: number): BlockFacts {
    return this.store.facts[t] as BlockFacts;
  }

  /** Sorts the members of a group; the CPUs that get another place, a bit each. `named`: those that memory or CPUs of no group name. */
  private sort(group: readonly number[], ids: Int32Array, named: number): number {
    const { sorted } = this;
    let moved = 0;
    for (let i = 0; i < group.length; i++) {
      const t = group[i] as number;
      let at = i;
      while (at > 0 && this.follows(sorted[at - 1] as number, t, ids, named)) {
        sorted[at] = sorted[at - 1] as number;
        at--;
      }
      sorted[at] = t;
    }
    for (let i = 0; i < group.length; i++) {
      const t = sorted[i] as number;
      const place = group[i] as number;
      this.newPlace[t] = place;
      if (place !== t) moved |= 1 << t;
    }
    return moved;
  }

  /** Whether CPU a comes after CPU b. */
  private follows(a: number, b: number, ids: Int32Array, named: number): boolean {
    const [blockOfA, blockOfB] = [ids[a + 1] as number, ids[b + 1] as number];
    if (blockOfA !== blockOfB || this.own.any) {
      const [keyOfA, keyOfB] = [this.keyOf(a, blockOfA), this.keyOf(b, blockOfB)];
      if (keyOfA !== keyOfB) return keyOfA > keyOfB;
    }
    if ((named & ((1 << a) | (1 << b))) === 0) return false;
    const [heldByA, heldByB] = [this.locksHeld(ids[0] as number, a), this.locksHeld(ids[0] as number, b)];
    if (heldByA !== heldByB) return heldByA > heldByB;
    return this.own.any && this.isMentionedBefore(ids, b, a);
  }

  private keyOf(t: number, block: number): number {
    const blocks = this.store.cpus[t] as Blocks;
    const keys = this.keys[t] as IntList;
    while (keys.length <= block) keys.push(this.namelessKey(t, blocks, keys.length));
    return keys.at(block);
  }

  private namelessKey(t: number, blocks: Blocks, block: number): number {
    if (this.factsOf(t).names.at(block) === 0) return block;
    const { scratch, own } = this;
    const from = blocks.start(block);
    const length = blocks.length(block);
    for (let i = 0; i < length; i++) scratch[i] = blocks.data[from + i] as number;
    // In place of an owned value stands which one it is, and whether it is this CPU's.
    if (own.any)
      valuesOfCpu(this.m, t, scratch, 0, length, (at, plus) => {
        const value = (scratch[at] as number) - plus;
        const family = own.familyOf(value);
        if (family !== undefined)
          scratch[at] = OWNED - 2 * (family.values[0] as number) - (own.ownerOf(value) === t ? 1 : 0);
      });
    const waits = (this.m.layout.waits[t] as number) - this.m.base(t);
    const behind = waits + (scratch[CPU.WAITS] as number);
    scratch.copyWithin(waits, behind, length);
    return NAMING + this.nameless.intern(scratch, length - behind + waits);
  }

  /** Whether the values of CPU a are mentioned, and before those of CPU b. */
  private isMentionedBefore(ids: Int32Array, a: number, b: number): boolean {
    const [ofMemoryA, ofMemoryB] = [this.firstMention(-1, ids, a), this.firstMention(-1, ids, b)];
    if (ofMemoryA !== ofMemoryB) return ofMemoryA < ofMemoryB;
    for (const t of this.fixed) {
      const [ofA, ofB] = [this.firstMention(t, ids, a), this.firstMention(t, ids, b)];
      if (ofA !== ofB) return ofA < ofB;
    }
    return false;
  }

  /** Where the block of CPU `by`, or memory (-1), speaks of a value of CPU t first. */
  private firstMention(by: number, ids: Int32Array, t: number): number {
    const mentions = this.mentions[by + 1] as Mentions;
    const block = ids[by + 1] as number;
    const n = this.newPlace.length;
    while (mentions.known <= block) this.findMentions(by, mentions.known++, mentions.first);
    return mentions.first.at(block * n + t);
  }

  private findMentions(by: number, block: number, into: IntList): void {
    const { own, m, store } = this;
    const first = new Int32Array(this.newPlace.length).fill(NOWHERE);
    const blocks = by < 0 ? store.memory : (store.cpus[by] as Blocks);
    const start = blocks.start(block);
    const visit = (at: number, plus: 0 | 1) => {
      const owner = own.ownerOf((blocks.data[at] as number) - plus);
      if (owner >= 0 && first[owner] === NOWHERE) first[owner] = at - start;
    };
    if (by < 0) valuesOfMemory(m, blocks.data, start, visit);
    else valuesOfCpu(m, by, blocks.data, start, start + blocks.length(block), visit);
    for (const at of first) into.push(at);
  }

  /** The locks that a CPU holds, a bit each. */
  private locksHeld(memory: number, t: number): number {
    const blocks = this.store.memory;
    const from = blocks.start(memory) + this.m.layout.locks;
    let held = 0;
    for (let l = 0; l < this.m.layout.lockCount; l++) {
      const word = blocks.data[from + l] as number;
      if (word === t + 1 || (word >= SHARED && (word & (1 << t)) !== 0)) held |= 1 << (l & 31);
    }
    return held >>> 0;
  }

  private permute(ids: Int32Array, moved: number): void {
    const { before, newPlace, store } = this;
    before.set(ids);
    for (let t = 0; t < newPlace.length; t++) ids[(newPlace[t] as number) + 1] = before[t + 1] as number;
    if ((store.memoryFacts.names.at(ids[0] as number) & moved) !== 0) ids[0] = this.renamedMemory(ids[0] as number);
    for (let t = 0; t < newPlace.length; t++) {
      const block = ids[t + 1] as number;
      if ((this.factsOf(t).names.at(block) & moved) !== 0) ids[t + 1] = this.renamedBlock(t, block);
    }
  }

  private renamedMemory(memory: number): number {
    const { scratch, store, m } = this;
    const blocks = store.memory;
    const start = blocks.start(memory);
    const length = blocks.length(memory);
    for (let i = 0; i < length; i++) scratch[i] = blocks.data[start + i] as number;
    for (let l = m.layout.locks; l < m.layout.locks + m.layout.lockCount; l++) {
      const word = scratch[l] as number;
      if (word >= SHARED) scratch[l] = SHARED | this.renamed(word & (SHARED - 1));
      else if (word > 0) scratch[l] = (this.newPlace[word - 1] as number) + 1;
    }
    const { graces, graceCount, cpus } = m.layout;
    for (let i = 0; i < graceCount; i++) {
      const [t, u] = [Math.trunc(i / cpus), i % cpus];
      const to = (this.newPlace[t] as number) * cpus + (this.newPlace[u] as number);
      scratch[graces + to] = blocks.data[start + graces + i] as number;
    }
    valuesOfMemory(m, scratch, 0, this.renameValue);
    const id = blocks.intern(scratch, length);
    store.memoryFacts.note();
    return id;
  }

  /** A block with the CPUs that it names renamed: those that it waits for, in order. */
  private renamedBlock(t: number, block: number): number {
    const { scratch, store, m } = this;
    const blocks = store.cpus[t] as Blocks;
    const start = blocks.start(block);
    const length = blocks.length(block);
    for (let i = 0; i < length; i++) scratch[i] = blocks.data[start + i] as number;
    const waits = (m.layout.waits[t] as number) - m.base(t);
    const list = scratch.subarray(waits, waits + (scratch[CPU.WAITS] as number));
    for (let i = 0; i < list.length; i++) {
      const wait = list[i] as number;
      list[i] = ((this.newPlace[wait >> 16] as number) << 16) | (wait & 0xffff);
    }
    list.sort();
    valuesOfCpu(m, t, scratch, 0, length, this.renameValue);
    const id = blocks.intern(scratch, length);
    (store.facts[t] as BlockFacts).noteRenamed(block, (cpus) => this.renamed(cpus));
    return id;
  }

  private readonly renameValue = (at: number, plus: 0 | 1): void => {
    const { scratch } = this;
    scratch[at] = this.own.renamed((scratch[at] as number) - plus, this.newPlace) + plus;
  };

  private renamed(cpus: number): number {
    let renamed = 0;
    for (let t = 0; t < this.newPlace.length; t++)
      if ((cpus & (1 << t)) !== 0) renamed |= 1 << (this.newPlace[t] as number);
    return renamed;
  }
}

/** Keys of blocks that name CPUs are from here on; those of others are their own numbers. */
const NAMING = 1 << 28;
/** Stands for owned values in keys of blocks: below all references. */
const OWNED = -(1 << 20);
/** Behind all places in a block. */
const NOWHERE = 1 << 30;

interface Mentions {
  known: number;
  readonly first: IntList;
}
