/** Both machines on one program: their sets of outcomes, and where they differ. */

import { defaultOptions, Exploration, type Result } from '../../../simulator/explore/explore';
import { printSchedule } from '../../../simulator/explore/schedule';
import type { Program } from '../../../simulator/machine/program';
import { reductions } from '../../../simulator/machine/reductions';
import { explore as exploreSlowly } from '../explore';
import { isStuck, twinSystem } from '../model/machine';
import { isDeadlock, isFinal, observed, someWaitForEver } from '../model/outcome';
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
        else if (endsInDeadlock(system.context, state)) outcomes.add(DEADLOCK);
        return steps;
      },
    },
    boundStates,
  );
  return { outcomes, states: found.states, complete: found.complete && !endless };
}

function endsInDeadlock(context: Context, state: TwinState): boolean {
  return someWaitForEver(context, state) || (isDeadlock(context, state) && isStuck(context, state));
}

/** The steps by which the slow machine reaches an outcome. */
export function slowSchedule(program: Program, outcome: string, boundStates: number): readonly string[] {
  const system = twinSystem(program, 'full');
  const reached = (state: Parameters<typeof isFinal>[1]): boolean => {
    if (isFinal(system.context, state)) return observed(system.context, state).join(' ') === outcome;
    return outcome === DEADLOCK && endsInDeadlock(system.context, state);
  };
  const found = exploreSlowly(
    { ...system, assertions: [{ name: outcome, holds: (_, step) => !reached(step.next) }] },
    boundStates,
  );
  return found.violations[0]?.actions ?? [];
}

/** Which reductions the fast machine makes: all, only those that are apart, none. */
export type Reducing = 'all' | 'apart' | 'none';

export function fastOutcomes(program: Program, reducing: Reducing, bounds: Bounds): Outcomes {
  const found = exploreFast(program, reducing, bounds);
  const outcomes = new Set(found.outcomes.map((o) => o.values.join(' ')));
  if (found.deadlocks.length > 0) outcomes.add(DEADLOCK);
  return { outcomes, states: found.states, complete: found.complete };
}

const none: ReadonlySet<string> = new Set(reductions.map(({ id }) => id));

function exploreFast(program: Program, reducing: Reducing, bounds: Bounds): Result {
  const exploration = new Exploration(program, {
    ...defaultOptions,
    reductions: reducing === 'all',
    symmetry: reducing === 'all',
    without: reducing === 'none' ? none : new Set(),
    tellsAccesses: false,
    livelock: false,
    maxStates: { all: bounds.reduced, apart: bounds.unreduced, none: bounds.bare }[reducing],
  });
  const transitions = bounds.transitions * (reducing === 'none' ? 5 : 1);
  while (!exploration.isDone && exploration.work < transitions) exploration.advance(1);
  return exploration.result();
}

/** A path of the fast machine to an outcome, as a schedule string. */
export function fastSchedule(program: Program, reducing: Reducing, outcome: string, bounds: Bounds): string {
  const found = exploreFast(program, reducing, bounds);
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
  readonly reducing: Reducing;
}

export interface Comparison {
  /** `unknown`: the slow machine, or the fast one with reductions, did not get to its end. */
  readonly verdict: 'same' | 'different' | 'unknown';
  readonly disagreement?: Disagreement;
  readonly slowStates: number;
  readonly slowOutcomes: number;
  /** The same of the fast machine with the reductions that are apart only, and without any. */
  readonly unreduced: 'same' | 'unknown' | 'not asked';
  readonly bare: 'same' | 'unknown' | 'not asked';
}

/**
 * Most states that each machine may visit, and transitions of the fast one. A loop of faults whose handler stores has no end
 * without reductions: histories grow, and with them the choices of each walk. `unreduced`, `bare` 0: the fast machine is
 * not asked without reductions.
 */
export interface Bounds {
  readonly slow: number;
  readonly reduced: number;
  readonly unreduced: number;
  readonly bare: number;
  readonly transitions: number;
}

export const usualBounds: Bounds = { slow: 1_000, reduced: 5_000, unreduced: 2_000, bare: 8_000, transitions: 8_000 };

/** Compares the slow machine with the fast one, with reductions and without. */
export function compare(program: Program, tlb: Context['tlb'], bounds: Bounds): Comparison {
  const slow = slowOutcomes(program, tlb, bounds.slow);
  const counts = { slowStates: slow.states, slowOutcomes: slow.outcomes.size };
  const how = { all: 'not asked', apart: 'not asked', none: 'not asked' } as Record<Reducing, Comparison['bare']>;
  const asked = [
    ['all', bounds.reduced] as const,
    ['apart', bounds.unreduced] as const,
    ['none', bounds.bare] as const,
  ];
  let disagreement: Disagreement | undefined;
  for (const [reducing, states] of slow.complete ? asked : []) {
    if (states === 0) continue;
    const fast = fastOutcomes(program, reducing, bounds);
    how[reducing] = fast.complete ? 'same' : 'unknown';
    if (!fast.complete) continue;
    for (const onlySlow of [true, false]) {
      const [outcome] = missing(program, slow, fast, onlySlow);
      if (outcome !== undefined) disagreement ??= { outcome, onlySlow, reducing };
    }
  }
  const rest = { ...counts, unreduced: how.apart, bare: how.none };
  if (disagreement !== undefined) return { verdict: 'different', disagreement, ...rest };
  return { verdict: how.all === 'same' ? 'same' : 'unknown', ...rest };
}
