/**
 * The language server as the views know it. Its client is a large library: it is loaded when activation is over, and who asks
 * before that waits for it.
 */
import type { CancellationToken } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';

export interface Server {
  request<Answer>(method: string, params: unknown, token: CancellationToken): Promise<Answer>;
  notify(method: string, params: unknown): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** `load` gives the client, not started yet. `failed`: it was not loaded, or the server did not start. */
export function startServer(load: () => Promise<BaseLanguageClient>, failed: (error: unknown) => void): Server {
  const client = new Promise<void>((activated) => setImmediate(activated)).then(load);
  client.then((loaded) => loaded.start()).catch(failed);
  const stop = async () => {
    const loaded = await client;
    if (loaded.isRunning()) await loaded.stop();
  };
  return {
    request: async (method, params, token) => (await client).sendRequest(method, params, token),
    notify: async (method, params) => (await client).sendNotification(method, params),
    restart: async () => {
      await stop();
      await (await client).start();
    },
    stop,
  };
}
