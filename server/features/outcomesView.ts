/**
 * What can happen at each access and barrier of a file, as an editor draws it: one entry a place, over all executions of
 * all scenarios that reach it.
 */

import type { Span } from '../language/ast';
import { outcomes } from '../language/outcomes';
import { grouped } from '../verdict/counts';
import type { OutcomeCount, PlaceOutcomes, ScenarioReport } from '../verdict/report';

export interface OutcomeView {
  readonly span: Span;
  readonly at: PlaceOutcomes['at'];
  /** `ok ×12 | fixed-up ×3` */
  readonly text: string;
  /** The worst of the outcomes. */
  readonly severity: OutcomeCount['severity'];
  readonly markdown: string;
  readonly witnesses: readonly WitnessView[];
}

/** An execution that ends in one of the outcomes. */
export interface WitnessView {
  readonly scenario: string;
  readonly label: string;
  readonly count: number;
  readonly schedule: string;
}

/** Executions that are offered at one place; a line that many scenarios reach would have a list without end. */
export const MAX_WITNESSES = 12;

const ranks = { good: 0, note: 1, bad: 2 } as const;

interface Item extends OutcomeCount {
  readonly scenario: string;
  readonly cpu: number;
}

/** In the order of the text. `path`: the file whose places are wanted; others (the standard library) are left out. */
export function outcomeViews(scenarios: readonly ScenarioReport[], path: string): readonly OutcomeView[] {
  const byPlace = new Map<string, { readonly span: Span; readonly at: PlaceOutcomes['at']; readonly items: Item[] }>();
  for (const { name, outcomes: places } of scenarios) {
    for (const { place, at, cpu, items } of places) {
      if (place.path !== path) continue;
      const key = `${at} ${place.span.start}-${place.span.end}`;
      const here = byPlace.get(key) ?? { span: place.span, at, items: [] };
      here.items.push(...items.map((item) => ({ ...item, scenario: name, cpu })));
      byPlace.set(key, here);
    }
  }
  return [...byPlace.values()]
    .sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
    .map(({ span, at, items }) => ({ span, at, ...describe(items) }));
}

function describe(items: readonly Item[]): Omit<OutcomeView, 'span' | 'at'> {
  const words = merged(items);
  const severity = words.reduce<OutcomeCount['severity']>(
    (worst, { severity: next }) => (ranks[next] > ranks[worst] ? next : worst),
    'good',
  );
  return {
    text: words.map(({ outcome, count }) => `${outcome} ×${grouped(count)}`).join(' | '),
    severity,
    markdown: markdown(items, words),
    witnesses: [...items]
      .sort((a, b) => ranks[b.severity] - ranks[a.severity])
      .slice(0, MAX_WITNESSES)
      .map(({ scenario, outcome, count, schedule }) => ({ scenario, label: outcome, count, schedule })),
  };
}

/** The outcomes of all scenarios and CPUs with their sums, good ones first. */
function merged(items: readonly Item[]): readonly Pick<Item, 'outcome' | 'severity' | 'count'>[] {
  const sums = new Map<string, Pick<Item, 'outcome' | 'severity' | 'count'>>();
  for (const { outcome, severity, count } of items) {
    const before = sums.get(outcome);
    // An outcome that one scenario expects may be a failure in another: the worse look is shown.
    const worse = before !== undefined && ranks[before.severity] > ranks[severity] ? before.severity : severity;
    sums.set(outcome, { outcome, severity: worse, count: count + (before?.count ?? 0) });
  }
  return [...sums.values()].sort((a, b) => ranks[a.severity] - ranks[b.severity]);
}

function markdown(items: readonly Item[], words: readonly Pick<Item, 'outcome'>[]): string {
  const scenarios = [...new Set(items.map(({ scenario }) => scenario))];
  const cpus = [...new Set(items.map(({ cpu }) => cpu))].sort((a, b) => a - b);
  const where = scenarios.length === 1 ? `“${scenarios[0]}”` : `${scenarios.length} scenarios`;
  const who = cpus.length === 1 ? `cpu ${cpus[0]}` : `cpus ${cpus.join(', ')}`;
  const rows = words.map(({ outcome }) => {
    const sum = items.filter((item) => item.outcome === outcome).reduce((total, { count }) => total + count, 0);
    return `- **${outcome}** ×${grouped(sum)}${meaning(outcome)}`;
  });
  return [`What can happen here on ${who}, over all executions of ${where}:`, '', ...rows].join('\n');
}

/** What the vocabulary says about `oops-paging at L3`. */
function meaning(outcome: string): string {
  const word = outcome.split(' ', 1)[0];
  const row = outcomes.find((one) => one.word === word);
  return row === undefined ? '' : `: ${row.doc}`;
}
