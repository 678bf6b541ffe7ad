/**
 * What of a block matters to CPUs other than its own, found once for each block: whether one CPU's step can be looked at
 * without the others. Locations are told apart by a bit each; those that share a bit are treated alike, on the safe side.
 */

import { CPU, ENTRY, SLOT } from '../machine/layout';
import { locationBit, type Machine, SHARED } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { isOldAs } from '../steps/histories';
import { isHalfDone } from '../steps/writing';
import type { Blocks } from './blocks';
import type { Futures } from './futures';
import { IntList } from './growing';
import type { Looks } from './looks';
import { valuesOfCpu, valuesOfMemory } from './valueWords';

/** Of the blocks of a CPU, or of CPUs that share them. */
export class BlockFacts {
  /** CPUs whose accesses its DSB waits for, a bit each. */
  readonly waitsOn = new IntList();
  /** CPUs that the block names in any way. */
  readonly names = new IntList();
  /** Locations of which a walk of the CPU may still use every old leaf; every old table. */
  readonly leavesHeld = new IntList();
  readonly tablesHeld = new IntList();
  /** Locations to whose oldest value an entry of its window refers. */
  readonly referred = new IntList();
  /** Locations that an atomic of its window has read and still has to write. */
  readonly atomics = new IntList();
  /** Locations of which the block has an index that changes when old values are cut off. */
  readonly touches = new IntList();
  /** What the CPU may still do, a number of `Futures`. */
  readonly future = new IntList();
  /** What the CPU looks at in memory, a number of `Looks`; 0 where that is not known. */
  readonly looks = new IntList();

  constructor(
    private readonly m: Machine,
    private readonly blocks: Blocks,
    private readonly futures: Futures,
    private readonly seenBy: Looks | undefined,
  ) {}

  /** Looks at the block of CPU t in the record if it has just become known. */
  note(t: number): void {
    if (this.blocks.count === this.future.length) return;
    const { m } = this;
    const { w, layout } = m;
    const base = m.base(t);
    const waits = layout.waits[t] as number;
    let waitsOn = 0;
    for (let i = 0; i < (w[base + CPU.WAITS] as number); i++) waitsOn |= 1 << ((w[waits + i] as number) >> 16);
    this.waitsOn.push(waitsOn);
    this.names.push(waitsOn | this.ownersIn(t));
    let leavesHeld = -1;
    let tablesHeld = -1;
    let referred = 0;
    let notReferred = 0;
    let touches = 0;
    for (let l = 0; l < layout.locations; l++) {
      const bit = locationBit(l);
      const tables = w[m.tableBound(t, l)] as number;
      const leaves = w[m.leafBound(t, l)] as number;
      if (leaves > 0) leavesHeld &= ~bit;
      if (tables > 0) tablesHeld &= ~bit;
      if (tables > 0 || leaves > 0) touches |= bit;
      const oldest = this.oldestReference(t, l);
      if (oldest > 0) touches |= bit;
      if (oldest === 1) referred |= bit;
      else notReferred |= bit;
    }
    this.leavesHeld.push(leavesHeld);
    this.tablesHeld.push(tablesHeld);
    this.referred.push(referred & ~notReferred);
    this.touches.push(touches);
    this.atomics.push(this.atomicsOf(t));
    this.future.push(this.futures.of(t));
    this.looks.push(this.seenBy?.of(t) ?? 0);
  }

  /** CPUs whose own values stand in the block that has just become known. */
  private ownersIn(t: number): number {
    const { m, blocks } = this;
    const { own } = m.values;
    let owners = 0;
    const block = blocks.count - 1;
    if (own.any)
      valuesOfCpu(m, t, blocks.data, blocks.start(block), blocks.start(block) + blocks.length(block), (at, plus) => {
        const owner = own.ownerOf((blocks.data[at] as number) - plus);
        if (owner >= 0) owners |= 1 << owner;
      });
    return owners;
  }

  /** A block that has just become known and is as another one, but for the CPUs that it names. */
  noteRenamed(like: number, rename: (cpus: number) => number): void {
    if (this.blocks.count === this.future.length) return;
    this.waitsOn.push(rename(this.waitsOn.at(like)));
    this.names.push(rename(this.names.at(like)));
    this.leavesHeld.push(this.leavesHeld.at(like));
    this.tablesHeld.push(this.tablesHeld.at(like));
    this.referred.push(this.referred.at(like));
    this.touches.push(this.touches.at(like));
    this.atomics.push(this.atomics.at(like));
    this.future.push(this.future.at(like));
    this.looks.push(this.looks.at(like));
  }

  private atomicsOf(t: number): number {
    const { m } = this;
    let atomics = 0;
    for (let k = 0; k < m.count(t); k++) {
      const slot = m.slot(t, k);
      if (m.w[slot + SLOT.KIND] !== ENTRY.ACCESS) continue;
      const location = m.location((m.w[slot + SLOT.PA] as number) - 1);
      if (location >= 0 && isHalfDone(m, t, slot)) atomics |= locationBit(location);
    }
    return atomics;
  }

  /** Index + 1 of the oldest value of a location that an entry of CPU t's window refers to; 0: none. */
  private oldestReference(t: number, location: number): number {
    const { m } = this;
    const { w } = m;
    const word = (m.learned.locations[location] as ValueId) + 1;
    let oldest = 0;
    const refer = (index: number): void => {
      if (index !== 0 && (oldest === 0 || index < oldest)) oldest = index;
    };
    for (let k = 0; k < m.count(t); k++) {
      const slot = m.slot(t, k);
      if (w[slot + SLOT.KIND] !== ENTRY.ACCESS) continue;
      if (w[slot + SLOT.PA] === word) refer(w[slot + SLOT.READ_INDEX] as number);
      if (w[slot + SLOT.UPDATE_CELL] === location + 1) refer(w[slot + SLOT.UPDATE_INDEX] as number);
    }
    return oldest;
  }
}

/** Of the memory blocks. */
export class MemoryFacts {
  /** Locations with old values; those whose old values all are leaves, all are tables; those with one old value. */
  readonly long = new IntList();
  readonly leaves = new IntList();
  readonly tables = new IntList();
  readonly single = new IntList();
  /** CPUs that hold a lock, that a grace period is of or waits for, or whose own values it holds, a bit each. */
  readonly names = new IntList();

  constructor(
    private readonly m: Machine,
    private readonly memory: Blocks,
  ) {}

  /** Looks at the memory block that has just become known, if one has. */
  note(): void {
    const block = this.long.length;
    if (this.memory.count === block) return;
    const { m } = this;
    const { layout } = m;
    const { data } = this.memory;
    const start = this.memory.start(block);
    let long = 0;
    let leaves = -1;
    let tables = -1;
    let single = -1;
    for (let l = 0; l < layout.locations; l++) {
      const h = start + layout.history + l * layout.historyWords;
      const length = data[h] as number;
      if (length <= 1) continue;
      const bit = locationBit(l);
      long |= bit;
      if (length > 2) single &= ~bit;
      const places = m.learned.cells.get(m.learned.locations[l] as ValueId) ?? [];
      for (let i = 1; i < length; i++) {
        if (!isOldAs(m, data[h + i] as ValueId, places, 'leaf')) leaves &= ~bit;
        if (!isOldAs(m, data[h + i] as ValueId, places, 'table')) tables &= ~bit;
      }
    }
    this.long.push(long);
    this.leaves.push(leaves);
    this.tables.push(tables);
    this.single.push(single);
    let names = 0;
    for (let l = 0; l < layout.lockCount; l++) {
      const word = data[start + layout.locks + l] as number;
      if (word !== 0) names |= word >= SHARED ? word & (SHARED - 1) : 1 << (word - 1);
    }
    for (let i = 0; i < layout.graceCount; i++)
      if (data[start + layout.graces + i] !== 0) names |= (1 << Math.trunc(i / layout.cpus)) | (1 << (i % layout.cpus));
    const { own } = m.values;
    if (own.any)
      valuesOfMemory(m, data, start, (at) => {
        const owner = own.ownerOf(data[at] as number);
        if (owner >= 0) names |= 1 << owner;
      });
    this.names.push(names);
  }
}
