/** What a comparison of approaches says: plain data, the only thing that printers and tests read. */

import { outcomes } from '../language/outcomes';
import type { ReportDiagnostic, ScenarioReport } from '../verdict/report';
import { severityOf } from '../verdict/vocabulary';
import type { ApproachSet } from './approachSet';
import type { Cost } from './cost';

export interface Comparison {
  readonly version: 1;
  /** The file of the readers, as `hvo run` takes it. */
  readonly readersPath: string;
  /** Titles, in the order of the text. */
  readonly readers: readonly string[];
  readonly sizes: readonly string[];
  readonly approaches: readonly ApproachReport[];
}

export interface ApproachReport {
  readonly name: string;
  readonly path: string;
  readonly title: string;
  readonly readers: readonly ReaderReport[];
  readonly costs: readonly SizeReport[];
}

/** One reader under one approach. */
export interface ReaderReport {
  readonly reader: string;
  /** `explored`: every execution was; `unknown`: a bound was hit, and what is missing may be there; `error`: not explored. */
  readonly result: 'explored' | 'unknown' | 'error';
  readonly states: number;
  readonly bound?: string;
  /** What can happen, each with a shortest execution that shows it. */
  readonly hazards: readonly Hazard[];
  /** Mistakes of the texts. */
  readonly problems: readonly string[];
}

export interface Hazard {
  /** A word of the outcome vocabulary. */
  readonly outcome: string;
  /** `bad` ends in a failure, `note` is worth a look. */
  readonly severity: 'bad' | 'note';
  readonly schedule: string;
  /** The rule or the finding, for `hvo explain`; notes have none. */
  readonly code?: string;
}

/** One size under one approach: what an execution cost, or why there is none. */
export interface SizeReport {
  readonly size: string;
  readonly cost?: Cost;
  readonly problem?: string;
}

/** What was asked for, and what was found under each approach. */
export function comparisonOf({ readers, sizes }: ApproachSet, approaches: readonly ApproachReport[]): Comparison {
  return {
    version: 1,
    readersPath: readers?.path ?? '',
    readers: readers?.scenarios ?? [],
    sizes: sizes?.scenarios ?? [],
    approaches,
  };
}

/** Hazards in the order of the vocabulary; the bad ones first. */
export function readerReport(report: ScenarioReport, diagnostics: readonly ReportDiagnostic[]): ReaderReport {
  const { name, states, bound } = report;
  const problems = diagnostics
    .filter((one) => one.of === 'text' && one.severity === 'error')
    .map(({ place, message }) => `${place.path}:${place.line}:${place.column}: ${message}`);
  return {
    reader: name,
    result: report.verdict === 'error' ? 'error' : bound === undefined ? 'explored' : 'unknown',
    states,
    ...(bound === undefined ? {} : { bound }),
    hazards: hazardsOf(report),
    problems: report.verdict === 'error' ? problems : [],
  };
}

function hazardsOf({ findings, outcomes: places }: ScenarioReport): readonly Hazard[] {
  const found = new Map<string, Hazard>();
  const add = (hazard: Hazard) => {
    const known = found.get(hazard.outcome);
    if (known === undefined || lengthOf(hazard.schedule) < lengthOf(known.schedule)) found.set(hazard.outcome, hazard);
  };
  for (const { outcome, code, witness } of findings)
    add({ outcome, severity: 'bad', schedule: witness.schedule, code });
  for (const { outcome, schedule } of places.flatMap((place) => place.items)) {
    const [word = outcome] = outcome.split(' ');
    if (severityOf(word) === 'note') add({ outcome: word, severity: 'note', schedule });
  }
  return inVocabularyOrder([...found.values()]);
}

function lengthOf(schedule: string): number {
  return schedule.length;
}

const order = new Map(outcomes.map(({ word }, i) => [word, i]));

export function inVocabularyOrder<Named extends { readonly outcome: string; readonly severity: Hazard['severity'] }>(
  hazards: readonly Named[],
): readonly Named[] {
  const rank = (one: Named) => (one.severity === 'bad' ? 0 : 1000) + (order.get(one.outcome) ?? 999);
  return [...hazards].sort((a, b) => rank(a) - rank(b));
}
