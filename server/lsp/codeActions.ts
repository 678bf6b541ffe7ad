/** Quick fixes of problems, from the data that the problems came with; and the outcomes behind `=>` brought up to date. */

import { type CodeAction, CodeActionKind, type CodeActionParams, type Diagnostic } from 'vscode-languageserver';
import { expectationFixes } from '../features/expectationFixes';
import type { Problem } from '../features/problem';
import type { ScenarioReport } from '../verdict/report';
import type { Analysis } from './analysis';
import { toQuickFix, toSpan } from './convert';

export function codeActionsFor(
  { uri, version, source }: Analysis,
  problems: readonly Problem[],
  reports: readonly ScenarioReport[],
  { range, context }: CodeActionParams,
): CodeAction[] {
  const wanted = (kind: string): boolean => context.only?.some((one) => kind.startsWith(one)) ?? true;
  const text = source.parsed;
  const asked = toSpan(text, range);
  const document = { uri, version };
  const isFix = wanted(CodeActionKind.QuickFix);
  const fixes = (isFix ? problems : []).flatMap(({ code, span, fix }) => {
    if (fix === undefined || span.start > asked.end || span.end < asked.start) return [];
    const fixed = context.diagnostics.filter(
      (diagnostic) => isOf(diagnostic, code) && overlaps(toSpan(text, diagnostic.range), span),
    );
    return [toQuickFix(text, document, fix, fixed)];
  });
  const expectations = expectationFixes(text, reports, asked, uri).flatMap((fix) => {
    const kind = fix.kind === 'update' ? CodeActionKind.QuickFix : CodeActionKind.RefactorRewrite;
    return wanted(kind) ? [{ ...toQuickFix(text, document, fix, []), kind }] : [];
  });
  return [...fixes, ...expectations];
}

const isOf = (diagnostic: Diagnostic, code: string): boolean => diagnostic.source === 'hvo' && diagnostic.code === code;

const overlaps = (a: { start: number; end: number }, b: { start: number; end: number }): boolean =>
  a.start <= b.end && b.start <= a.end;
