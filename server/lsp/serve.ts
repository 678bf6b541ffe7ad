/** The language server, whatever runs it: wires the connection, the documents, the worker and what is published. */

import {
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import type { Problem } from '../features/problem';
import type { Analysis } from './analysis';
import { answerCallHierarchy } from './callHierarchy';
import { answerUnusable } from './checkedMessages';
import { codeActionsFor } from './codeActions';
import { toDiagnostic } from './convert';
import { DiagnosticsPush } from './diagnosticsPush';
import { Documents } from './documents';
import { ExplorerHost, type StartWorker } from './explorerHost';
import { inlayHintsOf } from './inlayHints';
import { Inquiries } from './inquiries';
import { answerLanguageQuestions, languageCapabilities } from './languageFeatures';
import { lensesOf } from './lenses';
import {
  type ClientAbilities,
  LIBRARY_SCHEME,
  Method,
  type ReadTextAnswer,
  type ReadTextParams,
  type Results,
} from './protocol';
import { answerRequests } from './requests';
import { defaultSettings, readSettings } from './settings';
import type { ReadText } from './usedFiles';
import { Verdicts } from './verdicts';
import { noWork, sumOf, type Work } from './work';

/** What the server needs of the place that it runs in. */
export interface ServerHost {
  readonly startWorker: StartWorker;
  /** Reads a file for a client that cannot be asked for it. */
  readonly readFile: ReadText;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** A file that the editor has not read by then is taken as one that is not there. */
const READ_MILLISECONDS = 5000;
/** Least time between two refreshes of the lenses of texts that are explored. */
const LENS_MILLISECONDS = 1000;

export function serve(connection: Connection, host: ServerHost): void {
  let settings = defaultSettings;
  let abilities: ClientAbilities | undefined;
  let asksSettings = false;
  let knowsSettings = false;
  /** What the present worker has done. */
  let workerWork = noWork();
  let refreshesHints = false;
  let refreshesLenses = false;
  let lensesRefreshed = Number.NEGATIVE_INFINITY;
  /** The last results of each open document, for editors that ask for hints. */
  const latest = new Map<string, Results>();
  /** The problems that were sent last. */
  const published = new Map<string, { readonly version: number; readonly problems: readonly Problem[] }>();

  const explorer: ExplorerHost = new ExplorerHost(
    host.startWorker,
    {
      told: (message) => {
        if ('error' in message) connection.console.error(message.error);
        if ('work' in message) workerWork = message.work;
        verdicts.heard(message);
      },
      gaveUp: (document, reason) => verdicts.gaveUp(document, reason),
    },
    host.now,
  );
  const readText: ReadText = async (uri) => {
    if (abilities === undefined) return host.readFile(uri);
    const params: ReadTextParams = { uri };
    const answer = connection.sendRequest<ReadTextAnswer>(Method.readText, params).catch(() => undefined);
    const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), READ_MILLISECONDS).unref());
    return (await Promise.race([answer, late]))?.text;
  };
  const documents: Documents = new Documents(connection, readText, {
    changed: (analysis) => {
      // A file of the library has no scenarios, and is as it is.
      if (analysis.uri.startsWith(`${LIBRARY_SCHEME}:`)) return;
      verdicts.changed(analysis);
      push.update(analysis.uri);
    },
    closed: (uri) => {
      latest.delete(uri);
      published.delete(uri);
      verdicts.closed(uri);
      push.closed(uri);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
    },
  });
  const verdicts: Verdicts = new Verdicts(explorer, () => (knowsSettings || !asksSettings ? settings : undefined), {
    publish: (results) => {
      latest.set(results.uri, results);
      if (abilities?.outcomes === 'notifications') void connection.sendNotification(Method.outcomes, results);
      else if (refreshesHints) void connection.languages.inlayHint.refresh();
      if (results.state === 'fresh' || isUnderway(results)) refreshLenses(results.state);
    },
    progress: (progress) => {
      if (abilities !== undefined) void connection.sendNotification(Method.progress, progress);
    },
    diagnosed: (uri) => push.update(uri),
  });

  const push: DiagnosticsPush = new DiagnosticsPush((uri) => {
    const analysis = documents.analysisOf(uri);
    if (analysis === undefined) return undefined;
    return { first: atOnce(analysis), later: verdicts.diagnosticsOf(uri), isComplete: verdicts.isComplete(uri) };
  }, sendDiagnostics);

  function sendDiagnostics(uri: string): void {
    const analysis = documents.analysisOf(uri);
    if (analysis === undefined) return;
    const problems = problemsOf(analysis);
    const before = published.get(uri);
    if (before?.version === analysis.version && isSaid(before.problems, problems)) return;
    published.set(uri, { version: analysis.version, problems });
    const diagnostics = problems.map((problem) => toDiagnostic(analysis.source.parsed, uri, problem));
    void connection.sendDiagnostics({ uri, version: analysis.version, diagnostics });
  }

  function problemsOf(analysis: Analysis): readonly Problem[] {
    return withoutEchoes([...atOnce(analysis), ...verdicts.diagnosticsOf(analysis.uri)]);
  }

  /** Of a text that is explored, once a second is enough. */
  function refreshLenses(state: Results['state']): void {
    if (!refreshesLenses || (state === 'running' && host.now() < lensesRefreshed + LENS_MILLISECONDS)) return;
    lensesRefreshed = host.now();
    void connection.sendRequest(CodeLensRefreshRequest.type);
  }

  async function fetchSettings(): Promise<void> {
    if (!asksSettings) return;
    // An editor that cannot say has the defaults.
    const given: unknown = await connection.workspace.getConfiguration('hvo').then(
      (section: unknown) => section,
      () => undefined,
    );
    settings = readSettings(given);
    knowsSettings = true;
  }

  const inquiries = new Inquiries(
    explorer,
    () => settings,
    (analysis, question) => verdicts.soFar(analysis, question),
    (uri, revision, scenarios) => verdicts.learned(uri, revision, scenarios),
  );
  answerUnusable(connection);
  answerLanguageQuestions(connection, documents, inquiries);
  answerCallHierarchy(connection, documents);
  answerRequests(connection, documents, verdicts, inquiries);
  connection.onCodeAction((params) => {
    const analysis = documents.analysisOf(params.textDocument.uri);
    if (analysis === undefined) return [];
    return codeActionsFor(analysis, problemsOf(analysis), verdicts.reportsOf(analysis.uri), params);
  });
  connection.onCodeLens(({ textDocument }) => {
    const analysis = documents.analysisOf(textDocument.uri);
    return analysis === undefined || !settings.lenses.enabled ? [] : lensesOf(analysis, latest.get(analysis.uri));
  });

  connection.languages.inlayHint.on(({ textDocument, range }) => {
    const analysis = documents.analysisOf(textDocument.uri);
    const results = latest.get(textDocument.uri);
    const isOfThisText = results?.version === analysis?.version;
    return isOfThisText && settings.outcomes.enabled ? inlayHintsOf(results, range) : [];
  });

  connection.onInitialize(({ capabilities, initializationOptions }) => {
    abilities = readAbilities(initializationOptions);
    asksSettings = capabilities.workspace?.configuration === true;
    refreshesHints = capabilities.workspace?.inlayHint?.refreshSupport === true;
    refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
    return {
      serverInfo: { name: 'hvo' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...languageCapabilities,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite] },
        codeLensProvider: { resolveProvider: false },
        callHierarchyProvider: true,
        ...(abilities?.outcomes === 'notifications' ? {} : { inlayHintProvider: true }),
      },
    };
  });
  connection.onInitialized(async () => {
    if (asksSettings) void connection.client.register(DidChangeConfigurationNotification.type, { section: 'hvo' });
    if (!asksSettings) return;
    await fetchSettings();
    verdicts.settingsChanged();
  });
  connection.onRequest(Method.work, (): Work => sumOf(documents.work, workerWork));
  connection.onDidChangeConfiguration(async ({ settings: pushed }) => {
    if (asksSettings) await fetchSettings();
    else settings = readSettings((pushed as { readonly hvo?: unknown } | undefined)?.hvo);
    verdicts.settingsChanged();
    refreshLenses('fresh');
  });
  connection.onShutdown(() => explorer.dispose());
  connection.listen();
}

/** Whether there is a number of states to tell of a scenario that has no verdict yet. */
function isUnderway({ state, scenarios }: Results): boolean {
  return state === 'running' && scenarios.some(({ verdict, states }) => verdict === undefined && states > 0);
}

/** What is known of a text without elaboration. */
function atOnce({ diagnostics, remarks }: Analysis): readonly Problem[] {
  return [...diagnostics, ...remarks];
}

function readAbilities(given: unknown): ClientAbilities | undefined {
  const outcomes =
    typeof given === 'object' && given !== null && 'outcomes' in given ? (given.outcomes as unknown) : undefined;
  return outcomes === 'notifications' || outcomes === 'inlayHints' ? { outcomes } : undefined;
}

/** Whether the same problems were sent before: most of them are the very same objects. */
function isSaid(before: readonly Problem[], now: readonly Problem[]): boolean {
  return before.length === now.length && now.every((one, i) => one === before[i]);
}

/** The rules and the machine may find the same fault: what was said first of a line is said once. */
function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const said = new Set<string>();
  return problems.filter(({ code, span }) => {
    const key = `${code} ${span.start}-${span.end}`;
    if (said.has(key)) return false;
    said.add(key);
    return true;
  });
}
