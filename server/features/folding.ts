/** What can be folded: blocks, comments over several lines, and runs of line comments. */

import type { Span } from '../language/ast';
import { lineAt } from '../language/lines';
import type { ParsedFile } from '../language/parse';
import { tokenize } from '../language/tokens';

export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'region' | 'comment';
}

export function foldingRanges({ text, lines, file }: ParsedFile): readonly Fold[] {
  const folds: Fold[] = [];
  const fold = (span: Span, kind: Fold['kind'], keepsLast: boolean): void => {
    const startLine = lineAt(lines, span.start);
    const endLine = lineAt(lines, span.end) - (keepsLast ? 1 : 0);
    if (endLine > startLine) folds.push({ startLine, endLine, kind });
  };
  const open: number[] = [];
  for (const token of tokenize(text).tokens) {
    if (token.kind !== 'punctuation') continue;
    if (token.text === '{') open.push(token.start);
    const start = token.text === '}' ? open.pop() : undefined;
    if (start !== undefined) fold({ start, end: token.start }, 'region', true);
  }
  let run: Span | undefined;
  for (const { kind, span } of file.comments) {
    const continues =
      run !== undefined &&
      kind === 'line' &&
      text.slice(run.end, span.start).trim() === '' &&
      lineAt(lines, run.end) + 1 === lineAt(lines, span.start);
    if (run !== undefined && !continues) {
      fold(run, 'comment', false);
      run = undefined;
    }
    if (kind === 'block') fold(span, 'comment', false);
    else run = { start: run?.start ?? span.start, end: span.end };
  }
  if (run !== undefined) fold(run, 'comment', false);
  return folds.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}
