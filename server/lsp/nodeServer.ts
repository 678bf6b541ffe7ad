/** The language server as a process of Node. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Connection, createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { checkedMessages } from './checkedMessages';
import type { StartWorker } from './explorerHost';
import type { FromWorker, ToWorker } from './explorerMessages';
import { serve } from './serve';

/** Megabytes of objects that the worker may have; states are kept outside of them, and `hvo.maxStates` bounds those. */
const MAX_WORKER_MEGABYTES = 2048;

/** Serves on standard input and output, or on the channel to the process that started this one, until told to exit. */
export function startServer(transport: 'stdio' | 'ipc'): void {
  const connection =
    transport === 'stdio'
      ? createConnection(ProposedFeatures.all, process.stdin, process.stdout, checkedMessages)
      : createConnection(ProposedFeatures.all, checkedMessages);
  tellEnd(connection, transport);
  serve(connection, { startWorker, readFile: readFileOf, now: () => performance.now() });
}

/** The protocol wants exit code 1 where `exit`, or the end of the input, comes without `shutdown` before it; here it is also said. */
function tellEnd(connection: Connection, transport: 'stdio' | 'ipc'): void {
  let reason: string | undefined;
  connection.onExit(() => {
    reason = '`exit` came';
  });
  process.on('exit', (code) => {
    if (code !== 1) return;
    if (transport === 'stdio' && process.stdin.readableEnded) reason ??= 'standard input ended';
    if (reason !== undefined) process.stderr.write(`hvo lsp: ${reason} without a \`shutdown\` request before it\n`);
  });
}

const startWorker: StartWorker = (events) => {
  // The bundles stand beside each other: this is the language server's, or the command line's.
  const worker = new Worker(join(__dirname, 'explorerWorker.js'), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_WORKER_MEGABYTES },
  });
  worker.on('message', (message: FromWorker) => events.message(message));
  worker.on('error', (error) => events.died(reasonOf(error)));
  worker.on('exit', (code) => events.died(`its thread ended with code ${code}`));
  return {
    post: (message: ToWorker) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
};

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it needs more memory than there is; a smaller hvo.maxStates helps';
  return error instanceof Error ? error.message : String(error);
}

async function readFileOf(uri: string): Promise<string | undefined> {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return await readFile(fileURLToPath(uri), 'utf8');
  } catch {
    return undefined;
  }
}
