/** What the barriers and TLBIs of a program wait for and remove, over the states that were explored. */

import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { Site } from '../machine/program';
import type { ValueId } from '../machine/values';
import { coveredLocations } from '../steps/tlbi';
import type { Exploration } from './explore';
import { usable } from './snapshot';

/** What a barrier holds back for, or what a TLBI takes out of a TLB; the CPU is the other one. */
export type BarrierEffect =
  | { readonly kind: 'waitsForLoad' | 'waitsForStore' | 'waitsForTlbi' | 'waitsForWalk' }
  | { readonly kind: 'waitsForCpu' | 'removesFromTlb'; readonly cpu: number };

export interface BarrierSeen {
  readonly cpu: number;
  readonly site: Site;
  readonly effect: BarrierEffect;
  /** States in which it was so, and the first of them. */
  readonly states: number;
  readonly first: number;
}

/** Looks at up to `maxStates` states; the exploration must not go on meanwhile. */
export function barriersSeen(exploration: Exploration, maxStates: number): readonly BarrierSeen[] {
  const seen = new Map<string, Row>();
  const states = Math.min(exploration.states, maxStates);
  const cpus = exploration.program.cpus.length;
  const ids = new Int32Array(cpus + 1);
  // By CPU and block: what its barriers wait for, and whether a TLBI is still to come, which depends on other blocks.
  const ofBlock = Array.from({ length: cpus }, (): { rows: readonly Row[]; invalidates: boolean }[] => []);
  const row = (cpu: number, site: Site, effect: BarrierEffect, state: number): Row => {
    const key = `${cpu} ${site} ${effect.kind} ${'cpu' in effect ? effect.cpu : ''}`;
    let found = seen.get(key);
    if (found === undefined) {
      found = { cpu, site, effect, states: 0, first: state, last: -1 };
      seen.set(key, found);
    }
    return found;
  };
  for (let state = 0; state < states; state++) {
    exploration.blocksAt(state, ids);
    for (let t = 0; t < cpus; t++) {
      const block = ids[t + 1] as number;
      let facts = ofBlock[t]?.[block];
      if (facts === undefined) {
        const rows = new Set<Row>();
        const m = exploration.stateAt(state);
        const invalidates = eachBarrier(m, t, (site, effect) => rows.add(row(t, site, effect, state)));
        facts = { rows: [...rows], invalidates };
        (ofBlock[t] as (typeof facts)[])[block] = facts;
      }
      for (const one of facts.rows) count(one, state);
      if (facts.invalidates)
        eachInvalidation(exploration.stateAt(state), t, (site, effect) => count(row(t, site, effect, state), state));
    }
  }
  return [...seen.values()];
}

interface Row extends BarrierSeen {
  states: number;
  /** The state that it was counted in last. */
  last: number;
}

function count(row: Row, state: number): void {
  if (row.last === state) return;
  row.last = state;
  row.states++;
}

type Visit = (site: Site, effect: BarrierEffect) => void;

/** What the barriers in the window of CPU t wait for; whether there is a TLBI that is not done. */
function eachBarrier(m: Machine, t: number, visit: Visit): boolean {
  const { w } = m;
  let invalidates = false;
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    const { instruction } = m.compiled(t, w[slot + SLOT.IP] as number);
    switch (w[slot + SLOT.KIND]) {
      case ENTRY.DSB:
      case ENTRY.DMB:
      case ENTRY.ISB:
        // An exception entry or return synchronises too; only what stands in the text is told.
        if (instruction.kind === 'dsb' || instruction.kind === 'dmb' || instruction.kind === 'isb')
          eachWait(m, t, k, instruction.kind, (effect) => visit(instruction.site, effect));
        break;
      case ENTRY.TLBI:
        if (!m.flag(slot, FLAG.DONE)) invalidates = true;
        break;
    }
  }
  return invalidates;
}

/** What the TLBIs in the window of CPU t are going to remove. */
function eachInvalidation(m: Machine, t: number, visit: Visit): void {
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    if (m.w[slot + SLOT.KIND] !== ENTRY.TLBI || m.flag(slot, FLAG.DONE)) continue;
    const { instruction } = m.compiled(t, m.w[slot + SLOT.IP] as number);
    if (instruction.kind !== 'tlbi') continue;
    for (const location of coveredLocations(m, t, slot)) {
      const current = m.values.get(m.last(location));
      const word = m.learned.locations[location] as ValueId;
      for (let u = 0; u < m.cpus.length; u++) {
        if (u !== t && !instruction.innerShareable) continue;
        if (usable(m, u, location, word).some((value) => value !== current))
          visit(instruction.site, { kind: 'removesFromTlb', cpu: u });
      }
    }
  }
}

/** What is older than the barrier in slot k and not done. */
function eachWait(
  m: Machine,
  t: number,
  k: number,
  kind: 'dsb' | 'dmb' | 'isb',
  visit: (effect: BarrierEffect) => void,
): void {
  const { w } = m;
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    const flags = w[slot + SLOT.FLAGS] as number;
    if (w[slot + SLOT.KIND] === ENTRY.TLBI && kind === 'dsb' && (flags & FLAG.DONE) === 0)
      visit({ kind: 'waitsForTlbi' });
    if (w[slot + SLOT.KIND] !== ENTRY.ACCESS || (flags & FLAG.FAULTED) !== 0) continue;
    if ((flags & FLAG.WALKED) === 0 && kind === 'isb') visit({ kind: 'waitsForWalk' });
    if (kind === 'isb') continue;
    if ((flags & FLAG.READ) === 0) visit({ kind: 'waitsForLoad' });
    if ((flags & FLAG.WRITTEN) === 0) visit({ kind: 'waitsForStore' });
  }
  if (kind !== 'dsb') return;
  const waits = m.layout.waits[t] as number;
  for (let i = 0; i < (w[m.base(t) + CPU.WAITS] as number); i++)
    visit({ kind: 'waitsForCpu', cpu: (w[waits + i] as number) >> 16 });
}
