/** What is noticed when everything is resolved: names declared twice, unused, functions that call themselves. */

import { builtinFunctionByName, constantByName } from '../builtins';
import { primitiveByName } from '../primitives';
import { wordFor } from './locals';
import type { Resolver } from './resolver';
import type { DeclaredSymbol } from './symbol';

/** The first of each name; a second one, or one that the language has already, is said. */
export function layerOf(
  r: Resolver | undefined,
  symbols: readonly DeclaredSymbol[],
): ReadonlyMap<string, DeclaredSymbol> {
  const layer = new Map<string, DeclaredSymbol>();
  for (const symbol of symbols) {
    const earlier = layer.get(symbol.name);
    if (earlier === undefined) layer.set(symbol.name, symbol);
    if (r === undefined) continue;
    if (earlier !== undefined) {
      r.say('HVO037', symbol.span, `There is a ${wordFor(earlier.kind)} \`${symbol.name}\` already.`, {
        related: [{ span: earlier.span, message: 'declared here' }],
      });
    } else if (isReservedByLanguage(symbol)) {
      r.say('HVO037', symbol.span, `\`${symbol.name}\` is a name of the language and cannot be declared.`);
    }
  }
  return layer;
}

function isReservedByLanguage({ name, kind }: DeclaredSymbol): boolean {
  if (name === 'init_mm' || name === 'machine') return true;
  return kind === 'fn' ? primitiveByName.has(name) || builtinFunctionByName.has(name) : constantByName.has(name);
}

/** Scenarios are told apart by their titles. */
export function checkTitles(r: Resolver, titles: readonly DeclaredSymbol[]): void {
  const seen = new Map<string, DeclaredSymbol>();
  for (const title of titles) {
    const earlier = seen.get(title.name);
    if (earlier === undefined) seen.set(title.name, title);
    else {
      r.say(
        'HVO037',
        title.span,
        `There is a scenario "${title.name}" already; \`--scenario\` cannot tell them apart.`,
        {
          severity: 'warning',
          related: [{ span: earlier.span, message: 'the first one' }],
        },
      );
    }
  }
}

const reportedWhenUnused: ReadonlySet<DeclaredSymbol['kind']> = new Set([
  'local',
  'hugepage',
  'page',
  'lock',
  'var',
  'const',
  'fn',
]);

/** Locals, and items of a file that has scenarios. Names that begin with `_` are meant to be unused. */
export function checkUnused(
  r: Resolver,
  declared: readonly DeclaredSymbol[],
  used: ReadonlySet<DeclaredSymbol>,
  overridden: (name: string) => boolean,
): void {
  for (const symbol of declared) {
    if (!reportedWhenUnused.has(symbol.kind) || used.has(symbol) || symbol.name.startsWith('_')) continue;
    if (symbol.kind === 'fn' && overridden(symbol.name)) continue;
    r.say('HVO040', symbol.span, `Nobody uses the ${wordFor(symbol.kind)} \`${symbol.name}\`.`, {
      severity: 'hint',
      unnecessary: true,
    });
  }
}
