/** What a rule is, and what it finds. */

import type { Item } from '../language/ast';
import type { Fix, Severity } from '../language/diagnostic';
import type { LocatedDiagnostic, Place, Source } from '../language/elaborate/source';
import type { RuleScenario } from './scenario';

/** Another place that has to do with a finding, in whichever text it is. */
export interface RelatedPlace extends Place {
  readonly message: string;
}

export interface RuleFinding {
  readonly place: Place;
  /** What is wrong, why it matters, what is missing and where it belongs. */
  readonly message: string;
  readonly others?: readonly RelatedPlace[];
  readonly fix?: Fix;
  /** Where this one is worse than the rule's usual finding. */
  readonly severity?: Severity;
}

/** A finding as it is shown. */
export interface RuleDiagnostic extends LocatedDiagnostic {
  readonly others: readonly RelatedPlace[];
}

export interface Rule {
  /** HVO1xx break-before-make and TLB, 2xx locks, 3xx interrupts and the fault path, 4xx data and life cycle, 6xx remarks of reviewers. */
  readonly code: string;
  /** Of its usual finding. */
  readonly severity: Severity;
  readonly title: string;
  /** Why it is a rule, and what happens when it is broken. */
  readonly doc: string;
  /** The rule of the Arm ARM (DDI 0487), or the kernel's function or document. */
  readonly source: string;
  /** A file that breaks this rule and no other; `// ^^^ HVO101` below a line marks the finding in it. */
  readonly bad: string;
  /** The same without the fault. */
  readonly good: string;
  /** What the machine finds where this rule is broken. */
  readonly outcomes?: readonly string[];
  /** Findings in the codes of one scenario. */
  readonly check?: (scenario: RuleScenario) => readonly RuleFinding[];
  /** Findings in one item as it stands, whatever is around it; no place is outside, and no message names a line. */
  readonly checkItem?: (source: Source, item: Item) => readonly RuleFinding[];
  /** Findings in a text as it stands. */
  readonly checkText?: (source: Source) => readonly RuleFinding[];
}
