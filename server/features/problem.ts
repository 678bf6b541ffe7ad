/** A problem as an editor shows it: a diagnostic of the file, with places in other files that have to do with it. */

import type { Diagnostic } from '../language/diagnostic';
import type { Place } from '../language/elaborate/source';
import { type Position, positionAt } from '../language/lines';
import type { ReportPlace } from '../verdict/report';

export interface OtherPlace {
  readonly uri: string;
  readonly start: Position;
  readonly end: Position;
  readonly message: string;
}

export interface Problem extends Diagnostic {
  /** Beside `related`, which are places in the same file. */
  readonly others?: readonly OtherPlace[];
}

export function otherPlace({ source, span }: Place, message: string): OtherPlace {
  const { lines } = source.parsed;
  return { uri: source.uri, start: positionAt(lines, span.start), end: positionAt(lines, span.end), message };
}

/** A place of a report is known by its first line only. */
export function otherReportPlace({ path, line, column, text }: ReportPlace, message: string): OtherPlace {
  const start = { line: line - 1, character: column - 1 };
  return { uri: path, start, end: { line: start.line, character: start.character + text.length }, message };
}

/** `others`, where there are any. */
export function withOthers(problem: Diagnostic, others: readonly OtherPlace[]): Problem {
  return others.length === 0 ? problem : { ...problem, others };
}
