/** The threads of `hvo check --jobs`: each explores one scenario at a time, and keeps its file open meanwhile. */

import { parentPort, Worker, workerData } from 'node:worker_threads';
import { type Answer, type ExploreBounds, taskExplorer } from './checkTask';
import type { FileQueue, Task } from './fileQueue';
import type { FileTexts } from './files';

interface WorkerData {
  readonly bounds: ExploreBounds;
}

interface ToWorker {
  readonly task: Task;
  /** Absent: the file is the one of the task before. */
  readonly texts?: FileTexts;
}

/** Milliseconds between two messages of progress. */
const PROGRESS_MILLISECONDS = 500;

/** What a thread of the program does. */
export function serveCheckWorker(): void {
  const { bounds } = workerData as WorkerData;
  let told = 0;
  const explore = taskExplorer(
    bounds,
    () => performance.now(),
    (answer) => {
      if (answer.kind === 'progress') {
        if (answer.progress.milliseconds - told < PROGRESS_MILLISECONDS) return;
        told = answer.progress.milliseconds;
      }
      parentPort?.postMessage(answer);
    },
  );
  let texts: FileTexts | undefined;
  parentPort?.on('message', (message: ToWorker) => {
    told = 0;
    texts = message.texts ?? texts;
    explore(message.task, texts as FileTexts);
  });
}

/**
 * Explores what is left of the queue in several threads of the program at `script`. `tell` gets each answer. Rejects when
 * a thread dies, with what it died of.
 */
export async function exploreInThreads(
  script: string,
  queue: FileQueue,
  files: readonly FileTexts[],
  bounds: ExploreBounds,
  threads: number,
  tell: (task: Task, answer: Answer) => void,
): Promise<void> {
  const data: WorkerData = { bounds };
  const runOne = (): Promise<void> =>
    new Promise((finished, failed) => {
      const worker = new Worker(script, { workerData: data });
      let task: Task | undefined;
      const next = () => {
        const current = task?.file;
        task = queue.next(current);
        if (task === undefined) void worker.terminate().then(() => finished());
        else worker.postMessage((task.file === current ? { task } : { task, texts: files[task.file] }) as ToWorker);
      };
      worker.on('error', failed);
      worker.on('message', (answer: Answer) => {
        if (task === undefined) return;
        tell(task, answer);
        if (answer.kind === 'done') next();
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(threads, queue.left) }, runOne));
}
