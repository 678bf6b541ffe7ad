/** The language server, whatever runs it: wires the connection, the documents, the worker and what is published. */

import {
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import type { Diagnostic } from '../language/diagnostic';
import type { Analysis } from './analysis';
import { codeActionsFor } from './codeActions';
import { toDiagnostic } from './convert';
import { DiagnosticsPush } from './diagnosticsPush';
import { Documents } from './documents';
import { ExplorerHost, type StartWorker } from './explorerHost';
import { Inquiries } from './inquiries';
import { answerLanguageQuestions, languageCapabilities } from './languageFeatures';
import { lensesOf } from './lenses';
import { type ClientAbilities, Method, type ReadTextAnswer, type ReadTextParams } from './protocol';
import { answerRequests } from './requests';
import { defaultSettings, readSettings } from './settings';
import type { ReadText } from './usedFiles';
import { Verdicts } from './verdicts';

/** What the server needs of the place that it runs in. */
export interface ServerHost {
  readonly startWorker: StartWorker;
  /** Reads a file for a client that cannot be asked for it. */
  readonly readFile: ReadText;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export function serve(connection: Connection, host: ServerHost): void {
  let settings = defaultSettings;
  let abilities: ClientAbilities | undefined;
  let asksSettings = false;

  const explorer: ExplorerHost = new ExplorerHost(
    host.startWorker,
    { told: (message) => verdicts.heard(message), gaveUp: (document, reason) => verdicts.gaveUp(document, reason) },
    host.now,
  );
  const readText: ReadText = async (uri) => {
    if (abilities === undefined) return host.readFile(uri);
    const params: ReadTextParams = { uri };
    const answer = await connection.sendRequest<ReadTextAnswer>(Method.readText, params).catch(() => undefined);
    return answer?.text;
  };
  const documents: Documents = new Documents(connection, readText, {
    changed: (analysis) => {
      verdicts.changed(analysis);
      push.update(analysis.uri);
    },
    closed: (uri) => {
      verdicts.closed(uri);
      push.closed(uri);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
    },
  });
  const verdicts: Verdicts = new Verdicts(explorer, () => settings, {
    publish: (results) => void connection.sendNotification(Method.outcomes, results),
    progress: (progress) => void connection.sendNotification(Method.progress, progress),
    diagnosed: (uri) => push.update(uri),
  });

  const push: DiagnosticsPush = new DiagnosticsPush((uri) => {
    const analysis = documents.analysisOf(uri);
    if (analysis === undefined) return undefined;
    return { first: analysis.diagnostics, later: verdicts.diagnosticsOf(uri), isComplete: verdicts.isComplete(uri) };
  }, sendDiagnostics);

  function sendDiagnostics(uri: string): void {
    const analysis = documents.analysisOf(uri);
    if (analysis === undefined) return;
    const diagnostics = problemsOf(analysis).map((problem) => toDiagnostic(analysis.source.parsed, uri, problem));
    void connection.sendDiagnostics({ uri, version: analysis.version, diagnostics });
  }

  function problemsOf({ uri, diagnostics }: Analysis): readonly Diagnostic[] {
    return withoutEchoes([...diagnostics, ...verdicts.diagnosticsOf(uri)]);
  }

  async function fetchSettings(): Promise<void> {
    if (!asksSettings) return;
    settings = readSettings(await connection.workspace.getConfiguration('hvo'));
  }

  const inquiries = new Inquiries(
    explorer,
    () => settings,
    (uri, revision, scenarios) => verdicts.learned(uri, revision, scenarios),
  );
  answerLanguageQuestions(connection, documents, inquiries);
  answerRequests(connection, documents, verdicts, inquiries);
  connection.onCodeAction((params) => {
    const analysis = documents.analysisOf(params.textDocument.uri);
    if (analysis === undefined) return [];
    return codeActionsFor(analysis, problemsOf(analysis), verdicts.reportsOf(analysis.uri), params);
  });
  connection.onCodeLens(({ textDocument }) => {
    const analysis = documents.analysisOf(textDocument.uri);
    return analysis === undefined || !settings.lenses.enabled ? [] : lensesOf(analysis);
  });

  connection.onInitialize(({ capabilities, initializationOptions }) => {
    abilities = readAbilities(initializationOptions);
    asksSettings = capabilities.workspace?.configuration === true;
    return {
      serverInfo: { name: 'hvo' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...languageCapabilities,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite] },
        codeLensProvider: { resolveProvider: false },
        inlayHintProvider: true,
      },
    };
  });
  connection.onInitialized(async () => {
    if (asksSettings) void connection.client.register(DidChangeConfigurationNotification.type, { section: 'hvo' });
    await fetchSettings();
  });
  connection.onDidChangeConfiguration(async ({ settings: pushed }) => {
    if (asksSettings) await fetchSettings();
    else settings = readSettings((pushed as { readonly hvo?: unknown } | undefined)?.hvo);
    verdicts.settingsChanged();
  });
  connection.onShutdown(() => explorer.dispose());
  connection.listen();
}

function readAbilities(given: unknown): ClientAbilities | undefined {
  const outcomes =
    typeof given === 'object' && given !== null && 'outcomes' in given ? (given.outcomes as unknown) : undefined;
  return outcomes === 'notifications' || outcomes === 'inlayHints' ? { outcomes } : undefined;
}

/** The rules and the machine may find the same fault: what was said first of a line is said once. */
function withoutEchoes(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const said = new Set<string>();
  return problems.filter(({ code, span }) => {
    const key = `${code} ${span.start}-${span.end}`;
    if (said.has(key)) return false;
    said.add(key);
    return true;
  });
}
