/** Random executions from a seed, to learn a layout. */

import type { Machine } from '../machine/machine';
import type { Choices } from '../steps/choices';
import { settle } from '../steps/closure';
import { offerAll, take } from '../steps/next';
import { observe } from './observe';

/** Steps of one random execution. */
export const MAX_WARM_UP_STEPS = 300;

/** A linear congruential generator: the same seed, the same execution on every machine. */
export function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Runs from the initial state until nothing can happen or the layout grows; the choices taken. */
export function walkAtRandom(m: Machine, choices: Choices, seed: number, maxSteps: number): number[] {
  const pick = random(seed);
  const path: number[] = [];
  m.reset();
  m.dropped = false;
  m.events.clear();
  settle(m);
  for (let step = 0; step < maxSteps && !m.learned.grown && !m.dropped; step++) {
    offerAll(m, choices);
    if (choices.count === 0) {
      observe(m);
      break;
    }
    const i = pick(choices.count);
    path.push(i);
    take(m, choices, i);
  }
  return path;
}
