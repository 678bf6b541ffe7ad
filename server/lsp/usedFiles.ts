/**
 * The texts of files that open documents use and that are not open themselves. Reading takes its time: a file that has
 * not been read yet is like one that is not there, and whoever used it is told when it comes.
 */

import type { Source } from '../language/elaborate/source';
import { limits } from '../language/limits';
import { parse } from '../language/parse';

/** The text of a file, or undefined when there is none. Never rejects. */
export type ReadText = (uri: string) => Promise<string | undefined>;

/** Files that are kept; the one that was read first goes first. */
const MAX_FILES = 4 * limits.usedFiles;

type Entry = { readonly state: 'reading' } | { readonly state: 'read'; readonly source: Source | undefined };

export class UsedFiles {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly readText: ReadText,
    /** The source of a document that the editor has open; its text goes before the file's. */
    private readonly openDocument: (uri: string) => Source | undefined,
    private readonly arrived: () => void,
  ) {}

  /** Undefined: there is no such file, or it is being read. */
  open(from: string, path: string): Source | undefined {
    const uri = resolveUri(from, path);
    if (uri === undefined) return undefined;
    const document = this.openDocument(uri);
    if (document !== undefined) return document;
    const entry = this.entries.get(uri);
    if (entry === undefined) this.read(uri);
    return entry?.state === 'read' ? entry.source : undefined;
  }

  /** Whether the file is on its way. Starts to read it. */
  isReading(from: string, path: string): boolean {
    this.open(from, path);
    const uri = resolveUri(from, path);
    return uri !== undefined && this.entries.get(uri)?.state === 'reading';
  }

  /** The file may have another text now. */
  changed(uri: string): void {
    if (this.entries.has(uri)) this.read(uri);
  }

  private read(uri: string): void {
    const before = this.entries.get(uri);
    const reading: Entry = before?.state === 'read' ? { ...before } : { state: 'reading' };
    this.entries.set(uri, reading);
    while (this.entries.size > MAX_FILES) this.entries.delete(this.entries.keys().next().value as string);
    void this.readText(uri).then((text) => {
      // A later read of the same file has replaced this one.
      if (this.entries.get(uri) !== reading) return;
      const source: Source | undefined = text === undefined ? undefined : { uri, parsed: parse(text), origin: 'user' };
      this.entries.set(uri, { state: 'read', source });
      this.arrived();
    });
  }
}

/** Undefined where a path cannot count from the document: a new file that was never saved. */
export function resolveUri(from: string, path: string): string | undefined {
  if (from.startsWith('untitled:')) return undefined;
  try {
    return new URL(path, from).toString();
  } catch {
    return undefined;
  }
}
