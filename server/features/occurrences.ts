/** Which name stands at a position, and where else it does. */

import type { Span } from '../language/ast';
import type { Names } from '../language/names';
import type { DeclaredSymbol, Occurrence } from '../language/names/symbol';

/** A place in one of several files. */
export interface Location {
  readonly uri: string;
  readonly span: Span;
}

export interface Definition extends Location {
  /** The whole declaration. */
  readonly extent: Span;
  /** The name in the text that was asked about. */
  readonly origin: Span;
}

/** The name at a position; just behind a name counts. */
export function occurrenceAt(names: Names, offset: number): Occurrence | undefined {
  const { occurrences } = names;
  let low = 0;
  let high = occurrences.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((occurrences[middle]?.span.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const found = occurrences[low];
  if (found !== undefined && found.span.start <= offset && offset < found.span.end) return found;
  return occurrences.find(({ span }) => span.start <= offset && offset <= span.end);
}

export function symbolAt(names: Names, offset: number): DeclaredSymbol | undefined {
  const target = occurrenceAt(names, offset)?.target;
  return target?.kind === 'symbol' ? target.symbol : undefined;
}

/** Where the name at a position is declared; for a path behind `use` the file itself. */
export function definitionAt(names: Names, offset: number): Definition | undefined {
  const occurrence = occurrenceAt(names, offset);
  if (occurrence?.target.kind === 'symbol') {
    const { uri, span, extent } = occurrence.target.symbol;
    return { uri, span, extent, origin: occurrence.span };
  }
  return usedFileAt(names, offset);
}

function usedFileAt(names: Names, offset: number): Definition | undefined {
  for (const item of names.source.parsed.file.items) {
    if (item.kind !== 'use' || offset < item.path.span.start || offset > item.path.span.end) continue;
    const path = item.path.value.replace(/^(\.{1,2}\/)+/, '');
    const file = names.surroundings.used.find((source) => source.uri === path || source.uri.endsWith(`/${path}`));
    if (file === undefined) return undefined;
    const start = { start: 0, end: 0 };
    return { uri: file.uri, span: start, extent: start, origin: item.path.span };
  }
  return undefined;
}

/** Whether two symbols of different resolutions are the same declaration. */
export const sameSymbol = (a: DeclaredSymbol, b: DeclaredSymbol): boolean =>
  a === b || (a.uri === b.uri && a.span.start === b.span.start && a.name === b.name);

/** Every place of several files where a symbol is named, in order of file and place. */
export function referencesOf(
  symbol: DeclaredSymbol,
  files: readonly Names[],
  withDeclaration: boolean,
): readonly Location[] {
  return files.flatMap((names) =>
    names.occurrences
      .filter(
        ({ target, role }) =>
          target.kind === 'symbol' && sameSymbol(target.symbol, symbol) && (withDeclaration || role !== 'declaration'),
      )
      .map(({ span }) => ({ uri: names.source.uri, span })),
  );
}

export interface Highlight {
  readonly span: Span;
  readonly kind: 'read' | 'write';
}

/** Every place of this file where the name at a position stands, names of the language included. */
export function highlightsAt(names: Names, offset: number): readonly Highlight[] {
  const at = occurrenceAt(names, offset)?.target;
  if (at === undefined) return [];
  return names.occurrences
    .filter(({ target }) =>
      at.kind === 'symbol'
        ? target.kind === 'symbol' && sameSymbol(target.symbol, at.symbol)
        : target.kind === 'builtin' && target.table === at.table && target.name === at.name,
    )
    .map(({ span, role }) => ({ span, kind: role === 'declaration' || role === 'write' ? 'write' : 'read' }));
}
