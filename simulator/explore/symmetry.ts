/**
 * CPUs with the same program and the same initial registers may change places: of the states that differ only so, one is
 * kept. A state's members are sorted by what they do; references from one CPU to another are renamed. Where two members
 * are alike but for such references the order is left as it is, which may keep a state twice but never merges two.
 */

import { type Event, eventKey } from '../machine/events';
import { CPU } from '../machine/layout';
import { type Machine, SHARED } from '../machine/machine';
import type { Program, Site } from '../machine/program';
import { Blocks } from './blocks';

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
  private readonly keys = new Blocks();
  private readonly scratch: Int32Array<ArrayBuffer>;
  private readonly copy: Int32Array<ArrayBuffer>;
  /** newPlace[t]: where CPU t has gone. */
  private readonly newPlace: number[];

  constructor(
    private readonly m: Machine,
    readonly groups: readonly (readonly number[])[],
  ) {
    this.scratch = new Int32Array(m.layout.words + 8);
    this.copy = new Int32Array(m.layout.words);
    this.newPlace = m.cpus.map((_, t) => t);
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

  /** Rewrites the record that the cursor is over into the one that stands for all its permutations. */
  canonicalise(): void {
    let moved = false;
    for (const group of this.groups) {
      const keyed = group.map((t) => ({ t, key: this.keyOf(t) }));
      const sorted = [...keyed].sort((a, b) => a.key - b.key || a.t - b.t);
      sorted.forEach(({ t }, i) => {
        const place = group[i] as number;
        this.newPlace[t] = place;
        if (place !== t) moved = true;
      });
    }
    if (moved) this.permute();
  }

  /** A number for what a CPU is doing, the same for members that do the same. */
  private keyOf(t: number): number {
    const { m, scratch } = this;
    const { w, layout } = m;
    const base = m.base(t);
    const waits = layout.waits[t] as number;
    let n = 0;
    for (let i = base; i < waits; i++)
      scratch[n++] = i === base + CPU.RCU_WAIT ? ((w[i] as number) !== 0 ? 1 : 0) : (w[i] as number);
    const slots = layout.slots[t] as number;
    const end = slots + (w[base + CPU.COUNT] as number) * (layout.slotWords[t] as number);
    for (let i = slots; i < end; i++) scratch[n++] = w[i] as number;
    for (let l = 0; l < layout.lockCount; l++) {
      const word = w[layout.locks + l] as number;
      scratch[n++] = word === t + 1 || (word >= SHARED && (word & (1 << t)) !== 0) ? 1 : 0;
    }
    return this.keys.intern(scratch, n);
  }

  private permute(): void {
    const { m, copy, newPlace } = this;
    const { w, layout } = m;
    copy.set(w);
    for (const group of this.groups)
      for (const t of group) {
        const to = newPlace[t] as number;
        if (to === t) continue;
        const from = m.base(t);
        w.set(copy.subarray(from, from + blockWords(m, t)), m.base(to));
      }
    for (let l = 0; l < layout.lockCount; l++) {
      const word = copy[layout.locks + l] as number;
      if (word >= SHARED) w[layout.locks + l] = SHARED | this.renameMask(word & (SHARED - 1));
      else if (word > 0) w[layout.locks + l] = (newPlace[word - 1] as number) + 1;
    }
    for (let t = 0; t < layout.cpus; t++) {
      const base = m.base(t);
      const wait = w[base + CPU.RCU_WAIT] as number;
      if (wait !== 0) w[base + CPU.RCU_WAIT] = (wait & ~(SHARED - 1)) | this.renameMask(wait & (SHARED - 1));
      this.renameWaits(t);
    }
  }

  private renameMask(mask: number): number {
    let renamed = 0;
    for (let t = 0; t < this.newPlace.length; t++)
      if ((mask & (1 << t)) !== 0) renamed |= 1 << (this.newPlace[t] as number);
    return renamed;
  }

  private renameWaits(t: number): void {
    const { m } = this;
    const at = m.layout.waits[t] as number;
    const n = m.w[m.base(t) + CPU.WAITS] as number;
    if (n === 0) return;
    const waits: number[] = [];
    for (let i = 0; i < n; i++) {
      const wait = m.w[at + i] as number;
      waits.push(((this.newPlace[wait >> 16] as number) << 16) | (wait & 0xffff));
    }
    waits
      .sort((a, b) => a - b)
      .forEach((wait, i) => {
        m.w[at + i] = wait;
      });
  }
}

/** Words of a CPU's block. */
function blockWords(m: Machine, t: number): number {
  return m.slot(t, m.layout.windowSlots) - m.base(t);
}
