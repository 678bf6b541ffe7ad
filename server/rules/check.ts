/** All rules over a file: what is wrong in its text, without exploring anything. */

import type { Item, Span } from '../language/ast';
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

interface ItemFindings {
  readonly findings: readonly RuleFinding[];
  /** Where the item stood. */
  readonly start: number;
}

/** What a rule found in an item stays so for as long as the item's text does. */
const foundInItems = new WeakMap<Rule, WeakMap<Piece, ItemFindings>>();

function findingsInItems(rule: Rule, source: Source): readonly RuleFinding[] {
  const { checkItem } = rule;
  if (checkItem === undefined) return [];
  const found = foundInItems.get(rule) ?? new WeakMap<Piece, ItemFindings>();
  foundInItems.set(rule, found);
  const { file, pieces } = source.parsed;
  return pieces.flatMap((piece, i) => {
    const item = file.items[i] as Item;
    const known = found.get(piece);
    if (known !== undefined)
      return known.findings.map((one) => movedFinding(one, source, item.span.start - known.start));
    const findings = checkItem(source, item);
    found.set(piece, { findings, start: item.span.start });
    return findings;
  });
}

/** A finding in an item that stands somewhere else now. */
function movedFinding(finding: RuleFinding, source: Source, by: number): RuleFinding {
  const { place, fix } = finding;
  const move = ({ start, end }: Span): Span => ({ start: start + by, end: end + by });
  return {
    ...finding,
    place: { ...place, source, span: move(place.span) },
    ...(fix === undefined
      ? {}
      : { fix: { ...fix, edits: fix.edits.map((edit) => ({ ...edit, span: move(edit.span) })) } }),
  };
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
