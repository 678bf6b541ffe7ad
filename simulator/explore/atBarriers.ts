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
  const seen = new Map<string, { cpu: number; site: Site; effect: BarrierEffect; states: number; first: number }>();
  const states = Math.min(exploration.states, maxStates);
  for (let state = 0; state < states; state++) {
    const m = exploration.stateAt(state);
    const here = new Set<string>();
    for (let t = 0; t < m.cpus.length; t++) {
      eachEffect(m, t, (site, effect) => {
        const key = `${t} ${site} ${effect.kind} ${'cpu' in effect ? effect.cpu : ''}`;
        if (here.has(key)) return;
        here.add(key);
        const known = seen.get(key);
        if (known === undefined) seen.set(key, { cpu: t, site, effect, states: 1, first: state });
        else known.states++;
      });
    }
  }
  return [...seen.values()];
}

function eachEffect(m: Machine, t: number, visit: (site: Site, effect: BarrierEffect) => void): void {
  const { w } = m;
  const count = m.count(t);
  for (let k = 0; k < count; k++) {
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
        if (instruction.kind !== 'tlbi' || m.flag(slot, FLAG.DONE)) break;
        for (const location of coveredLocations(m, slot, instruction)) {
          const current = m.values.get(m.last(location));
          const word = m.learned.locations[location] as ValueId;
          for (let u = 0; u < m.cpus.length; u++) {
            if (u !== t && !instruction.innerShareable) continue;
            if (usable(m, u, location, word).some((value) => value !== current))
              visit(instruction.site, { kind: 'removesFromTlb', cpu: u });
          }
        }
        break;
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
