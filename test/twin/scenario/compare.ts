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
  return cpuSteps(context, state).length === 0 && isDeadlock(context, state);
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

/** Outcomes of `a` that `b` does not have. */
export function missing(a: Outcomes, b: Outcomes): string[] {
  return [...a.outcomes].filter((o) => !b.outcomes.has(o)).sort();
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
  /** The fast machine without reductions got to its end too. */
  readonly unreduced: boolean;
}

/** Most states that each machine may visit. A loop of faults may have no end without reductions. */
export interface Bounds {
  readonly slow: number;
  readonly reduced: number;
  readonly unreduced: number;
}

export const usualBounds: Bounds = { slow: 3_000, reduced: 10_000, unreduced: 3_000 };

/** Compares the slow machine with the fast one, with reductions and without. */
export function compare(program: Program, tlb: Context['tlb'], bounds: Bounds): Comparison {
  const slow = slowOutcomes(program, tlb, bounds.slow);
  const slowStates = slow.states;
  if (!slow.complete) return { verdict: 'unknown', slowStates, unreduced: false };
  for (const reductions of [true, false]) {
    const fast = fastOutcomes(program, reductions, reductions ? bounds.reduced : bounds.unreduced);
    if (!fast.complete) return { verdict: reductions ? 'unknown' : 'same', slowStates, unreduced: false };
    for (const onlySlow of [true, false]) {
      const [outcome] = onlySlow ? missing(slow, fast) : missing(fast, slow);
      if (outcome === undefined) continue;
      return { verdict: 'different', disagreement: { outcome, onlySlow, reductions }, slowStates, unreduced: false };
    }
  }
  return { verdict: 'same', slowStates, unreduced: true };
}
