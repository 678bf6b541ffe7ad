/** The threads of `hvo check --jobs`: each explores one scenario at a time. */

import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { PlannedScenario } from '../server/verdict/fileCheck';
import type { ScenarioReport } from '../server/verdict/report';
import { type ExploreBounds, exploreScenario, openTexts, type TaskProgress } from './checkTask';
import type { FileTexts } from './files';

/** A scenario by the index of its file among those that all workers have, and its title. */
export interface Task {
  readonly file: number;
  readonly scenario: string;
}

interface WorkerData {
  readonly files: readonly FileTexts[];
  readonly bounds: ExploreBounds;
}

type FromWorker =
  | { readonly kind: 'progress'; readonly progress: TaskProgress }
  | { readonly kind: 'report'; readonly report: ScenarioReport };

/** Milliseconds between two messages of progress. */
const PROGRESS_MILLISECONDS = 500;

/** What a thread of the program does. */
export function serveCheckWorker(): void {
  const { files, bounds } = workerData as WorkerData;
  const post = (message: FromWorker) => parentPort?.postMessage(message);
  parentPort?.on('message', ({ file, scenario }: Task) => {
    const [planned] = openTexts(files[file] as FileTexts, scenario).scenarios;
    let told = 0;
    const progress = (done: TaskProgress) => {
      if (done.milliseconds - told < PROGRESS_MILLISECONDS) return;
      told = done.milliseconds;
      post({ kind: 'progress', progress: done });
    };
    const now = () => performance.now();
    post({ kind: 'report', report: exploreScenario(planned as PlannedScenario, bounds, now, progress) });
  });
}

/**
 * Explores tasks in several threads of the program at `script`. `done` is told each report. Rejects when a thread dies,
 * with what it died of.
 */
export async function exploreInThreads(
  script: string,
  tasks: readonly Task[],
  files: readonly FileTexts[],
  bounds: ExploreBounds,
  threads: number,
  progress: (task: Task, progress: TaskProgress) => void,
  done: (task: Task, report: ScenarioReport) => void,
): Promise<void> {
  const waiting = [...tasks];
  const data: WorkerData = { files, bounds };
  const runOne = (): Promise<void> =>
    new Promise((finished, failed) => {
      const worker = new Worker(script, { workerData: data });
      let task: Task | undefined;
      const next = () => {
        task = waiting.shift();
        if (task === undefined) void worker.terminate().then(() => finished());
        else worker.postMessage(task);
      };
      worker.on('error', failed);
      worker.on('message', (message: FromWorker) => {
        if (task === undefined) return;
        if (message.kind === 'progress') progress(task, message.progress);
        else {
          done(task, message.report);
          next();
        }
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, runOne));
}
