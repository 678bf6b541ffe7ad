/** Both machines on one program: their sets of outcomes, and where they differ. */

import { explore } from '../../../simulator/explore/explore';
import { printSchedule } from '../../../simulator/explore/schedule';
import type { Program } from '../../../simulator/machine/program';
import { explore as exploreSlowly } from '../explore';
import { cpuSteps, twinSystem } from '../model/machine';
import { isDeadlock, isFinal, observed } from '../model/outcome';
import type { Context } from '../model/program';
import type { TwinState } from '../model/state';

/** Outcomes by their observed values; DEADLOCK is one too. */
export interface Outcomes {
  readonly outcomes: ReadonlySet<string>;
  readonly states: number;
  readonly complete: boolean;
}

export const DEADLOCK = 'deadlock';

/** A CPU that tries again and again while something older is not over fills its window without end. */
const MAX_WINDOW = 40;

export function slowOutcomes(program: Program, tlb: Context['tlb'], boundStates: number): Outcomes {
  const system = twinSystem(program, tlb);
  const outcomes = new Set<string>();
  let endless = false;
  const found = exploreSlowly(
    {
      ...system,
      successors(state) {
        if (state.cpus.some((cpu) => cpu.window.length > MAX_WINDOW)) {
          endless = true;
          return [];
        }
        const steps = system.successors(state);
        if (isFinal(system.context, state)) outcomes.add(observed(system.context, state).join(' '));
        else if (isStuck(system.context, state)) outcomes.add(DEADLOCK);
        return steps;
      },
    },
    boundStates,
  );
  return { outcomes, states: found.states, complete: found.complete && !endless };
}

function isStuck(context: Context, state: TwinState): boolean {
  return isDeadlock(context, state) && cpuSteps(context, state).length === 0;
}

/** The steps by which the slow machine reaches an outcome. */
export function slowSchedule(program: Program, outcome: string, boundStates: number): readonly string[] {
  const system = twinSystem(program, 'full');
  const reached = (state: Parameters<typeof isFinal>[1]): boolean => {
    if (isFinal(system.context, state)) return observed(system.context, state).join(' ') === outcome;
    return outcome === DEADLOCK && isStuck(system.context, state);
  };
  const found = exploreSlowly(
    { ...system, assertions: [{ name: outcome, holds: (_, step) => !reached(step.next) }] },
    boundStates,
  );
  return found.violations[0]?.actions ?? [];
}

export function fastOutcomes(program: Program, reductions: boolean, boundStates: number): Outcomes {
  const found = explore(program, {
    reductions,
    symmetry: reductions,
    tellsAccesses: false,
    livelock: false,
    maxStates: boundStates,
  });
  const outcomes = new Set(found.outcomes.map((o) => o.values.join(' ')));
  if (found.deadlocks.length > 0) outcomes.add(DEADLOCK);
  return { outcomes, states: found.states, complete: found.complete };
}

/** A path of the fast machine to an outcome, as a schedule string. */
export function fastSchedule(program: Program, reductions: boolean, outcome: string, boundStates: number): string {
  const found = explore(program, {
    reductions,
    symmetry: reductions,
    tellsAccesses: false,
    livelock: false,
    maxStates: boundStates,
  });
  const witness =
    outcome === DEADLOCK
      ? found.deadlocks[0]?.witness
      : found.outcomes.find((o) => o.values.join(' ') === outcome)?.witness;
  return printSchedule(witness ?? []);
}

/**
 * Outcomes of one machine that the other does not have. That a freed page is reachable says that some TLB may lead there. Where a TLBI may
 * have happened and may not have, the fast machine tells it always, so an outcome with it covers the same one without it.
 */
function missing(program: Program, slow: Outcomes, fast: Outcomes, onlySlow: boolean): string[] {
  if (!onlySlow) return [...fast.outcomes].filter((o) => !slow.outcomes.has(o)).sort();
  const mays = program.observe.flatMap((o, n) =>
    o.kind === 'event' && o.outcome === 'freed-page-reachable' ? [n] : [],
  );
  const isCovered = (outcome: string): boolean => {
    if (fast.outcomes.has(outcome)) return true;
    const values = outcome.split(' ');
    return mays.some((n) => values[n] === '0' && isCovered(values.map((v, m) => (m === n ? '1' : v)).join(' ')));
  };
  return [...slow.outcomes].filter((o) => !isCovered(o)).sort();
}

export interface Disagreement {
  /** An outcome that one machine has and the other has not. */
  readonly outcome: string;
  readonly onlySlow: boolean;
  readonly reductions: boolean;
}

export interface Comparison {
  /** `unknown`: the slow machine, or the fast one with reductions, did not get to its end. */
  readonly verdict: 'same' | 'different' | 'unknown';
  readonly disagreement?: Disagreement;
  readonly slowStates: number;
  readonly slowOutcomes: number;
  /** The fast machine without reductions got to its end too. */
  readonly unreduced: boolean;
}

/**
 * Most states that each machine may visit. A loop of faults may have no end without reductions. `unreduced` 0: the fast
 * machine is asked with reductions only.
 */
export interface Bounds {
  readonly slow: number;
  readonly reduced: number;
  readonly unreduced: number;
}

export const usualBounds: Bounds = { slow: 1_000, reduced: 5_000, unreduced: 2_000 };

/** Compares the slow machine with the fast one, with reductions and without. */
export function compare(program: Program, tlb: Context['tlb'], bounds: Bounds): Comparison {
  const slow = slowOutcomes(program, tlb, bounds.slow);
  const counts = { slowStates: slow.states, slowOutcomes: slow.outcomes.size };
  if (!slow.complete) return { verdict: 'unknown', ...counts, unreduced: false };
  for (const reductions of bounds.unreduced > 0 ? [true, false] : [true]) {
    const fast = fastOutcomes(program, reductions, reductions ? bounds.reduced : bounds.unreduced);
    if (!fast.complete) return { verdict: reductions ? 'unknown' : 'same', ...counts, unreduced: false };
    for (const onlySlow of [true, false]) {
      const [outcome] = missing(program, slow, fast, onlySlow);
      if (outcome === undefined) continue;
      return { verdict: 'different', disagreement: { outcome, onlySlow, reductions }, ...counts, unreduced: false };
    }
  }
  return { verdict: 'same', ...counts, unreduced: bounds.unreduced > 0 };
}
