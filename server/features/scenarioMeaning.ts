/**
 * What a scenario means, as a text that is equal when nothing that it depends on has changed but spaces, comments and
 * things that it does not reach; and a scenario moved to where its text stands now.
 */

import type { Item, ScenarioItem, Span } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { CallPlace, SiteInfo } from '../language/elaborate/sites';
import type { LocatedDiagnostic, Source } from '../language/elaborate/source';
import { namesIn } from '../language/names/known';
import { type Piece, startOf } from '../language/pieces';

export interface Meaning {
  readonly key: string;
  /** Start of each token of the scenario's file that takes part, in order. */
  readonly starts: readonly number[];
  /** The items of the file that take part. */
  readonly items: readonly Item[];
}

/** What was found out about a scenario in the last text that it was in. */
interface Remembered {
  readonly files: readonly Source[];
  readonly library: readonly Source[];
  readonly takesPart: (piece: Piece) => boolean;
  /** The pieces of the main file that take part, in order. */
  readonly pieces: readonly Piece[];
  readonly key: string;
}

const remembered = new WeakMap<Piece, Remembered>();

export function meaningOf(
  scenario: ScenarioItem,
  main: Source,
  used: readonly Source[],
  library: readonly Source[],
): Meaning {
  const { file, pieces } = main.parsed;
  const own = pieces[file.items.indexOf(scenario)] as Piece;
  const before = remembered.get(own);
  const takesPart =
    before !== undefined && isStillTrue(before, main, used, library)
      ? before.takesPart
      : takingPart(scenario, [main, ...used], library);
  const items = file.items.filter((item, i) =>
    item.kind === 'scenario' ? item === scenario : takesPart(pieces[i] as Piece),
  );
  const taking = pieces.filter((piece) => piece === own || (piece.item.kind !== 'scenario' && takesPart(piece)));
  const starts: number[] = [];
  taking.forEach((piece, i) => {
    const at = items[i]?.span.start ?? 0;
    for (const start of readPiece(piece).starts) starts.push(at + start);
  });
  const isSame = before !== undefined && before.takesPart === takesPart && isSameList(before.pieces, taking);
  const key = isSame ? before.key : keyOf(taking, used, takesPart);
  remembered.set(own, { files: [main, ...used], library, takesPart, pieces: taking, key });
  return { key, starts, items };
}

function keyOf(pieces: readonly Piece[], used: readonly Source[], takesPart: (piece: Piece) => boolean): string {
  const parts = pieces.map((piece) => readPiece(piece).text);
  for (const source of used) {
    parts.push('\n\n', source.uri);
    for (const piece of source.parsed.pieces)
      if (piece.item.kind !== 'scenario' && takesPart(piece)) parts.push(readPiece(piece).text);
  }
  return parts.join('');
}

/** Nothing that takes part is gone, and nothing is new that would. */
function isStillTrue(
  { files: [before, ...usedBefore], library: libraryBefore, takesPart }: Remembered,
  main: Source,
  used: readonly Source[],
  library: readonly Source[],
): boolean {
  if (before === undefined || library !== libraryBefore || !isSameList(used, usedBefore)) return false;
  return differenceOf(before, main).every((piece) => piece.item.kind === 'scenario' || !takesPart(piece));
}

const isSameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** That of the last two texts; those before would be held by each other. */
let lastDifference: { readonly before: Source; readonly now: Source; readonly pieces: readonly Piece[] } | undefined;

/** The pieces that one of two texts has and the other has not. */
function differenceOf(before: Source, now: Source): readonly Piece[] {
  if (lastDifference?.before === before && lastDifference.now === now) return lastDifference.pieces;
  const [old, present] = [before, now].map(({ parsed }) => new Set(parsed.pieces)) as [Set<Piece>, Set<Piece>];
  const pieces = [...[...old].filter((one) => !present.has(one)), ...[...present].filter((one) => !old.has(one))];
  lastDifference = { before, now, pieces };
  return pieces;
}

/** Whether an item that is no scenario takes part in one: it, or something that it reaches, or the library has its name. */
function takingPart(
  scenario: ScenarioItem,
  files: readonly Source[],
  library: readonly Source[],
): (piece: Piece) => boolean {
  const inLibrary = namesOfLibrary(library);
  const reached = new Set<string>();
  const queue: ReadPiece[] = [];
  const declared = files.map(declaredIn);
  for (const { parsed } of files.slice(0, 1))
    parsed.file.items.forEach((item, i) => {
      if (item === scenario) queue.push(readPiece(parsed.pieces[i] as Piece));
    });
  // The library's functions call each other, and a function of the file stands in for the library's of its name.
  for (const { byName, others } of declared) {
    for (const piece of others) queue.push(readPiece(piece));
    for (const [name, pieces] of byName)
      if (inLibrary.has(name)) for (const piece of pieces) queue.push(readPiece(piece));
  }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const name of next.names) {
      if (reached.has(name)) continue;
      reached.add(name);
      for (const { byName } of declared) for (const piece of byName.get(name) ?? []) queue.push(readPiece(piece));
    }
  }
  return ({ item }) => {
    if (item.kind === 'fn' || item.kind === 'const')
      return reached.has(item.name.name) || inLibrary.has(item.name.name);
    return item.kind !== 'bad' && item.kind !== 'use';
  };
}

/** What an item looks like to those that reach it. */
interface ReadPiece {
  /** Its tokens, with the lines that they stand on, and where each begins behind its first. */
  readonly text: string;
  readonly starts: readonly number[];
  readonly names: ReadonlySet<string>;
}

const readPieces = new WeakMap<Piece, ReadPiece>();

function readPiece(piece: Piece): ReadPiece {
  const known = readPieces.get(piece);
  if (known !== undefined) return known;
  let text = '';
  const starts: number[] = [];
  for (const token of piece.tokens) {
    if (token.start >= piece.item.span.end) break;
    starts.push(token.start - startOf(piece));
    text += (token.firstOfLine ? '\n' : ' ') + token.text;
  }
  const read = { text, starts, names: namesIn(piece) };
  readPieces.set(piece, read);
  return read;
}

interface Declared {
  /** Functions and constants. */
  readonly byName: ReadonlyMap<string, readonly Piece[]>;
  /** What takes part in every scenario. */
  readonly others: readonly Piece[];
}

const declaredOfSource = new WeakMap<Source, Declared>();

function declaredIn(source: Source): Declared {
  const known = declaredOfSource.get(source);
  if (known !== undefined) return known;
  const byName = new Map<string, Piece[]>();
  const others: Piece[] = [];
  for (const piece of source.parsed.pieces) {
    const { item } = piece;
    if (item.kind !== 'fn' && item.kind !== 'const') {
      if (item.kind !== 'scenario' && item.kind !== 'bad' && item.kind !== 'use') others.push(piece);
      continue;
    }
    const same = byName.get(item.name.name);
    if (same === undefined) byName.set(item.name.name, [piece]);
    else same.push(piece);
  }
  const declared = { byName, others };
  declaredOfSource.set(source, declared);
  return declared;
}

const namesOfLibraries = new WeakMap<readonly Source[], ReadonlySet<string>>();

function namesOfLibrary(library: readonly Source[]): ReadonlySet<string> {
  const known = namesOfLibraries.get(library);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const { parsed } of library)
    for (const piece of parsed.pieces) for (const name of namesIn(piece)) names.add(name);
  namesOfLibraries.set(library, names);
  return names;
}

/** Where the text of two meanings with one key stands: from the one's file to the other's. */
export type Move = (span: Span) => Span;

export function moveBetween(from: readonly number[], to: readonly number[]): Move {
  const moved = (offset: number): number => {
    let low = 0;
    let high = from.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((from[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return offset + (to[low] ?? 0) - (from[low] ?? 0);
  };
  return (span) => {
    const { start, end } = span;
    // The place of code that stands nowhere, such as the way into a fault handler.
    if (end === 0) return span;
    // The end of a span is the end of its last token, which is not the start of the one behind it.
    return { start: moved(start), end: end > start ? moved(end - 1) + 1 : moved(end) };
  };
}

/** The same scenario in another text of its file: same program, other places. */
export function movedScenario(scenario: ElaboratedScenario, from: Source, to: Source, move: Move): ElaboratedScenario {
  const isFrom = (source: Source): boolean => source.uri === from.uri && source.origin === from.origin;
  const calls = new Map<CallPlace, CallPlace>();
  const callOf = (call: CallPlace): CallPlace => {
    if (!isFrom(call.source)) return call;
    const known = calls.get(call) ?? { ...call, source: to, span: move(call.span) };
    calls.set(call, known);
    return known;
  };
  const siteOf = (site: SiteInfo): SiteInfo => {
    const stack = site.stack.some(({ source }) => isFrom(source)) ? site.stack.map(callOf) : site.stack;
    if (!isFrom(site.source)) return stack === site.stack ? site : { ...site, stack };
    return { ...site, source: to, span: move(site.span), stack };
  };
  let sites: readonly SiteInfo[] | undefined;
  return {
    ...scenario,
    span: move(scenario.span),
    extent: move(scenario.extent),
    claims: scenario.claims.map((claim) => ({ ...claim, span: move(claim.span) })),
    expected: scenario.expected.map((one) => ({ ...one, statement: move(one.statement), span: move(one.span) })),
    // There are many, and while one types nobody asks for them.
    get sites() {
      sites ??= scenario.sites.map(siteOf);
      return sites;
    },
    diagnostics: scenario.diagnostics.map((one) => movedDiagnostic(one, isFrom, to, move)),
  };
}

function movedDiagnostic(
  one: LocatedDiagnostic,
  isFrom: (source: Source) => boolean,
  to: Source,
  move: Move,
): LocatedDiagnostic {
  if (!isFrom(one.source)) return one;
  const { fix, related } = one;
  return {
    ...one,
    source: to,
    span: move(one.span),
    ...(fix === undefined
      ? {}
      : { fix: { ...fix, edits: fix.edits.map((edit) => ({ ...edit, span: move(edit.span) })) } }),
    ...(related === undefined ? {} : { related: related.map((other) => ({ ...other, span: move(other.span) })) }),
  };
}
