/**
 * CPUs with the same program and the same initial registers may change places: of the states that differ only so, one is
 * kept. A state's members are sorted by what they do; references from one CPU to another are renamed. Where two members
 * are alike but for such references the order is left as it is, which may keep a state twice but never merges two.
 */

import { type Event, eventKey } from '../machine/events';
import { CPU } from '../machine/layout';
import { type Machine, SHARED } from '../machine/machine';
import type { Program, Site } from '../machine/program';
import type { BlockFacts } from './blockFacts';
import { Blocks } from './blocks';
import { IntList } from './growing';
import type { StateStore } from './stateStore';

/** Groups of CPUs that may change places; none when the program or what is observed tells them apart. */
export function interchangeable(m: Machine): number[][] {
  const { program } = m;
  const named = namedCpus(program);
  const groups = new Map<string, number[]>();
  program.cpus.forEach((cpu, t) => {
    if (named.has(t)) return;
    const initial = [...cpu.initial].map(([r, v]) => `${r}=${v}`).join();
    const key = `${m.classes[t]}|${initial}|${cpu.irqsMasked ?? false}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [t]);
    else group.push(t);
  });
  return [...groups.values()].filter((g) => g.length > 1);
}

/** CPUs that an instruction or an observable speaks of by number. */
function namedCpus(program: Program): ReadonlySet<number> {
  const all = new Set(program.cpus.keys());
  const named = new Set<number>();
  for (const cpu of program.cpus)
    for (const i of cpu.code) {
      if (i.kind === 'cpuNumber') return all;
      if (i.kind === 'sendInterrupt' && i.cpu !== undefined) named.add(i.cpu);
    }
  for (const o of program.observe) {
    if (o.kind === 'register') named.add(o.cpu);
    if (o.kind === 'event') {
      if (o.cpu !== undefined) named.add(o.cpu);
      else return all;
    }
  }
  return named;
}

export class Symmetry {
  private readonly nameless = new Blocks();
  /** By block of a CPU: what stands for it in the order, the same for blocks that differ only in the CPUs they name. */
  private readonly keys: ReadonlyMap<Blocks, IntList>;
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
    this.keys = new Map(store.cpus.map((blocks) => [blocks, new IntList()]));
    this.scratch = new Int32Array(m.layout.words + 8);
    this.before = new Int32Array(m.cpus.length + 1);
    this.newPlace = Int32Array.from(m.cpus.keys());
    this.sorted = new Int32Array(m.cpus.length);
  }

  /** What is told when another member of its CPU's group is in the place of that CPU, and the CPU in its place. */
  images(event: Event): readonly Event[] {
    const { cpu: t, otherCpu } = event;
    const group = this.groups.find((g) => g.includes(t)) ?? [t];
    return group
      .filter((u) => u !== t)
      .map((u) => ({
        ...event,
        cpu: u,
        site: this.siteOn(u, t, event.site),
        ...(event.origin === undefined ? {} : { origin: this.siteOn(u, t, event.origin) }),
        ...(otherCpu === undefined ? {} : { otherCpu: otherCpu === t ? u : otherCpu === u ? t : otherCpu }),
      }));
  }

  /** An event's identity, the same for CPUs that may change places. */
  anonymous(event: Event): string {
    const stands = (t: number): number => this.groups.find((g) => g.includes(t))?.[0] ?? t;
    const { cpu: t, otherCpu } = event;
    return eventKey({
      ...event,
      cpu: stands(t),
      site: this.siteOn(stands(t), t, event.site),
      ...(event.origin === undefined ? {} : { origin: this.siteOn(stands(t), t, event.origin) }),
      ...(otherCpu === undefined ? {} : { otherCpu: stands(otherCpu) }),
    });
  }

  /** The site on CPU u that stands where a site stands on CPU t. */
  private siteOn(u: number, t: number, site: Site): Site {
    const { cpus } = this.m.program;
    const at = cpus[t]?.code.findIndex((i) => i.site === site) ?? -1;
    return cpus[u]?.code[at]?.site ?? site;
  }

  /** Where each CPU went in the state that was put in order last. */
  places(): Int32Array {
    return this.newPlace.slice();
  }

  /** Rewrites a state's blocks into those of the one that stands for all its permutations. */
  canonicalise(ids: Int32Array): void {
    let moved = 0;
    const holders = this.store.memoryFacts.holders.at(ids[0] as number);
    for (const group of this.groups) moved |= this.sort(group, ids, holders);
    if (moved !== 0) this.permute(ids, moved, holders);
  }

  /** Sorts the members of a group; the CPUs that get another place, a bit each. */
  private sort(group: readonly number[], ids: Int32Array, holders: number): number {
    const { sorted } = this;
    let moved = 0;
    for (let i = 0; i < group.length; i++) {
      const t = group[i] as number;
      let at = i;
      while (at > 0 && this.follows(sorted[at - 1] as number, t, ids, holders)) {
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
  private follows(a: number, b: number, ids: Int32Array, holders: number): boolean {
    const [blockOfA, blockOfB] = [ids[a + 1] as number, ids[b + 1] as number];
    if (blockOfA !== blockOfB) {
      const [keyOfA, keyOfB] = [this.keyOf(a, blockOfA), this.keyOf(b, blockOfB)];
      if (keyOfA !== keyOfB) return keyOfA > keyOfB;
    }
    if ((holders & ((1 << a) | (1 << b))) === 0) return false;
    return this.locksHeld(ids[0] as number, a) > this.locksHeld(ids[0] as number, b);
  }

  private keyOf(t: number, block: number): number {
    const blocks = this.store.cpus[t] as Blocks;
    const keys = this.keys.get(blocks) as IntList;
    while (keys.length <= block) keys.push(this.namelessKey(t, blocks, keys.length));
    return keys.at(block);
  }

  private namelessKey(t: number, blocks: Blocks, block: number): number {
    const facts = this.store.facts[t] as BlockFacts;
    if (facts.names.at(block) === 0) return block;
    const { scratch } = this;
    const from = blocks.start(block);
    const waits = (this.m.layout.waits[t] as number) - this.m.base(t);
    const behind = waits + (blocks.data[from + CPU.WAITS] as number);
    let n = 0;
    for (let i = 0; i < blocks.length(block); i++)
      if (i < waits || i >= behind) scratch[n++] = i === CPU.RCU_WAIT ? 1 : (blocks.data[from + i] as number);
    return NAMING + this.nameless.intern(scratch, n);
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

  private permute(ids: Int32Array, moved: number, holders: number): void {
    const { before, newPlace, store } = this;
    before.set(ids);
    for (let t = 0; t < newPlace.length; t++) ids[(newPlace[t] as number) + 1] = before[t + 1] as number;
    if ((holders & moved) !== 0) ids[0] = this.renamedMemory(ids[0] as number);
    for (let t = 0; t < newPlace.length; t++) {
      const block = ids[t + 1] as number;
      if (((store.facts[t] as BlockFacts).names.at(block) & moved) !== 0) ids[t + 1] = this.renamedBlock(t, block);
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
    const id = blocks.intern(scratch, length);
    store.memoryFacts.note();
    return id;
  }

  /** A block with the CPUs that it names renamed: those that it waits for, in order, and those of a grace period. */
  private renamedBlock(t: number, block: number): number {
    const { scratch, store, m } = this;
    const blocks = store.cpus[t] as Blocks;
    const start = blocks.start(block);
    const length = blocks.length(block);
    for (let i = 0; i < length; i++) scratch[i] = blocks.data[start + i] as number;
    const grace = scratch[CPU.RCU_WAIT] as number;
    scratch[CPU.RCU_WAIT] = (grace & ~(SHARED - 1)) | this.renamed(grace & (SHARED - 1));
    const waits = (m.layout.waits[t] as number) - m.base(t);
    const list = scratch.subarray(waits, waits + (scratch[CPU.WAITS] as number));
    for (let i = 0; i < list.length; i++) {
      const wait = list[i] as number;
      list[i] = ((this.newPlace[wait >> 16] as number) << 16) | (wait & 0xffff);
    }
    list.sort();
    const id = blocks.intern(scratch, length);
    (store.facts[t] as BlockFacts).noteRenamed(block, (cpus) => this.renamed(cpus));
    return id;
  }

  private renamed(cpus: number): number {
    let renamed = 0;
    for (let t = 0; t < this.newPlace.length; t++)
      if ((cpus & (1 << t)) !== 0) renamed |= 1 << (this.newPlace[t] as number);
    return renamed;
  }
}

/** Keys of blocks that name CPUs are from here on; those of others are their own numbers. */
const NAMING = 1 << 28;
