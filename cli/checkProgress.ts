/** Long work says how far it is, on stderr. */

import { counted, grouped } from '../server/verdict/counts';
import { forecastText } from '../server/verdict/forecastText';
import type { ExploreBounds, TaskProgress } from './checkTask';
import type { Task } from './fileQueue';
import type { FileTexts } from './files';
import { duration } from './formats/summary';
import type { Io } from './io';

/** Milliseconds: nothing is said before the first, then a line now and then. */
const FIRST_PROGRESS = 2_000;
const NEXT_PROGRESS = 5_000;

export function progressPrinter(
  files: readonly FileTexts[],
  all: number,
  done: () => number,
  bounds: ExploreBounds,
  io: Io,
) {
  let due = FIRST_PROGRESS;
  let total = 0;
  let last: { task: Task; milliseconds: number } | undefined;
  return (task: Task, { states, queued, milliseconds, estimate }: TaskProgress): void => {
    const since = last?.task === task ? milliseconds - last.milliseconds : milliseconds;
    last = { task, milliseconds };
    total += since;
    if (total < due) return;
    due = total + NEXT_PROGRESS;
    const { path, titles } = files[task.file] as FileTexts;
    io.stderr(
      `hvo check: ${done()} of ${counted(all, 'scenario')} done; ${path} "${titles[task.scenario ?? 0]}": ` +
        `${counted(states, 'state')}, ${grouped(queued)} queued, ${duration(Math.round(milliseconds))}, ` +
        `${grouped(Math.round((states * 1000) / Math.max(1, milliseconds)))} states/s; ` +
        `${forecastText(estimate, { states, queued, milliseconds }, { states: bounds.maxStates, milliseconds: bounds.timeoutMilliseconds })}\n`,
    );
  };
}
