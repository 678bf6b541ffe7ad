/** Which declared names are known at a position. */

import type { Names } from '../language/names';
import { fileSymbols } from '../language/names/declare';
import type { DeclaredSymbol } from '../language/names/symbol';

/** Nearest first, each name once: locals, the scenario's, the file's, used files', the library's. */
export function visibleSymbols(names: Names, offset: number): readonly DeclaredSymbol[] {
  const { source, surroundings } = names;
  const own = names.symbols.filter(
    ({ known, kind }) => kind !== 'scenario' && known.start <= offset && offset <= known.end,
  );
  own.sort((a, b) => sizeOf(a) - sizeOf(b));
  const registers = names.symbols.filter((symbol) => symbol.kind === 'register' && sameScenario(names, symbol, offset));
  const scenario = source.parsed.file.items.find(
    (item) => item.kind === 'scenario' && item.span.start <= offset && offset <= item.span.end,
  );
  const library =
    scenario?.kind === 'scenario' ? (surroundings.libraryOf?.(scenario) ?? surroundings.library) : surroundings.library;
  const outside = [...surroundings.used, ...library].flatMap((file) => fileSymbols(file).top);
  // Functions at the top of a file may count on what its scenarios declare.
  const ofScenarios = [...fileSymbols(source).scenarios.values()].flat();
  const seen = new Set<string>();
  return [...own, ...registers, ...outside, ...ofScenarios].filter(({ name }) => !seen.has(name) && seen.add(name));
}

const sizeOf = ({ known }: DeclaredSymbol): number => known.end - known.start;

function sameScenario(names: Names, { span }: DeclaredSymbol, offset: number): boolean {
  return names.source.parsed.file.items.some(
    (item) =>
      item.kind === 'scenario' &&
      item.span.start <= offset &&
      offset <= item.span.end &&
      item.span.start <= span.start &&
      span.end <= item.span.end,
  );
}

/** The function that a call at a position means. */
export function findFunction(names: Names, name: string, offset: number): DeclaredSymbol | undefined {
  return visibleSymbols(names, offset).find((symbol) => symbol.kind === 'fn' && symbol.name === name);
}
