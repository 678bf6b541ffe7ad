/** All words that the grammar knows, from the rows. */

import { memberRows } from './items/members';
import { itemRows } from './items/table';
import { statementRows } from './statements/table';

/** Words that begin a statement or continue one, which no name may be. */
const statementWords: ReadonlySet<string> = new Set([
  ...statementRows.map((row) => row.keyword),
  'else',
  'case',
  'default',
]);

/** Whether a word cannot be the name of anything. */
export const isReservedWord = (word: string): boolean => statementWords.has(word);

export interface Keywords {
  readonly items: readonly string[];
  readonly members: readonly string[];
  readonly statements: readonly string[];
  /** Further words of their forms: `else`, `or`, `at`, `times`. */
  readonly further: readonly string[];
}

export const keywords: Keywords = {
  items: itemRows.map((row) => row.keyword),
  members: memberRows.map((row) => row.keyword),
  statements: statementRows.map((row) => row.keyword),
  further: [...new Set([...itemRows, ...memberRows, ...statementRows].flatMap((row) => row.words ?? []))].sort(),
};
