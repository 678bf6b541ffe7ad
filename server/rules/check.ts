/** All rules over a file: what is wrong in its text, without exploring anything. */

import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { Source } from '../language/elaborate/source';
import type { Rule, RuleDiagnostic, RuleFinding } from './rule';
import { ruleScenario } from './scenario';
import { rules } from './table';

export interface RuleReport {
  /** In the order of the text, files of the user only; what several scenarios or CPUs show alike is said once. */
  readonly diagnostics: readonly RuleDiagnostic[];
  /** Scenarios in which a bound was hit: some ways through their codes were not looked at. */
  readonly incomplete: readonly string[];
}

/** Checks the texts and every scenario that means something. `sources`: the user's file and the user's files that it uses. */
export function checkRules(sources: readonly Source[], scenarios: readonly ElaboratedScenario[]): RuleReport {
  const all = new Map<string, RuleDiagnostic>();
  const incomplete: string[] = [];
  const keep = (rule: Rule, findings: readonly RuleFinding[]) => {
    for (const finding of findings) {
      const { source, span } = finding.place;
      const key = `${rule.code} ${source.uri} ${span.start} ${span.end}`;
      const known = all.get(key);
      if (known === undefined) all.set(key, diagnosticOf(rule, finding));
    }
  };
  for (const source of sources) for (const rule of rules) keep(rule, rule.checkText?.(source) ?? []);
  for (const elaborated of scenarios) {
    if (!elaborated.isUsable) continue;
    const scenario = ruleScenario(elaborated);
    if (scenario.walks.some((walk) => walk.incomplete)) incomplete.push(elaborated.name);
    for (const rule of rules) keep(rule, rule.check?.(scenario) ?? []);
  }
  const order = (one: RuleDiagnostic) => sources.indexOf(one.source);
  const diagnostics = [...all.values()].sort(
    (a, b) => order(a) - order(b) || a.span.start - b.span.start || (a.code < b.code ? -1 : 1),
  );
  return { diagnostics, incomplete };
}

function diagnosticOf(rule: Rule, { place, message, others = [], fix }: RuleFinding): RuleDiagnostic {
  const related = others
    .filter(({ source }) => source === place.source)
    .map(({ span, message: text }) => ({ span, message: text }));
  return {
    code: rule.code,
    severity: rule.severity,
    source: place.source,
    span: place.span,
    message,
    others,
    ...(related.length > 0 ? { related } : {}),
    ...(fix ? { fix } : {}),
  };
}
