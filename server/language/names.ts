/**
 * What each name of a file means. Files that it uses and the standard library take part with what they declare at their
 * top; only the file itself is resolved. Never throws; what the parser could not read is left out.
 */

import type { Declaration, FunctionItem } from './ast';
import { type Diagnostic, inOrder } from './diagnostic';
import { checkRecursion, checkTitles, checkUnused, layerOf } from './names/checks';
import { fileSymbols } from './names/declare';
import { resolveExpression } from './names/expressions';
import { Resolver } from './names/resolver';
import { ofValue, resolveScenario } from './names/scenario';
import { declareLocal, resolveBlock, scopeIn } from './names/statements';
import type { DeclaredSymbol, Occurrence, Source } from './names/symbol';

/** What a file can see beside itself. */
export interface Surroundings {
  /** Files that it brings in with `use`, directly or not, in the order in which they are looked at. */
  readonly used: readonly Source[];
  readonly library: readonly Source[];
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
  const { top, scenarios, titles } = fileSymbols(source);
  const outside = [...surroundings.used, ...surroundings.library].map((other) =>
    layerOf(undefined, fileSymbols(other).top),
  );
  const anyScenario = layerOf(undefined, [...scenarios.values()].flat());
  const file = layerOf(undefined, top);
  const r = new Resolver(source, [file, ...outside], anyScenario, resolveExpression);

  layerOf(r, top);
  checkTitles(r, titles);
  for (const symbol of [...top, ...titles]) r.noteSymbol(symbol.span, symbol, 'declaration');
  for (const item of source.parsed.file.items) {
    if (item.kind === 'scenario') {
      const symbols = scenarios.get(item) ?? [];
      for (const symbol of symbols) r.noteSymbol(symbol.span, symbol, 'declaration');
      r.enterScenario(layerOf(r, symbols));
      for (const member of item.members) if (isDeclaration(member)) resolveDeclaration(r, member);
      resolveScenario(r, item);
      r.leaveScenario();
    } else if (item.kind !== 'use' && item.kind !== 'bad') {
      resolveDeclaration(r, item);
    }
  }
  checkAll(r, source, surroundings, titles.length > 0);
  const symbols = [...top, ...titles, ...[...scenarios.values()].flat(), ...r.inner];
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
  resolveBlock(r, { scope, of: 'fn', loops: 0, switches: 0 }, fn.body);
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

function checkAll(r: Resolver, source: Source, surroundings: Surroundings, hasScenarios: boolean): void {
  const { top, scenarios } = fileSymbols(source);
  const layers = [source, ...surroundings.used, ...surroundings.library].map((other) =>
    layerOf(undefined, fileSymbols(other).top),
  );
  const find = (name: string): DeclaredSymbol | undefined =>
    layers.map((layer) => layer.get(name)).find((symbol) => symbol?.kind === 'fn');
  checkRecursion(r, source.parsed, find);
  const replaced = (name: string): boolean => layers.slice(1).some((layer) => layer.get(name)?.kind === 'fn');
  const ofScenarios = [...scenarios.values()].flat();
  const topNames = new Set(top.map((symbol) => symbol.name));
  checkUnused(r, r.inner, () => false);
  if (hasScenarios)
    checkUnused(r, [...top, ...ofScenarios], (name) => replaced(name) || isReplaced(ofScenarios, topNames, name));
}

/** A function of the file and one of a scenario with the same name stand for each other. */
function isReplaced(ofScenarios: readonly DeclaredSymbol[], topNames: ReadonlySet<string>, name: string): boolean {
  return topNames.has(name) && ofScenarios.some((symbol) => symbol.kind === 'fn' && symbol.name === name);
}

/** Where the parser said something, a name adds nothing to it. */
function withoutThoseOfTheParser(source: Source, r: Resolver): readonly Diagnostic[] {
  const said = source.parsed.diagnostics.filter((one) => one.severity === 'error');
  const overlaps = (one: Diagnostic): boolean =>
    said.some(({ span }) => span.start < one.span.end && one.span.start < span.end);
  const kept = said.length === 0 ? r.diagnostics : r.diagnostics.filter((one) => !overlaps(one));
  return inOrder(kept, r.dropped);
}
