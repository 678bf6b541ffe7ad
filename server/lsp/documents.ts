/** The open documents, and the analysis of the present text of each. */

import { type Connection, TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Source } from '../language/elaborate/source';
import { parse } from '../language/parse';
import { type Analysis, analyse, type OpenUsed } from './analysis';
import { type ReadText, UsedFiles } from './usedFiles';
import { noWork } from './work';

export interface DocumentEvents {
  /** A text is new or has changed, or a file that it uses has. Several changes in a row are told once. */
  readonly changed: (analysis: Analysis) => void;
  readonly closed: (uri: string) => void;
}

/** Changes that come within this time are looked at together: an editor may send many in a row. */
const GATHER_MILLISECONDS = 5;

export class Documents {
  private readonly texts = new TextDocuments(TextDocument);
  /** Parsed once for each version, for the document itself and for those that use it. */
  private readonly sources = new Map<string, { readonly version: number; readonly source: Source }>();
  private readonly analyses = new Map<string, Analysis>();
  /** The last one of each document, though it may not be true any more: the next one begins with what it found. */
  private readonly latest = new Map<string, Analysis>();
  /** Documents that use a file which is being read: nothing is said about them before it is there. */
  private readonly incomplete = new Set<string>();
  private readonly used: UsedFiles;
  private readonly waiting = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private revision = 0;
  readonly work = noWork();

  constructor(
    connection: Connection,
    readText: ReadText,
    private readonly events: DocumentEvents,
  ) {
    this.used = new UsedFiles(
      readText,
      (uri) => {
        const document = this.texts.get(uri);
        return document === undefined ? undefined : this.sourceOf(document);
      },
      () => this.usedFilesChanged(),
    );
    this.texts.onDidChangeContent(({ document }) => {
      for (const { uri } of this.usersOf(document.uri)) this.forget(uri);
      this.gather(document.uri);
    });
    this.texts.onDidClose(({ document: { uri } }) => {
      this.sources.delete(uri);
      this.analyses.delete(uri);
      this.latest.delete(uri);
      this.waiting.delete(uri);
      for (const user of this.usersOf(uri)) this.forget(user.uri);
      this.events.closed(uri);
    });
    this.texts.listen(connection);
    connection.onDidChangeWatchedFiles(({ changes }) => {
      for (const { uri } of changes) this.used.changed(uri);
    });
  }

  /** Of the text as it is now; undefined: not open. */
  analysisOf(uri: string): Analysis | undefined {
    const document = this.texts.get(uri);
    if (document === undefined) return undefined;
    const known = this.analyses.get(uri);
    if (known?.version === document.version) return known;
    this.revision++;
    const place = { version: document.version, revision: this.revision };
    this.incomplete.delete(uri);
    const open: OpenUsed = (from, path) => {
      if (this.used.isReading(from, path)) this.incomplete.add(uri);
      return this.used.open(from, path);
    };
    const analysis = analyse(this.sourceOf(document), place, open, { before: this.latest.get(uri) });
    this.latest.set(uri, analysis);
    this.analyses.set(uri, analysis);
    return analysis;
  }

  private sourceOf(document: TextDocument): Source {
    const { uri, version } = document;
    const known = this.sources.get(uri);
    if (known?.version === version) return known.source;
    const parsed = parse(document.getText(), known?.source.parsed);
    this.work.itemsRead += parsed.itemsRead;
    const source: Source = { uri, parsed, origin: 'user' };
    this.sources.set(uri, { version, source });
    return source;
  }

  get open(): readonly Analysis[] {
    return this.texts.keys().flatMap((uri) => this.analysisOf(uri) ?? []);
  }

  private usersOf(uri: string): readonly Analysis[] {
    return [...this.analyses.values()].filter(({ used }) => used.some((source) => source.uri === uri));
  }

  /** What a document means has changed though its text has not. */
  private forget(uri: string): void {
    this.analyses.delete(uri);
    this.gather(uri);
  }

  private usedFilesChanged(): void {
    for (const [uri, { source }] of [...this.analyses])
      if (source.parsed.file.items.some(({ kind }) => kind === 'use')) this.forget(uri);
  }

  private gather(uri: string): void {
    this.waiting.add(uri);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const uris = [...this.waiting];
      this.waiting.clear();
      for (const each of uris) {
        const analysis = this.analysisOf(each);
        if (analysis === undefined || this.incomplete.has(each)) continue;
        this.events.changed(analysis);
        this.work.itemsResolved += analysis.names.itemsResolved;
      }
    }, GATHER_MILLISECONDS);
  }
}
