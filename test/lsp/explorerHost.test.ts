import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { ExplorerHost, Refused, type StartWorker } from '../../server/lsp/explorerHost';
import type { DocumentText, FromWorker } from '../../server/lsp/explorerMessages';

/** A thread that does what the text of a document says: answers, blocks for ever, or dies. */
const program = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => {
  parentPort.postMessage({ kind: 'alive' });
  const document = message.document;
  if (document === undefined) return;
  if (document.text === 'blocks') for (;;);
  if (document.text === 'dies') process.exit(3);
  if (message.kind === 'ask') parentPort.postMessage({ kind: 'refused', id: message.id, message: 'asked' });
  else parentPort.postMessage({ kind: 'explored', uri: document.uri, revision: document.revision });
});
`;

const limits = { states: 1000, milliseconds: 1000, bytes: 2 ** 20 };

function document(text: string, revision: number): DocumentText {
  return { uri: 'file:///a.hvo', text, revision, used: [], errors: [] };
}

let host: ExplorerHost | undefined;
afterEach(() => host?.dispose());

function start() {
  let workers = 0;
  const told: FromWorker[] = [];
  const gaveUp: string[] = [];
  const startWorker: StartWorker = (events) => {
    workers++;
    const worker = new Worker(program, { eval: true });
    worker.on('message', (message: FromWorker) => events.message(message));
    worker.on('exit', (code) => events.died(`its thread ended with code ${code}`));
    return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
  };
  const made = new ExplorerHost(
    startWorker,
    {
      told: (message) => told.push(message),
      gaveUp: ({ revision }, reason) => gaveUp.push(`${revision}: ${reason}`),
    },
    () => performance.now(),
  );
  host = made;
  return { host: made, told, gaveUp, workers: () => workers };
}

describe('the worker', () => {
  it('that does not listen is replaced when newer work waits, and the newer work is done', async () => {
    const { host: explorer, told, workers } = start();
    explorer.follow(document('blocks', 1), limits, true);
    await expect.poll(() => told.some(({ kind }) => kind === 'alive'), { timeout: 5000 }).toBe(true);
    explorer.follow(document('answers', 2), limits, true);
    await expect.poll(() => told.at(-1), { timeout: 5000 }).toMatchObject({ kind: 'explored', revision: 2 });
    expect(workers()).toBe(2);
  });

  it('that dies gives up what it worked on, says why, and is there again for the next text', async () => {
    const { host: explorer, told, gaveUp } = start();
    explorer.follow(document('dies', 1), limits, true);
    await expect.poll(() => gaveUp, { timeout: 5000 }).toEqual(['1: its thread ended with code 3']);
    const lost = explorer.ask(document('dies', 1), limits, { kind: 'explore' });
    await expect(lost).rejects.toThrow(Refused);
    explorer.follow(document('answers', 2), limits, true);
    await expect.poll(() => told.at(-1), { timeout: 5000 }).toMatchObject({ kind: 'explored', revision: 2 });
  });

  it('is not waited for by a question when the server stops', async () => {
    const { host: explorer } = start();
    const asked = explorer.ask(document('blocks', 1), limits, { kind: 'explore' });
    explorer.dispose();
    await expect(asked).rejects.toThrow('stopped');
  });
});
