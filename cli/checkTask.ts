/** One scenario to be explored, and the exploration with its clock. It is the same in this thread and in a worker. */

import { type FileCheck, openFile, type PlannedScenario, sourceOf } from '../server/verdict/fileCheck';
import type { ScenarioReport } from '../server/verdict/report';
import { type Estimate, Forecast } from '../simulator/explore/estimate';
import { type FileTexts, usedPath } from './files';

export interface ExploreBounds {
  readonly maxStates: number;
  /** Of one scenario. */
  readonly timeoutMilliseconds: number;
  /** Which executions are wanted: all, those of what fails, or only their schedules. */
  readonly draws: boolean | 'failures';
}

/** How far a scenario is. */
export interface TaskProgress {
  readonly states: number;
  readonly queued: number;
  readonly milliseconds: number;
  readonly estimate: Estimate;
}

/** Memory that the states of one scenario may take. */
const MAX_BYTES = 3 * 2 ** 30;

/** Time between two looks at the clock; states differ much in what they cost. */
const SLICE_MILLISECONDS = 100;
const MAX_SLICE_STATES = 20_000;

/** `only`: the title of the one scenario that is wanted. */
export function openTexts({ path, text, used, first }: FileTexts, only?: string): FileCheck {
  const sources = new Map(used.map((one) => [one.path, sourceOf(one.path, one.text)]));
  const open = (from: string, name: string) => sources.get(usedPath(from, name));
  return openFile(sourceOf(path, text), open, {
    only: only === undefined ? undefined : [only],
    with: first.flatMap((one) => sources.get(one) ?? []),
  });
}

/** Explores a scenario to its end or to a bound. */
export function exploreScenario(
  planned: PlannedScenario,
  bounds: ExploreBounds,
  now: () => number,
  progress: (progress: TaskProgress) => void,
): ScenarioReport;
/** `patience`: milliseconds after which it is given up, without a report. */
export function exploreScenario(
  planned: PlannedScenario,
  bounds: ExploreBounds,
  now: () => number,
  progress: (progress: TaskProgress) => void,
  patience: number,
): ScenarioReport | undefined;
export function exploreScenario(
  planned: PlannedScenario,
  bounds: ExploreBounds,
  now: () => number,
  progress: (progress: TaskProgress) => void,
  patience = Number.POSITIVE_INFINITY,
): ScenarioReport | undefined {
  const start = now();
  const check = planned.start({ maxStates: bounds.maxStates, draws: bounds.draws });
  const forecast = new Forecast();
  let stopped: string | undefined;
  let budget = 16;
  let milliseconds = now() - start;
  while (!check.isDone) {
    check.advance(budget);
    const took = now() - start - milliseconds;
    milliseconds += took;
    // The last slices grow shorter, so that the time is not passed by a whole one.
    const slice = Math.min(SLICE_MILLISECONDS, Math.max(1, (bounds.timeoutMilliseconds - milliseconds) / 2));
    budget = Math.round(Math.min(MAX_SLICE_STATES, budget * Math.max(0.05, Math.min(2, slice / took))));
    budget = Math.max(1, budget);
    if (check.isDone) break;
    if (milliseconds > patience) return undefined;
    if (milliseconds > bounds.timeoutMilliseconds) stopped = 'time';
    else if ((check.exploration?.bytes ?? 0) > MAX_BYTES) stopped = 'memory';
    if (stopped !== undefined) break;
    const { states, queued } = check;
    forecast.note(states, queued);
    progress({ states, queued, milliseconds, estimate: forecast.estimate() });
  }
  return check.report(Math.round(now() - start), stopped);
}
