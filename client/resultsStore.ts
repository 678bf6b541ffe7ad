import { EventEmitter, type TextDocumentContentChangeEvent, workspace } from 'vscode';
import type { Results } from '../server/lsp/protocol';
import type { Edit } from './followEdits';

/** Someone who typed this much since the last results sees none of them rather than a list of edits without end. */
const MAX_EDITS_KEPT = 2000;

interface Entry {
  readonly results?: Results;
  /** Edits that are newer than the results, oldest first. */
  readonly edits: readonly Edit[];
  /** The version of the newest edit that was dropped: results from before it cannot be followed. */
  readonly lostVersion: number;
}

const NOTHING: Entry = { edits: [], lostVersion: 0 };

/** The latest results of each open document, and what was typed since. */
export class ResultsStore {
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new EventEmitter<string>();
  readonly #subscriptions = [
    this.#changed,
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.languageId !== 'hvo') return;
      this.#note(document.uri.toString(), document.version, contentChanges);
    }),
    workspace.onDidCloseTextDocument((document) => {
      const uri = document.uri.toString();
      if (this.#entries.delete(uri)) this.#changed.fire(uri);
    }),
  ];

  /** Fires with the document's URI when its results or its text changed. */
  readonly onDidChange = this.#changed.event;

  get(uri: string): Results | undefined {
    return this.#entries.get(uri)?.results;
  }

  /** The edits since the version that the results come from; `undefined`: too many to follow. */
  editsSince(uri: string): readonly Edit[] | undefined {
    const { results, edits, lostVersion } = this.#entries.get(uri) ?? NOTHING;
    return results !== undefined && results.resultsVersion < lostVersion ? undefined : edits;
  }

  /** Takes what the server sent, unless something about a newer version is here already. */
  put(results: Results): void {
    const before = this.#entries.get(results.uri) ?? NOTHING;
    if (before.results !== undefined && before.results.version > results.version) return;
    const edits = before.edits.filter((edit) => edit.version > results.resultsVersion);
    this.#entries.set(results.uri, { ...before, results, edits });
    this.#changed.fire(results.uri);
  }

  /** After a restart of the server nothing that the old one said may be drawn. */
  clear(): void {
    const uris = [...this.#entries.keys()];
    this.#entries.clear();
    for (const uri of uris) this.#changed.fire(uri);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #note(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): void {
    const before = this.#entries.get(uri) ?? NOTHING;
    const all = [...before.edits, ...changes.map((change) => toEdit(version, change))];
    const lost = all.slice(0, -MAX_EDITS_KEPT).at(-1);
    this.#entries.set(uri, {
      ...before,
      edits: all.slice(-MAX_EDITS_KEPT),
      lostVersion: lost?.version ?? before.lostVersion,
    });
    this.#changed.fire(uri);
  }
}

function toEdit(version: number, change: TextDocumentContentChangeEvent): Edit {
  return { version, start: change.range.start, end: change.range.end, text: change.text };
}
