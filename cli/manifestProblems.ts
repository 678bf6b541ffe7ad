/** What is wrong in a table of expected verdicts: words that it cannot mean, and columns whose names are nearly right. */

import { nearest } from '../server/language/suggest';
import { firstFew, type Io } from './io';

export interface ManifestProblems {
  /** Lines from 1; sentences. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
  /** Columns that are not read, as they are called in the table. */
  readonly unread: readonly string[];
  /** Columns that would be read and are not there. */
  readonly absent: readonly string[];
}

/** Tells each on stderr; and says whether it told one. Columns of other names are the table's own affair. */
export function tellManifestProblems(path: string, { problems, unread, absent }: ManifestProblems, io: Io): boolean {
  const lines = [
    ...unread.flatMap((name) => {
      const meant = nearest(name, absent);
      return meant === undefined ? [] : [`${path}:1: there is no column '${name}'; did you mean '${meant}'?`];
    }),
    ...problems.map(({ line, message }) => `${path}:${line}: ${message}`),
  ];
  io.stderr(firstFew(lines, path));
  return lines.length > 0;
}
