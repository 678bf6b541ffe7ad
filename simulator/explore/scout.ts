/**
 * Random executions between the passes of an exploration, kept nowhere: what they meet is learned, so that the layout and
 * the footprints seldom have to grow when many states are stored. Whatever they miss is learned by the next pass.
 */

import type { Machine } from '../machine/machine';
import type { Choices } from '../steps/choices';
import { isFinished } from '../steps/fetch';
import { random, randomWalk } from './sample';

/** Steps of all executions together, and of one of them. */
const MAX_STEPS = 3_000;
const MAX_STEPS_OF_ONE = 1_000;
const STEPS_A_STATE = 4;
/** So many executions in a row that teach nothing are enough. */
const ENOUGH = 10;

/**
 * Runs executions, each on a machine with the layout that is known by then; other ones for another `seed`. They take no more
 * than a few steps for each state that the pass had.
 */
export function scout(machine: () => Machine, choices: Choices, seed: number, states: number): void {
  let left = Math.min(MAX_STEPS, STEPS_A_STATE * states);
  let m = machine();
  const { learned } = m;
  for (let n = 0, quiet = 0; quiet < ENOUGH && left > 0 && learned.exceeded === undefined; n++) {
    learned.startPass();
    const pick = oneCpuForLong(random(seed * MAX_STEPS + n), 2 ** (1 + (n % 4)));
    const { tried } = randomWalk(m, choices, pick, Math.min(left, MAX_STEPS_OF_ONE), allButLoopsFinished);
    left -= tried + 1;
    if (learned.grown) {
      quiet = 0;
      m = machine();
    } else quiet++;
  }
}

/** Whether those have finished that ever do: who goes round for ever has met by then what there is to meet. */
function allButLoopsFinished(m: Machine): boolean {
  return m.cpus.every(
    ({ code }, t) => isFinished(m, t) || code.some(({ instruction: i }) => i.kind === 'jump' && i.drains),
  );
}

/**
 * Lets the same CPU go on as long as it can, but for one step in `stays`: what happens only when a CPU is overtaken by
 * another one for many steps is too rare when each step is anybody's.
 */
function oneCpuForLong(below: (most: number) => number, stays: number): (choices: Choices) => number {
  let cpu = -1;
  return ({ count, cpu: cpus }) => {
    const i = below(count);
    if (below(stays) !== 0)
      for (let n = 0; n < count; n++) {
        const at = (i + n) % count;
        if (cpus[at] === cpu) return at;
      }
    cpu = cpus[i] as number;
    return i;
  };
}
