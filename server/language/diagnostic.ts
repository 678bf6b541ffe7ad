/** What is said about a text: plain data, the same for the parser, the names and the rules. */

import type { Span } from './ast';

/** `hint` is for what does no harm, such as a name that nobody uses. */
export type Severity = 'error' | 'warning' | 'hint';

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** A change that makes the diagnostic go away. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** Another place that has to do with it: "declared here". */
export interface Related {
  readonly span: Span;
  readonly message: string;
}

export interface Diagnostic {
  /** HVO0xx for syntax and names; see `codes.ts`. */
  readonly code: string;
  readonly severity: Severity;
  readonly span: Span;
  readonly message: string;
  /** What could stand here, as the user would write it. */
  readonly expected?: readonly string[];
  readonly fix?: Fix;
  readonly related?: readonly Related[];
  /** The text can be left out without a change of meaning; editors draw it faded. */
  readonly unnecessary?: boolean;
}

/** By place; behind them how many more there were, if any were dropped at a bound. */
export function inOrder(diagnostics: readonly Diagnostic[], dropped: number): readonly Diagnostic[] {
  const sorted = [...diagnostics].sort((a, b) => a.span.start - b.span.start);
  if (dropped === 0) return sorted;
  const span = sorted.at(-1)?.span ?? { start: 0, end: 0 };
  const message = `There are ${dropped} more problems; the first ${sorted.length} are shown.`;
  return [...sorted, { code: 'HVO006', severity: 'error', span, message }];
}
