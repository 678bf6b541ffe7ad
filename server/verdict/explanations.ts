/** Every code that a user can meet, in one list: syntax, names and meaning, rules, findings of the machine, and the expectation that does not hold. */

import { languageCodes } from '../language/codes';
import { elaborationCodeRows } from '../language/elaborate/codes';
import { rules } from '../rules/table';
import { outcomeRules } from './outcomeRules';
import { unmetExpectation } from './report';

export interface Explanation {
  readonly code: string;
  readonly title: string;
  readonly doc: string;
  /** The rule of the Arm ARM or the kernel. */
  readonly source?: string;
  readonly bad: string;
  readonly good: string;
}

const ofExpectations: Explanation = {
  code: unmetExpectation,
  title: 'Expectation that does not hold',
  doc: `A scenario says what must \`never\`, \`sometimes\` or \`always\` be so, over all executions, or behind \`=>\` which outcomes
the accesses of a statement have. Exploring every execution has found that this is not so; the message says why, and the
execution beside it (*Explore* above the scenario in the editor) is a shortest one that decides it.

- \`never C\` does not hold when C is so in one execution.
- \`sometimes C\` does not hold when C is so in no execution: a scenario that never meets what it is about proves nothing.
- \`always C\` does not hold when an execution ends without C.
- \`=> ok | fixed-up\` does not hold when another outcome can happen there, or one of these cannot.`,
  bad: `var x = 0

scenario "a store" {
  cpu 0 { WRITE_ONCE(x, 1); }
  cpu 1 { r0 = READ_ONCE(x); }
  always r0 == 1
}
`,
  good: `var x = 0

scenario "a store" {
  cpu 0 { WRITE_ONCE(x, 1); }
  cpu 1 { r0 = READ_ONCE(x); }
  sometimes r0 == 1
}
`,
};

const all: readonly Explanation[] = [
  ...languageCodes,
  ...elaborationCodeRows,
  ...rules,
  ...outcomeRules,
  ofExpectations,
];

/** In the order of their codes; plain data, without what a rule does. */
export const explanations: readonly Explanation[] = all
  .map(
    ({ code, title, doc, source, bad, good }): Explanation => ({
      code,
      title,
      doc,
      ...(source === undefined ? {} : { source }),
      bad,
      good,
    }),
  )
  .sort((a, b) => (a.code < b.code ? -1 : 1));

export const explanationByCode: ReadonlyMap<string, Explanation> = new Map(explanations.map((one) => [one.code, one]));
