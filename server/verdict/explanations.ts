/** Every code that a user can meet, in one list: syntax and names, rules, findings of the machine. */

import { languageCodes } from '../language/codes';

export interface Explanation {
  readonly code: string;
  readonly title: string;
  readonly doc: string;
  /** The rule of the Arm ARM or the kernel. */
  readonly source?: string;
  readonly bad?: string;
  readonly good?: string;
}

export const explanations: readonly Explanation[] = [...languageCodes].sort((a, b) => (a.code < b.code ? -1 : 1));
