/** One random execution to its end, for `hvo run --seed`. */

import type { Machine } from '../machine/machine';
import type { Choices } from '../steps/choices';
import { settle } from '../steps/closure';
import { offerAll, take } from '../steps/next';

/** Steps of an execution: one that never ends is cut here. */
export const MAX_SAMPLE_STEPS = 20_000;
/** A guess may turn out to have no execution; then another execution begins. */
const MAX_ATTEMPTS = 64;

/** The choices of a random execution; the same seed gives the same one. Empty when no attempt comes to an end. */
export function sampleExecution(m: Machine, choices: Choices, seed: number): readonly number[] {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const path = walkToEnd(m, choices, random(seed + attempt * 0x9e37));
    if (path !== undefined) return path;
  }
  return [];
}

/** Undefined when it comes to a state from which every choice is dropped. */
function walkToEnd(m: Machine, choices: Choices, pick: (below: number) => number): readonly number[] | undefined {
  m.reset();
  m.dropped = false;
  m.events.clear();
  settle(m);
  const path: number[] = [];
  const record = m.w.slice();
  while (path.length < MAX_SAMPLE_STEPS) {
    offerAll(m, choices);
    const count = choices.count;
    if (count === 0) return path;
    record.set(m.w);
    const first = pick(count);
    let taken = -1;
    for (let n = 0; n < count && taken < 0; n++) {
      const i = (first + n) % count;
      if (n > 0) {
        m.w.set(record);
        offerAll(m, choices);
      }
      take(m, choices, i);
      if (!m.dropped) taken = i;
    }
    if (taken < 0) return undefined;
    path.push(taken);
  }
  return path;
}

/** A linear congruential generator: the same seed, the same execution on every machine. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
