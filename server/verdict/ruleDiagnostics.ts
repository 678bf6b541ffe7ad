/** Rules that the text breaks, for each scenario by itself, and whether the scenario expects what comes of it. */

import { vocabularyOf } from '../language/elaborate/claims';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { Place, Source } from '../language/elaborate/source';
import { checkRules } from '../rules/check';
import type { RuleDiagnostic } from '../rules/rule';
import { ruleByCode } from '../rules/table';
import { expectsCode, expectsOutcome } from './expected';
import { reportDiagnostic, reportPlace } from './places';
import type { ReportDiagnostic } from './report';

export interface BrokenRules {
  readonly diagnostics: readonly ReportDiagnostic[];
  /** For each scenario the codes of the rules that it breaks. */
  readonly codes: readonly (readonly string[])[];
}

/**
 * `sources`: the user's file and the user's files that it uses. `isTold`: whether what their texts show by themselves, whatever a
 * scenario does, is told at a place.
 */
export function checkRulesOf(
  sources: readonly Source[],
  scenarios: readonly ElaboratedScenario[],
  isTold: (place: Place) => boolean = () => true,
): BrokenRules {
  const perScenario = scenarios.map((scenario) => checkRules([], [scenario]).diagnostics);
  const found = new Map<string, { readonly diagnostic: RuleDiagnostic; expected: boolean }>();
  const keep = (diagnostic: RuleDiagnostic, expected: boolean) => {
    const { code, source, span } = diagnostic;
    const key = `${code} ${source.uri} ${span.start}-${span.end}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { diagnostic, expected });
    else known.expected &&= expected;
  };
  for (const diagnostic of checkRules(sources, []).diagnostics) if (isTold(diagnostic)) keep(diagnostic, false);
  perScenario.forEach((diagnostics, i) => {
    const scenario = scenarios[i] as ElaboratedScenario;
    for (const diagnostic of diagnostics) keep(diagnostic, expects(scenario, diagnostic.code));
  });
  return {
    diagnostics: [...found.values()].map(({ diagnostic, expected }) => ({
      ...reportDiagnostic(diagnostic, 'rule'),
      related: diagnostic.others.map((other) => ({ place: reportPlace(other), message: other.message })),
      ...(expected ? { severity: 'hint', expected } : {}),
    })),
    codes: perScenario.map((diagnostics) => [...new Set(diagnostics.map((one) => one.code))]),
  };
}

/** Whether a scenario says that a rule is broken, or that one of the things happens that come of it. */
function expects(scenario: ElaboratedScenario, code: string): boolean {
  const outcomes = ruleByCode.get(code)?.outcomes ?? [];
  return expectsCode(scenario, code) || outcomes.some((outcome) => expectsOutcome(scenario, vocabularyOf(outcome)));
}
