/** An editor without a screen: starts the real server as a process, and talks to it over its standard streams. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type {
  Diagnostic,
  InitializeResult,
  Position,
  PublishDiagnosticsParams,
  TextDocumentContentChangeEvent,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import {
  type ClientAbilities,
  Method,
  type Progress,
  type ReadTextAnswer,
  type ReadTextParams,
  type Results,
} from '../../server/lsp/protocol';

const WAIT_MILLISECONDS = 20_000;

let built: Promise<string> | undefined;

/** Bundles the server and its worker as `npm run build` does, once for each test file. */
async function buildServer(): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), 'hvo-lsp-'));
  await build({
    entryPoints: { server: 'server/lsp/main.ts', explorerWorker: 'server/lsp/explorerWorker.ts' },
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    loader: { '.hvo': 'text' },
  });
  return join(outdir, 'server.js');
}

export interface EditorOptions {
  /** The section `hvo` of the user's settings. */
  readonly settings?: object;
  readonly abilities?: ClientAbilities;
  /** Files that are not open, by URI. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the server prints on stderr is read by the test. */
  readonly readsErrors?: boolean;
}

export class Editor {
  /** Everything that was sent about each document, oldest first. */
  readonly diagnostics: PublishDiagnosticsParams[] = [];
  readonly results: Results[] = [];
  readonly progress: Progress[] = [];
  private readonly texts = new Map<string, { version: number; text: string }>();
  private readonly waiting = new Set<() => void>();

  private constructor(
    readonly server: ChildProcess,
    readonly connection: MessageConnection,
    readonly initialized: InitializeResult,
  ) {}

  static async start({
    settings = {},
    abilities = { outcomes: 'notifications' },
    files = {},
    readsErrors,
  }: EditorOptions = {}) {
    built ??= buildServer();
    const server = spawn(process.execPath, [await built, '--stdio'], {
      stdio: ['pipe', 'pipe', readsErrors ? 'pipe' : 'inherit'],
    });
    const connection = createMessageConnection(
      new StreamMessageReader(server.stdout as Readable),
      new StreamMessageWriter(server.stdin as Writable),
    );
    connection.onRequest('workspace/configuration', ({ items }: { items: readonly unknown[] }) =>
      items.map(() => settings),
    );
    connection.onRequest('client/registerCapability', () => null);
    for (const feature of ['codeLens', 'inlayHint', 'semanticTokens'])
      connection.onRequest(`workspace/${feature}/refresh`, () => null);
    connection.onRequest(Method.readText, ({ uri }: ReadTextParams): ReadTextAnswer => {
      const text = files[uri];
      return text === undefined ? {} : { text };
    });
    connection.listen();
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        textDocument: {
          publishDiagnostics: { relatedInformation: true, versionSupport: true },
          codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
        },
      },
      initializationOptions: abilities,
    });
    const editor = new Editor(server, connection, initialized);
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) =>
      editor.note(() => editor.diagnostics.push(params)),
    );
    connection.onNotification(Method.outcomes, (results: Results) => editor.note(() => editor.results.push(results)));
    connection.onNotification(Method.progress, (now: Progress) => editor.note(() => editor.progress.push(now)));
    await connection.sendNotification('initialized', {});
    return editor;
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest('shutdown');
    const exited = new Promise((done) => this.server.once('exit', done));
    await this.connection.sendNotification('exit');
    await exited;
    this.connection.dispose();
  }

  async open(uri: string, text: string): Promise<void> {
    this.texts.set(uri, { version: 1, text });
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'hvo', version: 1, text },
    });
  }

  /** Replaces the first place where `before` stands, as an incremental change. The new version. */
  async edit(uri: string, before: string, after: string): Promise<number> {
    const document = this.document(uri);
    const at = document.text.indexOf(before);
    if (at < 0) throw new Error(`${uri} has no "${before}"`);
    const range = { start: positionOf(document.text, at), end: positionOf(document.text, at + before.length) };
    return this.change(uri, document.text.slice(0, at) + after + document.text.slice(at + before.length), [
      { range, text: after },
    ]);
  }

  /** What a quick fix does. */
  async apply(edit: WorkspaceEdit | undefined): Promise<void> {
    for (const change of edit?.documentChanges ?? []) {
      if (!('textDocument' in change)) throw new Error('only edits of texts are expected');
      const { uri, version } = change.textDocument;
      if (version !== this.version(uri)) throw new Error(`the edit is for version ${version} of ${uri}`);
      const edits = change.edits.filter((one): one is TextEdit => 'newText' in one);
      // Edits of one change all count from the text before it: the last one goes first.
      const sorted = edits
        .map((one) => ({ ...one, from: this.offset(uri, one.range.start), to: this.offset(uri, one.range.end) }))
        .sort((a, b) => b.from - a.from);
      let { text } = this.document(uri);
      for (const { from, to, newText } of sorted) text = text.slice(0, from) + newText + text.slice(to);
      await this.change(
        uri,
        text,
        sorted.map(({ range, newText }) => ({ range, text: newText })),
      );
    }
  }

  private offset(uri: string, { line, character }: Position): number {
    const lines = this.document(uri).text.split('\n');
    return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  }

  private async change(uri: string, text: string, changes: TextDocumentContentChangeEvent[]): Promise<number> {
    const version = this.document(uri).version + 1;
    this.texts.set(uri, { version, text });
    const textDocument = { uri, version };
    await this.connection.sendNotification('textDocument/didChange', { textDocument, contentChanges: changes });
    return version;
  }

  async close(uri: string): Promise<void> {
    this.texts.delete(uri);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** Asks about the middle of the first place where `at` stands. */
  async request<Answer>(method: string, uri: string, at: string, more: object = {}): Promise<Answer> {
    const position = this.place(uri, at);
    return this.connection.sendRequest<Answer>(method, { textDocument: { uri }, position, ...more });
  }

  place(uri: string, text: string): Position {
    const document = this.document(uri);
    const at = document.text.indexOf(text);
    if (at < 0) throw new Error(`${uri} has no "${text}"`);
    return positionOf(document.text, at + Math.floor(text.length / 2));
  }

  text(uri: string): string {
    return this.document(uri).text;
  }

  version(uri: string): number {
    return this.document(uri).version;
  }

  /** The problems of the present version, once `wanted` holds of them. */
  async problems(uri: string, wanted: (problems: readonly Diagnostic[]) => boolean = () => true) {
    const params = await this.until(`problems of ${uri}`, () =>
      this.diagnostics.findLast(
        (each) => each.uri === uri && each.version === this.version(uri) && wanted(each.diagnostics),
      ),
    );
    return params.diagnostics;
  }

  /** The complete results of the present version. */
  async fresh(uri: string): Promise<Results> {
    return this.until(`fresh results of ${uri}`, () =>
      this.results.findLast((each) => each.uri === uri && each.version === this.version(uri) && each.state === 'fresh'),
    );
  }

  /** Waits until there is an answer; looks again whenever the server has told something. */
  async until<Answer>(what: string, ask: () => Answer | undefined): Promise<Answer> {
    const end = Date.now() + WAIT_MILLISECONDS;
    for (;;) {
      const answer = ask();
      if (answer !== undefined) return answer;
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited in vain for ${what}`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, left);
        this.waiting.add(() => {
          clearTimeout(timer);
          done();
        });
      });
    }
  }

  private note(what: () => void): void {
    what();
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  private document(uri: string): { readonly version: number; readonly text: string } {
    const document = this.texts.get(uri);
    if (document === undefined) throw new Error(`${uri} is not open`);
    return document;
  }
}

function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
