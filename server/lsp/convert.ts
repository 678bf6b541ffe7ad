/** The language's plain data as the Language Server Protocol's types, and back: offsets are UTF-16 on both sides. */

import {
  type CodeAction,
  CodeActionKind,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type Position,
  type Range,
  type TextEdit,
} from 'vscode-languageserver';
import type { Problem } from '../features/problem';
import type { Span } from '../language/ast';
import type { Edit, Fix, Severity } from '../language/diagnostic';
import { type LineStarts, offsetAt, positionAt } from '../language/lines';

/** A text with its lines: what offsets and positions are converted with. */
export interface Lines {
  readonly text: string;
  readonly lines: LineStarts;
}

export function toPosition({ lines }: Lines, offset: number): Position {
  return positionAt(lines, offset);
}

export function toRange(text: Lines, span: Span): Range {
  return { start: toPosition(text, span.start), end: toPosition(text, span.end) };
}

export function toOffset({ text, lines }: Lines, position: Position): number {
  return offsetAt(lines, position, text.length);
}

export function toSpan(text: Lines, range: Range): Span {
  return { start: toOffset(text, range.start), end: toOffset(text, range.end) };
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
};

/** `uri`: the document of the diagnostic. */
export function toDiagnostic(text: Lines, uri: string, problem: Problem): Diagnostic {
  const here = (problem.related ?? []).map(({ span, message }) => ({
    location: { uri, range: toRange(text, span) },
    message,
  }));
  const elsewhere = (problem.others ?? []).map(({ start, end, message, ...other }) => ({
    location: { uri: other.uri, range: { start, end } },
    message,
  }));
  const related = [...here, ...elsewhere];
  return {
    source: 'hvo',
    code: problem.code,
    severity: severities[problem.severity],
    range: toRange(text, problem.span),
    message: problem.message,
    ...(problem.unnecessary ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

export function toTextEdits(text: Lines, edits: readonly Edit[]): TextEdit[] {
  return edits.map((edit) => ({ range: toRange(text, edit.span), newText: edit.text }));
}

/** A quick fix; `version` makes an editor refuse it when the text has changed since. */
export function toQuickFix(
  text: Lines,
  document: { readonly uri: string; readonly version: number },
  fix: Fix,
  fixed: readonly Diagnostic[],
): CodeAction {
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [...fixed],
    isPreferred: fixed.length > 0,
    edit: { documentChanges: [{ textDocument: document, edits: toTextEdits(text, fix.edits) }] },
  };
}
