/**
 * The threads of `hvo check --jobs`: each explores one scenario at a time, and keeps its file open meanwhile.
 * What Node has for threads is loaded when there are some.
 */

import { type Answer, type ExploreBounds, taskExplorer } from './checkTask';
import { now } from './clock';
import { exploringThread } from './exploringThread';
import type { FileQueue, Task } from './fileQueue';
import type { FileTexts } from './files';

interface WorkerData {
  readonly bounds: ExploreBounds;
}

interface Job {
  readonly task: Task;
  /** Absent: the file is the one of the task before. */
  readonly texts?: FileTexts;
}

/** Jobs to be done in their order: where there are very many, telling of each would cost as much as doing it. */
type ToWorker = readonly Job[];

interface FromWorker {
  /** With the place of the job that each is about. */
  readonly answers: readonly (readonly [number, Answer])[];
  /** The last job is done. */
  readonly isLast: boolean;
}

/** Jobs that a worker gets at once, and the share of what is left that this may be, by threads. */
const MAX_JOBS = 16;
const SHARES = 16;

/** Milliseconds between two messages of progress. */
const PROGRESS_MILLISECONDS = 500;

/** What a thread of the program does; false where this is no thread. */
export async function serveCheckWorker(): Promise<boolean> {
  const { parentPort, workerData } = await import('node:worker_threads');
  if (parentPort === null) return false;
  const port = parentPort;
  const { bounds } = workerData as WorkerData;
  let told = 0;
  let job = 0;
  let answers: [number, Answer][] = [];
  const post = (isLast: boolean) => {
    port.postMessage({ answers, isLast } satisfies FromWorker);
    answers = [];
  };
  const explore = taskExplorer(bounds, now, (answer) => {
    if (answer.kind === 'progress') {
      if (answer.progress.milliseconds - told < PROGRESS_MILLISECONDS) return;
      told = answer.progress.milliseconds;
    }
    answers.push([job, answer]);
    if (answer.kind === 'progress') post(false);
  });
  let texts: FileTexts | undefined;
  port.on('message', async (jobs: ToWorker) => {
    for (job = 0; job < jobs.length; job++) {
      const one = jobs[job] as Job;
      told = 0;
      texts = one.texts ?? texts;
      await explore(one.task, texts as FileTexts);
    }
    post(true);
  });
  return true;
}

/**
 * Explores what is left of the queue in several threads of the program at `script`, unless `stop` resolves before. `tell` gets
 * each answer. Rejects when a thread dies, with what it died of.
 */
export async function exploreInThreads(
  script: string,
  queue: FileQueue,
  files: readonly FileTexts[],
  bounds: ExploreBounds,
  threads: number,
  tell: (task: Task, answer: Answer) => void,
  stop: Promise<void> = new Promise(() => {}),
): Promise<void> {
  const { Worker } = await import('node:worker_threads');
  const data: WorkerData = { bounds };
  const runOne = (): Promise<void> =>
    new Promise((finished, failed) => {
      const worker = new Worker(script, { argv: [exploringThread], workerData: data });
      let jobs: readonly Job[] = [];
      let isOver = false;
      const end = () => {
        isOver = true;
        void worker.terminate().then(() => finished());
      };
      void stop.then(end);
      const next = () => {
        jobs = nextJobs(queue, files, jobs.at(-1)?.task.file, threads);
        if (jobs.length === 0) end();
        else worker.postMessage(jobs satisfies ToWorker);
      };
      worker.on('error', failed);
      worker.on('message', ({ answers, isLast }: FromWorker) => {
        if (isOver) return;
        for (const [at, answer] of answers) tell((jobs[at] as Job).task, answer);
        if (isLast) next();
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(threads, queue.left) }, runOne));
}

/** What a thread that has the file `current` open does next; nothing when nothing is left. */
function nextJobs(
  queue: FileQueue,
  files: readonly FileTexts[],
  current: number | undefined,
  threads: number,
): readonly Job[] {
  const count = Math.max(1, Math.min(MAX_JOBS, Math.floor(queue.left / (SHARES * threads))));
  const jobs: Job[] = [];
  let file = current;
  while (jobs.length < count) {
    const task = queue.next(file);
    if (task === undefined) break;
    jobs.push(task.file === file ? { task } : { task, texts: files[task.file] as FileTexts });
    file = task.file;
  }
  return jobs;
}
