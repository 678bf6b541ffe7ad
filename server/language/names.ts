/**
 * What each name of a file means. Files that it uses and the standard library take part with what they declare at their
 * top; only the file itself is resolved. Never throws; what the parser could not read is left out.
 */

import type { Declaration, FunctionItem, Item, ScenarioItem } from './ast';
import { type Diagnostic, inOrder } from './diagnostic';
import { checkTitles, checkUnused, layerOf } from './names/checks';
import { fileSymbols } from './names/declare';
import { resolveExpression } from './names/expressions';
import { type KnownItem, type KnownItems, stillKnown } from './names/known';
import { declareLocal, scopeIn } from './names/locals';
import { checkRecursion } from './names/recursion';
import { Resolver } from './names/resolver';
import { ofValue, resolveScenario } from './names/scenario';
import { resolveBlock } from './names/statements';
import type { DeclaredSymbol, Occurrence, Source } from './names/symbol';
import type { Piece } from './pieces';

/** What a file can see beside itself. */
export interface Surroundings {
  /** Files that it brings in with `use`, directly or not, in the order in which they are looked at. */
  readonly used: readonly Source[];
  /** For the top of the file; of a name that several files of it have the first counts. */
  readonly library: readonly Source[];
  /** For a scenario, where that is another one. */
  readonly libraryOf?: (scenario: ScenarioItem) => readonly Source[];
}

export interface Names {
  readonly source: Source;
  readonly surroundings: Surroundings;
  /** Every name of the file that means something, by place. */
  readonly occurrences: readonly Occurrence[];
  /** What the file declares, scenarios, parameters, locals and registers included. */
  readonly symbols: readonly DeclaredSymbol[];
  readonly diagnostics: readonly Diagnostic[];
  /** Items about which there is nothing to say, for the next text of the file. */
  readonly known: KnownItems;
  /** How many items were looked at for the diagnostics; about the others nothing was to be said in the text before. */
  readonly itemsResolved: number;
}

/**
 * `before`: of another text of the file, from which this one has come. The result is the same with it and without; with
 * it the diagnostics are found by looking at what has changed, and the rest when somebody asks.
 */
export function resolveNames(source: Source, surroundings: Surroundings, before?: Names): Names {
  const around = aroundOf(source, surroundings);
  const known = stillKnown(before?.known, source, around);
  const resolved = resolveFile(source, surroundings, known);
  // Where a call leads back to its function is only said of functions that were looked at.
  const found = resolved.isRecursive && known.size > 0 ? resolveFile(source, surroundings, new Map()) : resolved;
  const { diagnostics, itemsResolved } = found;
  let whole = found.itemsResolved === source.parsed.file.items.length ? found : undefined;
  const all = (): ResolvedFile => {
    whole ??= resolveFile(source, surroundings, new Map());
    return whole;
  };
  return {
    source,
    surroundings,
    get occurrences() {
      return all().occurrences;
    },
    get symbols() {
      return all().symbols;
    },
    diagnostics,
    known: { source, around, items: found.known },
    itemsResolved,
  };
}

/** What names can mean beside what the file declares: the same objects, the same meaning. */
function aroundOf(source: Source, { used, library }: Surroundings): readonly unknown[] {
  const { pieces } = source.parsed;
  const machines = pieces.filter(({ item }) => item.kind === 'machine');
  const hasScenarios = pieces.some(({ item }) => item.kind === 'scenario');
  return [hasScenarios, ...machines, ...[...used, ...library].map(({ parsed }) => parsed)];
}

interface ResolvedFile {
  readonly occurrences: readonly Occurrence[];
  readonly symbols: readonly DeclaredSymbol[];
  readonly diagnostics: readonly Diagnostic[];
  readonly known: ReadonlyMap<Piece, KnownItem>;
  readonly itemsResolved: number;
  readonly isRecursive: boolean;
}

/** Occurrences and symbols are those of the items that are not known. */
function resolveFile(source: Source, surroundings: Surroundings, before: ReadonlyMap<Piece, KnownItem>): ResolvedFile {
  const { top, layer, scenarios, titles } = fileSymbols(source);
  const layersOf = (library: readonly Source[]) => [
    layer,
    ...[...surroundings.used, ...library].map((other) => fileSymbols(other).layer),
  ];
  const layers = layersOf(surroundings.library);
  const ofScenarios = [...scenarios.values()].flat();
  const inScenarios = layerOf(undefined, ofScenarios);
  const r = new Resolver(source, layers, inScenarios, resolveExpression);

  layerOf(r, top);
  checkTitles(r, titles);
  for (const symbol of [...top, ...titles]) r.noteSymbol(symbol.span, symbol, 'declaration');
  const used = new Set<DeclaredSymbol>();
  const known = new Map<Piece, KnownItem>();
  const use = (from: ReadonlyMap<string, DeclaredSymbol>, names: readonly string[]): void => {
    for (const name of names) {
      const symbol = from.get(name);
      if (symbol !== undefined) used.add(symbol);
    }
  };
  let itemsResolved = 0;
  source.parsed.file.items.forEach((item, i) => {
    const piece = source.parsed.pieces[i] as Piece;
    const members = item.kind === 'scenario' ? (scenarios.get(item) ?? []) : [];
    const knownItem = before.get(piece);
    if (knownItem !== undefined) {
      known.set(piece, knownItem);
      use(layer, knownItem.top);
      use(inScenarios, knownItem.inScenarios);
      if (knownItem.own.length > 0) use(layerOf(undefined, members), knownItem.own);
      for (const [fn, calls] of knownItem.calls) r.calls.set(item.kind === 'fn' ? item : fn, calls);
      return;
    }
    itemsResolved++;
    const said = r.diagnostics.length + r.dropped;
    const [inner, calls] = [r.inner.length, r.calls.size];
    r.used = new Set();
    const own = resolveItem(r, item, members, (library) => layersOf(library), surroundings);
    checkUnused(r, r.inner.slice(inner), r.used, () => false);
    for (const symbol of r.used) used.add(symbol);
    if (r.diagnostics.length + r.dropped > said) return;
    const usedOf = (from: ReadonlyMap<string, DeclaredSymbol>): readonly string[] =>
      [...r.used].filter((symbol) => from.get(symbol.name) === symbol).map(({ name }) => name);
    known.set(piece, {
      top: usedOf(layer),
      own: own === undefined ? [] : usedOf(own),
      inScenarios: own === undefined ? usedOf(inScenarios) : [],
      calls: [...r.calls].slice(calls),
    });
  });
  const isRecursive = checkRecursion(r, (name) => layers.find((one) => one.get(name)?.kind === 'fn')?.get(name)?.fn);
  if (titles.length > 0) checkUnused(r, [...top, ...ofScenarios], used, replacedIn(layers, ofScenarios));
  const symbols = [...top, ...titles, ...ofScenarios, ...r.inner];
  const occurrences = r.occurrences.sort((a, b) => a.span.start - b.span.start);
  const diagnostics = withoutThoseOfTheParser(source, r);
  return { occurrences, symbols, diagnostics, known, itemsResolved, isRecursive };
}

/** The layer of what a scenario declares, where the item is one. */
function resolveItem(
  r: Resolver,
  item: Item,
  symbols: readonly DeclaredSymbol[],
  layersOf: (library: readonly Source[]) => readonly ReadonlyMap<string, DeclaredSymbol>[],
  surroundings: Surroundings,
): ReadonlyMap<string, DeclaredSymbol> | undefined {
  if (item.kind !== 'scenario') {
    if (item.kind !== 'use' && item.kind !== 'bad') resolveDeclaration(r, item);
    return undefined;
  }
  for (const symbol of symbols) r.noteSymbol(symbol.span, symbol, 'declaration');
  const library = surroundings.libraryOf?.(item) ?? surroundings.library;
  const own = layerOf(r, symbols);
  r.enterScenario(own, layersOf(library));
  for (const member of item.members) if (isDeclaration(member)) resolveDeclaration(r, member);
  resolveScenario(r, item);
  r.leaveScenario();
  return own;
}

const isDeclaration = (node: { readonly kind: string }): node is Declaration =>
  !['cpu', 'interrupt', 'onFault', 'expectation', 'bad'].includes(node.kind);

function resolveDeclaration(r: Resolver, item: Declaration): void {
  switch (item.kind) {
    case 'machine':
      return;
    case 'hugepage':
      for (const part of [item.size, item.at, item.refcount])
        if (part !== undefined) resolveExpression(r, ofValue, part);
      checkHugePage(r, item);
      return;
    case 'page':
      resolveExpression(r, ofValue, item.at);
      return;
    case 'lock':
      return;
    case 'var':
    case 'const':
      resolveExpression(r, ofValue, item.value);
      return;
    case 'fn':
      resolveFunction(r, item);
      return;
  }
}

function resolveFunction(r: Resolver, fn: FunctionItem): void {
  const scope = scopeIn(undefined, fn.span.end);
  for (const parameter of fn.parameters) declareLocal(r, scope, 'parameter', parameter, parameter.span);
  r.inFunction(fn, () => resolveBlock(r, { scope, of: 'fn', loops: 0, switches: 0 }, fn.body));
}

function checkHugePage(r: Resolver, item: Extract<Declaration, { kind: 'hugepage' }>): void {
  const missing = (['size', 'at', 'vmemmap'] as const).filter(
    (name) => !item.properties.some((property) => property.name === name),
  );
  if (missing.length === 0 || item.name.name === '') return;
  const examples = { size: 'size 2M', at: 'at 0x1_0000_0000', vmemmap: 'vmemmap pages' };
  const list = missing.map((name) => `\`${examples[name]}\``).join(', ');
  r.say('HVO047', item.name.span, `The huge page \`${item.name.name}\` lacks ${list}.`, { expected: missing });
}

/** Whether a function stands for one of the same name: of the library, of a used file, of the file and a scenario, of two scenarios. */
function replacedIn(
  [file, ...outside]: readonly ReadonlyMap<string, DeclaredSymbol>[],
  ofScenarios: readonly DeclaredSymbol[],
): (name: string) => boolean {
  const inScenarios = (name: string) => ofScenarios.filter((one) => one.kind === 'fn' && one.name === name).length;
  return (name) =>
    outside.some((layer) => layer.get(name)?.kind === 'fn') ||
    inScenarios(name) + (file?.has(name) === true ? 1 : 0) > 1;
}

/** Where the parser said something, a name adds nothing to it. */
function withoutThoseOfTheParser(source: Source, r: Resolver): readonly Diagnostic[] {
  const said = source.parsed.diagnostics.filter((one) => one.severity === 'error');
  const overlaps = (one: Diagnostic): boolean =>
    said.some(({ span }) => span.start < one.span.end && one.span.start < span.end);
  const kept = said.length === 0 ? r.diagnostics : r.diagnostics.filter((one) => !overlaps(one));
  return inOrder(kept, r.dropped);
}
