import { found } from '../found';
import type { Rule } from '../rule';
import { WALK_LIMITS } from '../walk/walker';

const example = (rounds: number): string => `var x = 0

scenario "a value is put together" {
  cpu 0 {
    let value = 0;
    for (let i = 0; i < ${rounds}; i += 1) {
      value = value * 2 + any(0, 1);
//    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO604
    }
    WRITE_ONCE(x, value);
  }
}
`;

export const seenInPart: Rule = {
  code: 'HVO604',
  severity: 'hint',
  title: 'Code with more ways through it than rules look at',
  doc: `Rules of the text follow every way through the code of a CPU, for ${WALK_LIMITS.steps} instructions and ${WALK_LIMITS.ways} ways that wait at most. What lies beyond they say nothing of; the exploration has bounds of its own and finds it all the same.`,
  source: "the rules' own bounds",
  bad: example(18),
  good: example(3).replace(/\/\/ .*\n/, ''),
  check: (scenario) =>
    scenario.walks.flatMap((walk) => {
      if (!walk.incomplete) return [];
      const message =
        'from here on rules of the text looked at a part of the ways through this code: what the others do wrong is for the exploration to find. Shorter loops, fewer `any(…)` or a smaller huge page have fewer ways';
      return found(scenario, walk, 0, message);
    }),
};
