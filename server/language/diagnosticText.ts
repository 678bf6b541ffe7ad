/** A diagnostic in one line of text, as compilers print it. */

import type { Diagnostic } from './diagnostic';
import { type LineStarts, positionAt } from './lines';

/** `path:3:5: error HVO030: message`; lines and columns from 1. */
export function diagnosticLine(path: string, lines: LineStarts, one: Diagnostic): string {
  const { line, character } = positionAt(lines, one.span.start);
  return `${path}:${line + 1}:${character + 1}: ${one.severity} ${one.code}: ${one.message}`;
}
