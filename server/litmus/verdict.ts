/** What the final states of a test say about its condition. */

import { compileCondition, type FinalState } from './condition';
import type { LoweredTest } from './lower';
import type { LitmusTest } from './test';

/** In how many of the final states the proposition holds; unknown: a bound was hit, and those that are missing decide. */
export type Observation = 'Never' | 'Sometimes' | 'Always' | 'Unknown';

export interface Verdict {
  /** Distinct final states that pass the filter. */
  readonly states: readonly FinalState[];
  /** States in which the proposition, without its quantifier, holds and does not hold. */
  readonly holds: number;
  readonly fails: number;
  readonly observation: Observation;
  /** Whether the quantified condition is true: something exists, nothing exists, or everything agrees; undefined: a bound hides it. */
  readonly validated: boolean | undefined;
}

/** Judges the final states of an exploration, `complete` when there are no others; each is the tuple of `program.observe`. */
export function judge(
  test: LitmusTest,
  lowered: LoweredTest,
  outcomes: readonly FinalState[],
  complete: boolean,
): Verdict {
  const passes = test.filter === undefined ? () => true : compileCondition(test.filter, lowered);
  const condition = compileCondition(test.condition, lowered);
  const distinct = new Map<string, FinalState>();
  for (const state of outcomes) if (passes(state)) distinct.set(state.join(), state);
  const states = [...distinct.values()].sort(compareStates);
  const holds = states.filter(condition).length;
  const fails = states.length - holds;
  const seen = holds === 0 ? 'Never' : fails === 0 ? 'Always' : 'Sometimes';
  const observation = complete || seen === 'Sometimes' ? seen : 'Unknown';
  const validated = { exists: holds > 0, 'not exists': holds === 0, forall: fails === 0 }[test.quantifier];
  const decides = { exists: holds > 0, 'not exists': holds > 0, forall: fails > 0 }[test.quantifier];
  return { states, holds, fails, observation, validated: complete || decides ? validated : undefined };
}

function compareStates(a: FinalState, b: FinalState): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
