/** The one object that an editor gets about a version of a document, from what the worker has told so far. */

import { outcomeViews } from '../features/outcomesView';
import { failingWitness, scenarioLine } from '../features/scenarioView';
import type { ScenarioItem } from '../language/ast';
import type { ScenarioReport } from '../verdict/report';
import { type Analysis, scenariosOf } from './analysis';
import { type Lines, toRange } from './convert';
import type { OutcomeResult, Results, ScenarioResult } from './protocol';

/** How far the exploration of a scenario is that has no report yet. */
export interface Underway {
  readonly states: number;
  readonly milliseconds: number;
  /** In words, with what is to be expected. */
  readonly text: string;
}

export interface Known {
  readonly analysis: Analysis;
  /** By scenario name. */
  readonly reports: ReadonlyMap<string, ScenarioReport>;
  readonly underway: ReadonlyMap<string, Underway>;
  /** Why scenarios without a report will get none, when they will not. */
  readonly givenUp?: string;
}

export function resultsOf(known: Known, state: 'running' | 'fresh'): Results {
  const { analysis, reports } = known;
  const { uri, version } = analysis;
  return {
    uri,
    version,
    resultsVersion: version,
    state,
    scenarios: scenariosOf(analysis).map((item) => scenarioResult(known, item)),
    outcomes: outcomesOf([...reports.values()], analysis.source.parsed, uri),
  };
}

function scenarioResult({ analysis, reports, underway, givenUp }: Known, item: ScenarioItem): ScenarioResult {
  const name = item.title.value;
  const span = toRange(analysis.source.parsed, { start: item.keyword.start, end: item.title.span.end });
  const report = reports.get(name);
  if (report !== undefined) {
    const schedule = failingWitness(report)?.schedule;
    const { verdict, states, milliseconds } = report;
    const text = scenarioLine(report);
    return { name, span, verdict, states, milliseconds, text, ...(schedule === undefined ? {} : { schedule }) };
  }
  const { states, milliseconds, text } = underway.get(name) ?? { states: 0, milliseconds: 0, text: '' };
  if (givenUp === undefined)
    return { name, span, states, milliseconds, text: text === '' ? 'exploring' : `exploring: ${text}` };
  return { name, span, verdict: 'unknown', states, milliseconds, text: `unknown: ${givenUp}` };
}

function outcomesOf(reports: readonly ScenarioReport[], text: Lines, uri: string): readonly OutcomeResult[] {
  return outcomeViews(reports, uri).map(({ span, at, text: words, severity, markdown, witnesses }) => ({
    span: toRange(text, span),
    at,
    text: words,
    severity,
    markdown,
    witnesses: witnesses.map((witness) => ({ uri, ...witness })),
  }));
}
