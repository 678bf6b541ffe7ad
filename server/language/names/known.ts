/**
 * What stays true of the names in an item when the file around it changes. An item about which there was nothing to say
 * has nothing said about it again, for as long as its text and what its names mean are the same.
 */

import type { FunctionItem, Span } from '../ast';
import type { ParsedFile } from '../parse';
import type { Piece } from '../pieces';
import { type FileSymbols, fileSymbols } from './declare';
import type { DeclaredSymbol, Source } from './symbol';

/** Of an item about which there is nothing to say: what of the file it uses, by name. */
export interface KnownItem {
  /** Declared at the top of the file. */
  readonly top: readonly string[];
  /** Declared in the scenario that the item is. */
  readonly own: readonly string[];
  /** Declared in scenarios, and used by an item at the top. */
  readonly inScenarios: readonly string[];
  /** What its functions call. */
  readonly calls: readonly (readonly [FunctionItem, Map<string, Span>])[];
}

export interface KnownItems {
  readonly source: Source;
  /** Whatever else of the surroundings the meaning of a name can depend on; compared by identity. */
  readonly around: readonly unknown[];
  readonly items: ReadonlyMap<Piece, KnownItem>;
}

/** Which of the known items stay so in another text of the file. */
export function stillKnown(
  before: KnownItems | undefined,
  source: Source,
  around: readonly unknown[],
): ReadonlyMap<Piece, KnownItem> {
  if (before === undefined || before.source.uri !== source.uri) return new Map();
  if (before.around.length !== around.length || before.around.some((one, i) => one !== around[i])) return new Map();
  const changed = changedNames(before.source, source);
  const items = new Map<Piece, KnownItem>();
  for (const piece of source.parsed.pieces) {
    const known = before.items.get(piece);
    if (known !== undefined && (changed.size === 0 || !mentions(piece, changed))) items.set(piece, known);
  }
  return items;
}

/** Names that mean something else, or mean something now, or mean nothing any more. */
function changedNames(before: Source, now: Source): ReadonlySet<string> {
  const [old, present] = [fileSymbols(before), fileSymbols(now)];
  const [oldInScenarios, inScenarios] = [firstOfNames(old), firstOfNames(present)];
  const changed = new Set<string>();
  for (const name of candidates(before, now, old, present)) {
    const isSame =
      meansTheSame(old.layer.get(name), present.layer.get(name)) &&
      meansTheSame(oldInScenarios.get(name), inScenarios.get(name));
    if (!isSame) changed.add(name);
  }
  return changed;
}

/** What is declared by items that are in one of the texts only, or declared more than once. */
function candidates(before: Source, now: Source, ...symbols: readonly FileSymbols[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [{ parsed }, other, { byItem }] of [
    [before, now.parsed, symbols[0]],
    [now, before.parsed, symbols[1]],
  ] as readonly (readonly [Source, ParsedFile, FileSymbols])[]) {
    const there = new Set(other.pieces);
    parsed.pieces.forEach((piece, i) => {
      if (!there.has(piece)) for (const { name } of byItem[i] ?? []) names.add(name);
    });
  }
  for (const { repeated } of symbols) for (const name of repeated) names.add(name);
  return names;
}

function firstOfNames({ scenarios }: FileSymbols): ReadonlyMap<string, DeclaredSymbol> {
  const first = new Map<string, DeclaredSymbol>();
  for (const symbol of [...scenarios.values()].flat()) if (!first.has(symbol.name)) first.set(symbol.name, symbol);
  return first;
}

/** As far as a name in another item can tell. */
function meansTheSame(a: DeclaredSymbol | undefined, b: DeclaredSymbol | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind !== b.kind || a.lockKind !== b.lockKind) return false;
  const [of, other] = [a, b].map(({ fn }) => fn?.parameters.map(({ name }) => name) ?? []) as [string[], string[]];
  return of.length === other.length && of.every((name, i) => name === other[i]);
}

const namesOfPieces = new WeakMap<Piece, ReadonlySet<string>>();

/** Every name that an item's text has. */
export function namesIn(piece: Piece): ReadonlySet<string> {
  const known = namesOfPieces.get(piece);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const { kind, text } of piece.tokens) if (kind === 'name') names.add(text);
  namesOfPieces.set(piece, names);
  return names;
}

function mentions(piece: Piece, names: ReadonlySet<string>): boolean {
  const own = namesIn(piece);
  for (const name of names) if (own.has(name)) return true;
  return false;
}
