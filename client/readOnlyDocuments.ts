/** Documents that nobody edits: what a command reports, the standard library, and the pages of the rules. */
import {
  type Disposable,
  EventEmitter,
  languages,
  type TextDocument,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import {
  type ExplainParams,
  LIBRARY_SCHEME,
  type LibraryTextParams,
  Method,
  type Report,
} from '../server/lsp/protocol';
import type { Server } from './server';

const REPORT_SCHEME = 'hvo-report';
const RULE_SCHEME = 'hvo-rule';
const EXTENSION = { plaintext: 'txt', markdown: 'md', hvo: 'hvo' } as const;

/** Reports in read-only tabs, one tab for each title: the same command again replaces its text. */
export class Reports {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #subscriptions: readonly Disposable[] = [
    this.#changed,
    workspace.registerTextDocumentContentProvider(REPORT_SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()),
    }),
    workspace.onDidCloseTextDocument((document) => this.#texts.delete(document.uri.toString())),
  ];

  /** Shows a report beside the source and leaves the cursor where it is. */
  async show(report: Report): Promise<void> {
    // A slash or a quote in a scenario's name must not make a path of it.
    const name = report.title.replaceAll(/[^\p{L}\p{N} ,.:()+-]/gu, '_');
    const uri = Uri.from({ scheme: REPORT_SCHEME, path: `/${name}.${EXTENSION[report.language]}` });
    this.#texts.set(uri.toString(), report.text);
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    if (document.languageId !== report.language) await languages.setTextDocumentLanguage(document, report.language);
    await showBeside(document);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

/** Where go-to-definition leads when a name belongs to the standard library. */
export function provideLibrary(server: Server): Disposable {
  return provide(server, LIBRARY_SCHEME, Method.libraryText, (uri): LibraryTextParams => ({ uri: uri.toString() }));
}

/** The page of each rule. A diagnostic's code links to it: such a link may open a document, but not run a command. */
export function provideRules(server: Server): Disposable {
  const codeOf = (uri: Uri): string => uri.path.slice(1, -'.md'.length);
  return provide(server, RULE_SCHEME, Method.explain, (uri): ExplainParams => ({ code: codeOf(uri) }));
}

export function ruleUri(code: string): Uri {
  return Uri.from({ scheme: RULE_SCHEME, path: `/${code}.md` });
}

/** Shows a rule's page beside the source and leaves the cursor where it is. */
export async function showRule(code: string): Promise<void> {
  try {
    await showBeside(await workspace.openTextDocument(ruleUri(code)));
  } catch (error) {
    void window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}

/** Documents of a scheme whose texts the server gives. */
function provide(
  server: Server,
  scheme: string,
  method: typeof Method.libraryText | typeof Method.explain,
  paramsOf: (uri: Uri) => LibraryTextParams | ExplainParams,
): Disposable {
  return workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async (uri, token) => {
      const report: Report = await server.request(method, paramsOf(uri), token);
      return report.text;
    },
  });
}

async function showBeside(document: TextDocument): Promise<void> {
  await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
}
