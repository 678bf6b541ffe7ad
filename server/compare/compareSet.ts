/** A comparison from texts to tables, in slices: what an editor asks for. Nothing is read, and no thread is started. */

import type { Source } from '../language/elaborate/source';
import { openFile, sourceOf } from '../verdict/fileCheck';
import type { ScenarioReport } from '../verdict/report';
import {
  type Approach,
  approachSet,
  baseName,
  readersName,
  type ScenarioFile,
  type SetFile,
  sizesName,
} from './approachSet';
import {
  type ApproachReport,
  type Comparison,
  comparisonOf,
  type ReaderReport,
  readerReport,
  type SizeReport,
} from './comparison';
import { startCost } from './cost';

export interface CompareBounds {
  /** Of one reader under one approach. */
  readonly maxStates: number;
  readonly milliseconds: number;
  readonly bytes: number;
  /** Of one size under one approach. */
  readonly maxInstructions: number;
  readonly now: () => number;
  /** What is not done by then is left out, and said to be. */
  readonly isStopped: () => boolean;
}

/** How far it is: a reader under an approach, so many of all before it, and its exploration. */
export interface CompareProgress {
  readonly what: string;
  readonly done: number;
  readonly all: number;
  readonly states: number;
  readonly queued: number;
  readonly milliseconds: number;
}

const SLICE_MILLISECONDS = 3;

/** What there is to compare, or a sentence that says what is missing. */
export function* compareSet(
  files: readonly SetFile[],
  bounds: CompareBounds,
): Generator<CompareProgress, Comparison | string, void> {
  const set = approachSet(files);
  const { readers, sizes, approaches } = set;
  if (readers === undefined && sizes === undefined)
    return `There is neither ${readersName} nor ${sizesName} in the folder.`;
  if (approaches.length === 0) return 'There is no approach in the folder: a .hvo file that no other file uses.';
  const sources = new Map(files.map((file) => [baseName(file.path), sourceOf(file.path, file.text)]));
  const all = approaches.length * (readers?.scenarios.length ?? 0);
  const reports: ApproachReport[] = [];
  for (const approach of approaches) {
    const ofReaders: ReaderReport[] = [];
    for (const reader of readers?.scenarios ?? []) {
      const done = reports.length * (readers?.scenarios.length ?? 0) + ofReaders.length;
      const about = { what: `${approach.name}, ${reader}`, done, all };
      ofReaders.push(yield* exploreReader(sources, readers as ScenarioFile, reader, approach, bounds, about));
    }
    const costs = sizes === undefined ? [] : yield* countSizes(sources, sizes, approach, bounds, { done: 0, all });
    reports.push({ ...approach, readers: ofReaders, costs });
  }
  return comparisonOf(set, reports);
}

type Sources = ReadonlyMap<string, Source>;

const sourceAt = (sources: Sources, path: string): Source => sources.get(baseName(path)) as Source;

function* exploreReader(
  sources: Sources,
  { path }: ScenarioFile,
  reader: string,
  approach: Approach,
  bounds: CompareBounds,
  about: Pick<CompareProgress, 'what' | 'done' | 'all'>,
): Generator<CompareProgress, ReaderReport, void> {
  const leftOut: ReaderReport = { reader, result: 'unknown', states: 0, bound: 'cancelled', hazards: [], problems: [] };
  if (bounds.isStopped()) return leftOut;
  yield { ...about, states: 0, queued: 0, milliseconds: 0 };
  const open = (_: string, name: string) => sources.get(baseName(name));
  const file = openFile(sourceAt(sources, path), open, {
    only: (title) => title === reader,
    with: [sourceAt(sources, approach.path)],
  });
  const planned = file.scenarios.find(({ name }) => name === reader);
  if (planned === undefined) return leftOut;
  yield { ...about, states: 0, queued: 0, milliseconds: 0 };
  const check = planned.start({ maxStates: bounds.maxStates, draws: false, outcomes: true });
  let milliseconds = 0;
  let budget = 64;
  let stopped: string | undefined;
  while (!check.isDone && stopped === undefined) {
    const before = bounds.now();
    check.advance(budget);
    const took = Math.max(bounds.now() - before, 0.05);
    milliseconds += took;
    budget = Math.max(8, Math.min(20_000, Math.round((budget * SLICE_MILLISECONDS) / took)));
    const { states, queued } = check;
    yield { ...about, states, queued, milliseconds };
    if (bounds.isStopped()) stopped = 'cancelled';
    else if (milliseconds > bounds.milliseconds) stopped = 'time';
    else if ((check.exploration?.bytes ?? 0) > bounds.bytes) stopped = 'memory';
  }
  const report: ScenarioReport = check.report(Math.round(milliseconds), stopped);
  return readerReport(report, report.verdict === 'error' ? file.diagnostics : []);
}

function* countSizes(
  sources: Sources,
  { path, scenarios }: ScenarioFile,
  approach: Approach,
  bounds: CompareBounds,
  { done, all }: Pick<CompareProgress, 'done' | 'all'>,
): Generator<CompareProgress, readonly SizeReport[], void> {
  const reports: SizeReport[] = [];
  const open = (_: string, name: string) => sources.get(baseName(name));
  for (const size of scenarios) {
    const progress = { what: `${approach.name}, ${size}`, done, all, states: 0, queued: 0, milliseconds: 0 };
    const run = bounds.isStopped()
      ? undefined
      : startCost(sourceAt(sources, path), sourceAt(sources, approach.path), open, size, bounds);
    yield progress;
    while (run !== undefined && !bounds.isStopped() && !run.advance(2_000)) yield progress;
    reports.push({ size, ...(bounds.isStopped() ? { problem: 'it was stopped' } : run?.result()) });
  }
  return reports;
}
