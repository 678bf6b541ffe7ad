/** Documents that nobody edits: what a command reports, and the standard library. */
import { type Disposable, EventEmitter, languages, Uri, ViewColumn, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { LIBRARY_SCHEME, type LibraryTextParams, Method, type Report } from '../server/lsp/protocol';

const REPORT_SCHEME = 'hvo-report';
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
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

/** Where go-to-definition leads when a name belongs to the standard library. */
export function provideLibrary(client: BaseLanguageClient): Disposable {
  return workspace.registerTextDocumentContentProvider(LIBRARY_SCHEME, {
    provideTextDocumentContent: async (uri, token) => {
      const params: LibraryTextParams = { uri: uri.toString() };
      const report: Report = await client.sendRequest(Method.libraryText, params, token);
      return report.text;
    },
  });
}
