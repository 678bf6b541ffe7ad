/**
 * The declarations behind the grammar: one row for each statement, scenario member and top-level item. Parser,
 * completion, hover, snippets, formatter, TextMate grammar and reference page read the same rows.
 */

import type { Item, ScenarioMember, Statement } from './ast';
import type { Cursor } from './cursor';
import type { Token } from './tokens';

export interface Row {
  /** The word that it begins with. */
  readonly keyword: string;
  /** How it is written, for a person. */
  readonly form: string;
  /** One to three sentences of Markdown. */
  readonly doc: string;
  /** Text to insert: `‹name›` is a place to fill (equal ones together), `‹a|b›` a choice, `‹›` where the cursor ends. */
  readonly snippet: string;
  /** A complete one, in a scenario with a huge page H, a lock L, a `var` V and a function f of one parameter. */
  readonly example: string;
  /** Further words of the form (`else`, `or`, `at`), for the grammar and completion. */
  readonly words?: readonly string[];
}

export interface StatementRow extends Row {
  readonly kind: Statement['kind'];
  /** It holds a block: its name with a spelling mistake is followed by `{` sooner or later. */
  readonly holdsBlock: boolean;
  readonly parse: (cursor: Cursor, keyword: Token) => Statement;
}

export interface MemberRow extends Row {
  readonly kind: ScenarioMember['kind'];
  readonly parse: (cursor: Cursor, keyword: Token) => ScenarioMember;
}

export interface ItemRow extends Row {
  readonly kind: Item['kind'];
  /** Whether it may stand in a scenario as well. */
  readonly inScenario: boolean;
  readonly parse: (cursor: Cursor, keyword: Token) => Item;
}

/** Rows by keyword. */
export function byKeyword<R extends Row>(rows: readonly R[]): ReadonlyMap<string, R> {
  return new Map(rows.map((row) => [row.keyword, row]));
}
