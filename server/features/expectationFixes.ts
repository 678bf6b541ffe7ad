/** `=> ok | fixed-up` written or brought up to date from what exploration saw. */

import type { ExpectedOutcomes, Span, Statement } from '../language/ast';
import type { Fix } from '../language/diagnostic';
import type { ParsedFile } from '../language/parse';
import { blocksOf, bodiesOf, visitStatements } from '../language/walk';
import type { ScenarioReport } from '../verdict/report';

export interface ExpectationFix extends Fix {
  /** `update`: what stands there is not what happens. `write`: nothing stands there. */
  readonly kind: 'update' | 'write';
}

/** For the statements that touch a span, innermost ones only. `path` is the file's in the reports. */
export function expectationFixes(
  parsed: ParsedFile,
  reports: readonly ScenarioReport[],
  asked: Span,
  path: string,
): readonly ExpectationFix[] {
  const fixes: ExpectationFix[] = [];
  for (const { block } of bodiesOf(parsed.file)) {
    visitStatements(block, (statement) => {
      const { span, expected } = statement;
      if (span.start > asked.end || Math.max(span.end, expected?.span.end ?? 0) < asked.start) return;
      if (blocksOf(statement).length > 0) return;
      const seen = outcomesIn(statement, reports, path);
      if (seen.length === 0) return;
      const text = `=> ${seen.join(' | ')}`;
      if (expected === undefined) fixes.push(written(parsed, statement, text));
      else if (!isSame(expected, seen)) fixes.push(updated(expected, text));
    });
  }
  return fixes;
}

/** The outcomes of a statement's accesses over all scenarios, each once, good ones first. */
function outcomesIn(statement: Statement, reports: readonly ScenarioReport[], path: string): readonly string[] {
  const { start, end } = statement.span;
  const places = reports
    .flatMap(({ outcomes }) => outcomes)
    .filter(({ place, at }) => {
      return at === 'access' && place.path === path && place.span.start >= start && place.span.end <= end;
    });
  return [...new Set(places.flatMap(({ items }) => items.map(({ outcome }) => outcome)))];
}

function isSame({ outcomes }: ExpectedOutcomes, seen: readonly string[]): boolean {
  const said = new Set(outcomes.map(({ outcome, level }) => `${outcome.word}${level ? ` at L${level.level}` : ''}`));
  return said.size === seen.length && seen.every((outcome) => said.has(outcome));
}

function updated({ span }: ExpectedOutcomes, text: string): ExpectationFix {
  return { kind: 'update', title: `Update the expected outcomes: ${text}`, edits: [{ span, text }] };
}

/** Behind the statement and its `;`. */
function written(parsed: ParsedFile, { span }: Statement, text: string): ExpectationFix {
  const end = span.end + (/^[ \t]*;/.exec(parsed.text.slice(span.end))?.[0].length ?? 0);
  const at = { start: end, end };
  return { kind: 'write', title: `Write down what happens here: ${text}`, edits: [{ span: at, text: `  ${text}` }] };
}
