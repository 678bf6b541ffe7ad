/** Every code that a user can meet, in one list: syntax, names and meaning, rules, findings of the machine. */

import { languageCodes } from '../language/codes';
import { elaborationCodeRows } from '../language/elaborate/codes';
import { rules } from '../rules/table';
import { outcomeRules } from './outcomeRules';

export interface Explanation {
  readonly code: string;
  readonly title: string;
  readonly doc: string;
  /** The rule of the Arm ARM or the kernel. */
  readonly source?: string;
  readonly bad: string;
  readonly good: string;
}

const all: readonly Explanation[] = [...languageCodes, ...elaborationCodeRows, ...rules, ...outcomeRules];

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
