/** Random executions: one to its end for `hvo run --seed`, and as far as they go for `scout.ts`. */

import type { Machine } from '../machine/machine';
import type { Choices } from '../steps/choices';
import { settle } from '../steps/closure';
import { isBetweenRounds } from '../steps/fetch';
import { allFinished, offerAll, take } from '../steps/next';

/** Steps of an execution: one that never ends is cut here. */
export const MAX_SAMPLE_STEPS = 20_000;
/** Times that a walk may find that it has guessed wrongly and go back; steps that it can take back without a new beginning. */
const MAX_BACKS = 256;
const KEPT_STEPS = 128;

/** The choices of a random execution; the same seed gives the same one. Empty when none comes to an end. */
export function sampleExecution(m: Machine, choices: Choices, seed: number): readonly number[] {
  const below = random(seed);
  const walk = randomWalk(m, choices, ({ count }) => below(count), MAX_SAMPLE_STEPS, onlyGoesRound);
  return walk.goesOn ? walk.path : [];
}

/** Whether nothing is left but endless loops, each at the end of a round: more of them would show the same again. */
function onlyGoesRound(m: Machine): boolean {
  return allFinished(m) && m.cpus.some((_, t) => isBetweenRounds(m, t));
}

/**
 * A random execution of at most so many steps, those that were tried in vain included. Where no choice has an execution, for
 * it has guessed wrongly, the walk goes back: one step the first time, then two, four, … `goesOn` is false when that did not
 * help, or when the layout has no room for it.
 */
export function randomWalk(
  m: Machine,
  choices: Choices,
  pick: (choices: Choices) => number,
  maxSteps: number,
  isEnough: (m: Machine) => boolean = () => false,
): { readonly path: readonly number[]; readonly goesOn: boolean; readonly tried: number } {
  begin(m);
  const path: number[] = [];
  /** The records before the last steps, in turn. */
  const records: { record: Int32Array; before: number }[] = [];
  let back = 1;
  let backs = 0;
  let tried = 0;
  while (tried < maxSteps && !isEnough(m)) {
    offerAll(m, choices);
    const count = choices.count;
    if (count === 0) break;
    const turn = path.length % KEPT_STEPS;
    records[turn] ??= { record: m.w.slice(), before: 0 };
    const { record } = records[turn];
    record.set(m.w);
    records[turn].before = path.length;
    const first = pick(choices);
    let taken = -1;
    for (let n = 0; n < count && taken < 0; n++) {
      const i = (first + n) % count;
      if (n > 0) {
        m.w.set(record);
        offerAll(m, choices);
      }
      take(m, choices, i);
      tried++;
      if (!m.dropped) taken = i;
      else if (m.learned.isTooSmall) return { path, goesOn: false, tried };
    }
    if (taken >= 0) {
      path.push(taken);
      continue;
    }
    if (path.length === 0 || ++backs > MAX_BACKS) return { path, goesOn: false, tried };
    path.length = Math.max(0, path.length - back);
    back *= 2;
    const kept = records[path.length % KEPT_STEPS];
    if (kept?.before === path.length) m.w.set(kept.record);
    else {
      path.length = 0;
      begin(m);
    }
  }
  return { path, goesOn: true, tried };
}

function begin(m: Machine): void {
  m.reset();
  m.dropped = false;
  m.events.clear();
  settle(m);
}

/** A linear congruential generator: the same seed, the same execution on every machine. */
export function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
