/** The worker's program: a session on a thread of its own, behind a port. */

import { parentPort } from 'node:worker_threads';
import type { ToWorker } from './explorerMessages';
import { ExplorerSession } from './explorerSession';

export function runExplorer(): void {
  const port = parentPort;
  if (port === null) throw new Error('the explorer runs as a worker of the language server');
  const session = new ExplorerSession({
    post: (message) => port.postMessage(message),
    now: () => performance.now(),
    later: (callback) => void setImmediate(callback),
  });
  port.on('message', (message: ToWorker) => session.handle(message));
}
