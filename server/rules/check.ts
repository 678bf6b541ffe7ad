/** All rules over a file: what is wrong in its text, without exploring anything. */

import type { Item } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { Source } from '../language/elaborate/source';
import type { Piece } from '../language/pieces';
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
  const places = new Map<string, Place>();
  const incomplete: string[] = [];
  const keep = (rule: Rule, findings: readonly RuleFinding[]) => {
    for (const finding of findings) {
      const { source, span } = finding.place;
      const key = `${rule.code} ${source.uri} ${span.start} ${span.end}`;
      const place = places.get(key) ?? { rule, finding, messages: new Set() };
      places.set(key, place);
      place.messages.add(finding.message);
    }
  };
  for (const source of sources) {
    for (const rule of rules) {
      keep(rule, rule.checkText?.(source) ?? []);
      keep(rule, findingsInItems(rule, source));
    }
  }
  for (const elaborated of scenarios) {
    if (!elaborated.isUsable) continue;
    const scenario = ruleScenario(elaborated);
    if (scenario.walks.some((walk) => walk.incomplete)) incomplete.push(elaborated.name);
    for (const rule of rules) keep(rule, rule.check?.(scenario) ?? []);
  }
  const order = (one: RuleDiagnostic) => sources.indexOf(one.source);
  const diagnostics = [...places.values()]
    .map(diagnosticOf)
    .sort((a, b) => order(a) - order(b) || a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
  return { diagnostics, incomplete };
}

/** Items that a rule has nothing to say about: so it stays for as long as their text does. */
const silentAbout = new WeakMap<Rule, WeakSet<Piece>>();

function findingsInItems(rule: Rule, source: Source): readonly RuleFinding[] {
  const { checkItem } = rule;
  if (checkItem === undefined) return [];
  const silent = silentAbout.get(rule) ?? new WeakSet();
  silentAbout.set(rule, silent);
  const { file, pieces } = source.parsed;
  return pieces.flatMap((piece, i) => {
    if (silent.has(piece)) return [];
    const findings = checkItem(source, file.items[i] as Item);
    if (findings.length === 0) silent.add(piece);
    return findings;
  });
}

/** Everything that one rule says of one place: the first finding stands for all. */
interface Place {
  readonly rule: Rule;
  readonly finding: RuleFinding;
  readonly messages: Set<string>;
}

function diagnosticOf({ rule, finding, messages }: Place): RuleDiagnostic {
  const { place, message, others = [], fix } = finding;
  const more = messages.size - 1;
  const related = others
    .filter(({ source }) => source === place.source)
    .map(({ span, message: text }) => ({ span, message: text }));
  return {
    code: rule.code,
    severity: finding.severity ?? rule.severity,
    source: place.source,
    span: place.span,
    message: more === 0 ? message : `${message} (and ${more} more of the kind here)`,
    others,
    ...(related.length > 0 ? { related } : {}),
    ...(fix ? { fix } : {}),
  };
}
