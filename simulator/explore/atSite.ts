/** What page tables and TLBs may hold when a place of the program is reached: the union over all states there. */

import { ENTRY, FLAG, SLOT } from '../machine/layout';
import type { CellPlace } from '../machine/learned';
import type { Machine } from '../machine/machine';
import type { Site } from '../machine/program';
import type { Exploration } from './explore';
import { usable } from './snapshot';

/** A descriptor that changes in the program. */
export interface DescriptorThere {
  readonly physicalAddress: bigint;
  readonly places: readonly CellPlace[];
  /** Values that it may have in memory. */
  readonly current: readonly bigint[];
  /** For each CPU the values that a walk may use: what its TLB may hold, and what memory has when that is valid. */
  readonly usable: readonly (readonly bigint[])[];
}

export interface There {
  /** States in which an instruction of the place has not taken effect yet. 0: it never waits, and this is any state. */
  readonly states: number;
  /** States that were looked at, and how many there are. */
  readonly looked: number;
  readonly of: number;
  readonly descriptors: readonly DescriptorThere[];
}

/** States between two `yield`s. */
const SLICE_STATES = 500;

/** Looks at up to `maxStates` states that were explored so far; the exploration must not go on meanwhile. */
export function* atSites(
  exploration: Exploration,
  sites: ReadonlySet<Site>,
  maxStates: number,
): Generator<void, There, void> {
  const looked = Math.min(exploration.states, maxStates);
  const there = new Union(exploration);
  const anywhere = new Union(exploration);
  let states = 0;
  for (let state = 0; state < looked; state++) {
    const m = exploration.stateAt(state);
    if (isAt(m, sites)) {
      states++;
      there.add(m);
    } else if (states === 0) anywhere.add(m);
    if (state % SLICE_STATES === SLICE_STATES - 1) yield;
  }
  return { states, looked, of: exploration.states, descriptors: (states > 0 ? there : anywhere).descriptors() };
}

/** Whether some CPU has an instruction of one of the sites in flight that has not taken effect. */
function isAt(m: Machine, sites: ReadonlySet<Site>): boolean {
  for (let t = 0; t < m.cpus.length; t++) {
    for (let k = 0; k < m.count(t); k++) {
      const slot = m.slot(t, k);
      const at = m.w[slot + SLOT.IP] as number;
      const flags = m.w[slot + SLOT.FLAGS] as number;
      const over = m.w[slot + SLOT.KIND] === ENTRY.ACCESS ? flags & FLAG.WALKED : flags & FLAG.DONE;
      if (over === 0 && sites.has(m.compiled(t, at).instruction.site)) return true;
    }
  }
  return false;
}

class Union {
  private readonly current = new Map<number, Set<bigint>>();
  private readonly usable = new Map<number, Set<bigint>[]>();
  private readonly seen = new Set<string>();
  /** For each CPU the first of those that it may change places with. */
  private readonly representative: readonly number[];
  private m: Machine | undefined;

  constructor(exploration: Exploration) {
    const { interchangeable, program } = exploration;
    this.representative = program.cpus.map((_, t) => interchangeable.find((group) => group.includes(t))?.[0] ?? t);
  }

  add(m: Machine): void {
    this.m = m;
    for (let location = 0; location < m.layout.locations; location++) {
      const word = m.learned.locations[location] as number;
      if (!m.learned.cells.has(word)) continue;
      for (let t = 0; t < m.cpus.length; t++) this.addCell(m, t, location, word);
    }
  }

  private addCell(m: Machine, t: number, location: number, word: number): void {
    const history = m.historyAt(location);
    const bounds = `${m.w[m.tableBound(t, location)]},${m.w[m.leafBound(t, location)]}`;
    const values = m.w.subarray(history, history + 1 + m.historyLength(location)).join();
    const group = this.representative[t] as number;
    const key = `${group} ${location} ${bounds} ${values}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const current = this.current.get(location) ?? new Set();
    this.current.set(location, current.add(m.values.get(m.last(location))));
    const perCpu = this.usable.get(location) ?? m.cpus.map(() => new Set<bigint>());
    this.usable.set(location, perCpu);
    for (const value of usable(m, t, location, word)) (perCpu[group] as Set<bigint>).add(value);
  }

  descriptors(): readonly DescriptorThere[] {
    const { m } = this;
    if (m === undefined) return [];
    return [...this.current].map(([location, current]) => {
      const word = m.learned.locations[location] as number;
      const perCpu = this.usable.get(location) ?? [];
      return {
        physicalAddress: m.values.get(word),
        places: m.learned.cells.get(word) ?? [],
        current: [...current],
        usable: this.representative.map((group) => [...(perCpu[group] ?? [])]),
      };
    });
  }
}
