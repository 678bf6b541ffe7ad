import { elaborate } from '../../server/language/elaborate/elaborate';
import type { Source } from '../../server/language/elaborate/source';
import { resolveNames } from '../../server/language/names';
import { parse } from '../../server/language/parse';
import { standardLibrary } from '../../server/language/stdlib/library';
import { checkRules, type RuleReport } from '../../server/rules/check';

export interface CheckedText extends RuleReport {
  readonly text: string;
  /** What parser, names and elaboration say: a text for rules has nothing of that. */
  readonly problems: readonly string[];
}

/** Parses a text, elaborates its scenarios, and runs all rules over it. */
export function checkRuleText(text: string): CheckedText {
  const source: Source = { uri: 'file:///example.hvo', parsed: parse(text), origin: 'user' };
  const library = standardLibrary('v6.7');
  const names = resolveNames(source, { used: [], library });
  const elaboration = elaborate(source);
  const problems = [...source.parsed.diagnostics, ...names.diagnostics, ...elaboration.diagnostics]
    .filter(({ severity }) => severity !== 'hint')
    .map(({ code, message }) => `${code} ${message}`);
  return { text, problems, ...checkRules([source], elaboration.scenarios) };
}

/** The text once the fix of one of its diagnostics is applied. */
export function applyFix(text: string, diagnostic: RuleReport['diagnostics'][number]): string {
  const edits = [...(diagnostic.fix?.edits ?? [])].sort((a, b) => b.span.start - a.span.start);
  return edits.reduce(
    (before, { span, text: inserted }) => before.slice(0, span.start) + inserted + before.slice(span.end),
    text,
  );
}
