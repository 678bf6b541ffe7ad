/** Scenarios to be explored, and the exploration with its clock. It is the same in this thread and in a worker. */

import { type FileCheck, openFile, type PlannedScenario, sourceOf } from '../server/verdict/fileCheck';
import type { ReportDiagnostic, ScenarioReport } from '../server/verdict/report';
import { type Estimate, Forecast } from '../simulator/explore/estimate';
import type { Task } from './fileQueue';
import { type FileTexts, usedPath } from './files';

export interface ExploreBounds {
  readonly maxStates: number;
  /** Of one scenario. */
  readonly timeoutMilliseconds: number;
  /** Which executions are wanted: all, those of what fails, or only their schedules. */
  readonly draws: boolean | 'failures';
  /** Whether what can happen at each access and barrier is wanted. */
  readonly outcomes: boolean;
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

/** What is told of a task: what the text says when its file is opened, progress, and the report at the end if it has a scenario. */
export type Answer =
  | { readonly kind: 'opened'; readonly diagnostics: readonly ReportDiagnostic[] }
  | { readonly kind: 'progress'; readonly progress: TaskProgress }
  | { readonly kind: 'done'; readonly report?: ScenarioReport };

/** Asked again and again while a scenario is explored, with the milliseconds that it took so far: whether to go on. */
export type GoesOn = (milliseconds: number) => boolean | Promise<boolean>;

/** Does a task; false when it did not go on, and nothing came of it. */
export type ExploreTask = (task: Task, texts: FileTexts, goesOn?: GoesOn) => Promise<boolean>;

/** Does one task after the other. A file stays open until a task of another one comes. */
export function taskExplorer(bounds: ExploreBounds, now: () => number, tell: (answer: Answer) => void): ExploreTask {
  let open: { readonly file: number; readonly check: FileCheck } | undefined;
  return async (task, texts, goesOn = () => true) => {
    if (open?.file !== task.file) {
      open = { file: task.file, check: openTexts(texts) };
      tell({ kind: 'opened', diagnostics: open.check.diagnostics });
    }
    if (task.scenario === undefined) {
      tell({ kind: 'done' });
      return true;
    }
    const planned = open.check.scenarios.find(({ place }) => place === task.scenario) as PlannedScenario;
    const progress = (how: TaskProgress) => tell({ kind: 'progress', progress: how });
    const report = await exploreScenario(planned, bounds, now, progress, goesOn);
    if (report !== undefined) tell({ kind: 'done', report });
    return report !== undefined;
  };
}

/** `only`: the title of those scenarios that are wanted; absent: those of the part that is asked for. */
export function openTexts({ path, text, used, first, part }: FileTexts, only?: string): FileCheck {
  const places = part && new Set(part.scenarios);
  const sources = new Map(used.map((one) => [one.path, sourceOf(one.path, one.text)]));
  const open = (from: string, name: string) => sources.get(usedPath(from, name));
  return openFile(sourceOf(path, text), open, {
    only: only === undefined ? places && ((_, place) => places.has(place)) : (title) => title === only,
    ...(part && { outside: part.outside }),
    with: first.flatMap((one) => sources.get(one) ?? []),
  });
}

/** Explores a scenario to its end or to a bound; without a report when it does not go on. */
async function exploreScenario(
  planned: PlannedScenario,
  bounds: ExploreBounds,
  now: () => number,
  progress: (progress: TaskProgress) => void,
  goesOn: GoesOn,
): Promise<ScenarioReport | undefined> {
  const start = now();
  const check = planned.start({ maxStates: bounds.maxStates, draws: bounds.draws, outcomes: bounds.outcomes });
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
    if (!(await goesOn(milliseconds))) return undefined;
    if (milliseconds > bounds.timeoutMilliseconds) stopped = 'time';
    else if ((check.exploration?.bytes ?? 0) > MAX_BYTES) stopped = 'memory';
    if (stopped !== undefined) break;
    const { states, queued } = check;
    forecast.note(states, queued);
    progress({ states, queued, milliseconds, estimate: forecast.estimate() });
  }
  return check.report(Math.round(now() - start), stopped);
}
