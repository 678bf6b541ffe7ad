/** The scenarios of `hvo check`, explored in this thread and, where it takes long, in several. */

import type { CheckArguments } from './checkArguments';
import { progressPrinter } from './checkProgress';
import { type Answer, type ExploreBounds, taskExplorer } from './checkTask';
import { exploreInThreads } from './checkWorker';
import { now } from './clock';
import { type FileQueue, fileQueue, type Task } from './fileQueue';
import type { FileTexts } from './files';
import { type Interruption, interruption } from './interruption';
import type { Io, StoppedCode } from './io';
import type { ResultsInOrder } from './resultsInOrder';

/** `wanted`: for each file the scenarios that are asked for. Resolves to the exit code if it was stopped before everything was done. */
export async function exploreAll(
  files: readonly FileTexts[],
  wanted: readonly (readonly number[])[],
  values: CheckArguments,
  results: ResultsInOrder,
  io: Io,
): Promise<StoppedCode | undefined> {
  const { maxStates, timeoutMilliseconds, format, verbose } = values;
  const drawsAll = verbose || format === 'json';
  const bounds: ExploreBounds = {
    maxStates,
    timeoutMilliseconds,
    draws: drawsAll ? true : 'failures',
    outcomes: drawsAll,
  };
  const queue = fileQueue(wanted);
  let undone = queue.left;
  let done = 0;
  const all = wanted.reduce((sum, { length }) => sum + length, 0);
  const progress = progressPrinter(files, all, () => done, bounds, io);
  const tell = (task: Task, answer: Answer): void => {
    const { file, scenario } = task;
    if (answer.kind === 'opened') results.opened(file, answer.diagnostics);
    else if (answer.kind === 'progress') progress(task, answer.progress);
    else {
      undone--;
      if (scenario === undefined || answer.report === undefined) return;
      done++;
      results.explored(file, scenario, answer.report);
    }
  };
  const threads = io.script === undefined ? 1 : values.jobs;
  const interrupted = interruption(io);
  const here = threads > 1 ? values.headStart : Number.POSITIVE_INFINITY;
  await exploreHere(queue, files, bounds, here, tell, interrupted);
  if (io.script !== undefined && queue.left > 0 && !interrupted.happened)
    await exploreInThreads(io.script, queue, files, bounds, threads, tell, interrupted.arrival);
  interrupted.end();
  return undone === 0 ? undefined : interrupted.code;
}

/**
 * Does what can be done in so many milliseconds, and what would leave nothing to share, in this thread. Others would have to
 * open the file too: it goes on with an open one for as long again as that took.
 */
async function exploreHere(
  queue: FileQueue,
  files: readonly FileTexts[],
  bounds: ExploreBounds,
  milliseconds: number,
  tell: (task: Task, answer: Answer) => void,
  interrupted: Interruption,
): Promise<void> {
  const end = now() + milliseconds;
  let task: Task | undefined;
  let begun = now();
  let openUntil = 0;
  const explore = taskExplorer(bounds, now, (answer) => {
    if (answer.kind === 'opened') openUntil = now() + (now() - begun);
    tell(task as Task, answer);
  });
  while (queue.left > 0) {
    const isShared = queue.left > 1;
    const isTime = () => !isShared || now() < Math.max(end, openUntil);
    await interrupted.allow();
    if (interrupted.happened || !isTime()) return;
    const next = queue.next(task?.file);
    if (next === undefined) continue;
    if (next.file !== task?.file) openUntil = 0;
    if (!isTime()) {
      queue.putBack(next);
      return;
    }
    task = next;
    begun = now();
    const goesOn = async () => {
      await interrupted.allow();
      return isTime() && !interrupted.happened;
    };
    if (await explore(task, files[task.file] as FileTexts, goesOn)) continue;
    queue.putBack(task);
    return;
  }
}
