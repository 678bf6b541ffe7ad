/** Wires the parts of the extension together, whatever hosts the server. */
import { EventEmitter, type ExtensionContext, type LogOutputChannel, type Uri, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { Method, type Progress, type Results } from '../server/lsp/protocol';
import { registerCommands } from './commands';
import { type DrawnOutcome, OutcomeDecorations } from './outcomeDecorations';
import { provideLibrary, provideRules, Reports } from './readOnlyDocuments';
import { readText } from './readText';
import { ResultsStore } from './resultsStore';
import { type Server, startServer } from './server';
import { showStatus } from './statusBar';

/** What `activate` gives to another extension, and to the suites: the results, and what is drawn of them. */
export interface Extension {
  readonly results: (uri: Uri) => Results | undefined;
  readonly drawn: (uri: Uri) => readonly DrawnOutcome[];
}

let running: Server | undefined;

/** Starts the server without waiting for it: activation takes no time, and the views fill when results arrive. */
export function start(
  context: ExtensionContext,
  newClient: (log: LogOutputChannel) => Promise<BaseLanguageClient>,
): Extension {
  const log = window.createOutputChannel('HVO', { log: true });
  const store = new ResultsStore();
  const decorations = new OutcomeDecorations(store, context.extensionUri);
  const reports = new Reports();
  const progress = new EventEmitter<Progress>();
  const load = async (): Promise<BaseLanguageClient> => {
    const client = await newClient(log);
    context.subscriptions.push(
      client.onNotification(Method.outcomes, (results: Results) => store.put(results)),
      client.onNotification(Method.progress, (now: Progress) => progress.fire(now)),
      client.onRequest(Method.readText, readText),
    );
    return client;
  };
  const server = startServer(load, (error) => reportFailedStart(error, log));
  running = server;
  context.subscriptions.push(
    log,
    store,
    decorations,
    reports,
    progress,
    provideLibrary(server),
    provideRules(server),
    showStatus(store),
    ...registerCommands({ server, log, progress: progress.event, reports, store, extension: context.extensionUri }),
  );
  return { results: (uri) => store.get(uri.toString()), drawn: (uri) => decorations.drawn(uri.toString()) };
}

export async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

function reportFailedStart(error: unknown, log: LogOutputChannel): void {
  const reason = error instanceof Error ? error.message : String(error);
  log.error(`The language server did not start: ${reason}`);
  const message = `The HVO language server did not start (${reason}). Diagnostics and verdicts are off until it is restarted.`;
  void window.showErrorMessage(message, 'Show log').then((choice) => choice && log.show());
}
