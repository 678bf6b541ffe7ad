/**
 * What each name of a file means. Files that it uses and the standard library take part with what they declare at their
 * top; only the file itself is resolved. Never throws; what the parser could not read is left out.
 */

import type { Declaration, FunctionItem, ScenarioItem } from './ast';
import { type Diagnostic, inOrder } from './diagnostic';
import { checkTitles, checkUnused, layerOf } from './names/checks';
import { fileSymbols } from './names/declare';
import { resolveExpression } from './names/expressions';
import { declareLocal, scopeIn } from './names/locals';
import { checkRecursion } from './names/recursion';
import { Resolver } from './names/resolver';
import { ofValue, resolveScenario } from './names/scenario';
import { resolveBlock } from './names/statements';
import type { DeclaredSymbol, Occurrence, Source } from './names/symbol';

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
}

export function resolveNames(source: Source, surroundings: Surroundings): Names {
  const { top, layer, scenarios, titles } = fileSymbols(source);
  const layersOf = (library: readonly Source[]) => [
    layer,
    ...[...surroundings.used, ...library].map((other) => fileSymbols(other).layer),
  ];
  const layers = layersOf(surroundings.library);
  const ofScenarios = [...scenarios.values()].flat();
  const r = new Resolver(source, layers, layerOf(undefined, ofScenarios), resolveExpression);

  layerOf(r, top);
  checkTitles(r, titles);
  for (const symbol of [...top, ...titles]) r.noteSymbol(symbol.span, symbol, 'declaration');
  for (const item of source.parsed.file.items) {
    if (item.kind === 'scenario') {
      const symbols = scenarios.get(item) ?? [];
      for (const symbol of symbols) r.noteSymbol(symbol.span, symbol, 'declaration');
      const library = surroundings.libraryOf?.(item) ?? surroundings.library;
      r.enterScenario(layerOf(r, symbols), layersOf(library));
      for (const member of item.members) if (isDeclaration(member)) resolveDeclaration(r, member);
      resolveScenario(r, item);
      r.leaveScenario();
    } else if (item.kind !== 'use' && item.kind !== 'bad') {
      resolveDeclaration(r, item);
    }
  }
  checkRecursion(r, (name) => layers.find((one) => one.get(name)?.kind === 'fn')?.get(name)?.fn);
  checkUnused(r, r.inner, () => false);
  if (titles.length > 0) checkUnused(r, [...top, ...ofScenarios], replacedIn(layers, ofScenarios));
  const symbols = [...top, ...titles, ...ofScenarios, ...r.inner];
  const occurrences = r.occurrences.sort((a, b) => a.span.start - b.span.start);
  return { source, surroundings, occurrences, symbols, diagnostics: withoutThoseOfTheParser(source, r) };
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
