/** How many states the litmus tests that grow have: what makes them grow faster is noticed here, and not by a clock. */

import { describe, expect, it } from 'vitest';
import { families } from '../../bench/litmusFamilies';
import { runLitmus } from '../../server/litmus/run';

const rows: readonly (readonly [family: string, n: number, states: number, finalStates: number])[] = [
  ['F', 3, 359, 18],
  ['F', 4, 1034, 27],
  ['G', 3, 155, 5],
  ['G', 4, 523, 6],
  ['Gvmall', 3, 64, 5],
  ['Gvmall', 4, 117, 6],
];

describe('litmus tests that grow', () => {
  for (const [name, n, states, finalStates] of rows)
    it(`${name} with ${n} has ${states} states`, () => {
      const text = families.find((family) => family.name === name)?.text(n) ?? '';
      const run = runLitmus(text, { faults: 'fatal', ets: 0 });
      if (run.kind === 'problem') throw new Error(run.problem.message);
      expect(run.verdict.states).toHaveLength(finalStates);
      expect(run.verdict.observation).toBe('Never');
      expect(run.result.states).toBe(states);
    });
});
