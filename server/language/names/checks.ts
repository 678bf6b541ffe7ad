/** What is noticed when everything is resolved: names declared twice, unused, functions that call themselves. */

import type { Span } from '../ast';
import { builtinFunctionByName, constantByName } from '../builtins';
import type { ParsedFile } from '../parse';
import { primitiveByName } from '../primitives';
import { callsOf } from './calls';
import type { Resolver } from './resolver';
import { wordFor } from './statements';
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
  overridden: (name: string) => boolean,
): void {
  for (const symbol of declared) {
    if (!reportedWhenUnused.has(symbol.kind) || r.used.has(symbol) || symbol.name.startsWith('_')) continue;
    if (symbol.kind === 'fn' && overridden(symbol.name)) continue;
    r.say('HVO040', symbol.span, `Nobody uses the ${wordFor(symbol.kind)} \`${symbol.name}\`.`, {
      severity: 'hint',
      unnecessary: true,
    });
  }
}

/** Calls are expanded where they stand, so no function may call itself, directly or through others. */
export function checkRecursion(
  r: Resolver,
  parsed: ParsedFile,
  resolve: (name: string) => DeclaredSymbol | undefined,
): void {
  const functions = parsed.file.items.flatMap((item) =>
    item.kind === 'fn' ? [item] : item.kind === 'scenario' ? item.members.filter((member) => member.kind === 'fn') : [],
  );
  for (const fn of functions) {
    const { name } = fn.name;
    if (name === '') continue;
    const path = pathTo(name, callsOf(fn), resolve);
    if (path === undefined) continue;
    const { first, through } = path;
    const way = through.length === 0 ? 'itself' : `itself through ${through.map((word) => `\`${word}\``).join(', ')}`;
    r.say('HVO039', first, `\`${name}\` calls ${way}; calls are expanded where they stand, so there is no recursion.`);
  }
}

interface Cycle {
  /** The call in the function itself that leads back to it. */
  readonly first: Span;
  readonly through: readonly string[];
}

/** A shortest chain of calls back to a name. */
function pathTo(
  goal: string,
  calls: ReadonlyMap<string, Span>,
  resolve: (name: string) => DeclaredSymbol | undefined,
): Cycle | undefined {
  const queue = [...calls].map(([name, first]) => ({ name, first, through: [] as readonly string[] }));
  const seen = new Set<string>();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, first, through } = next;
    if (name === goal) return { first, through };
    if (seen.has(name)) continue;
    seen.add(name);
    const fn = resolve(name)?.fn;
    if (fn === undefined) continue;
    for (const called of callsOf(fn).keys()) queue.push({ name: called, first, through: [...through, name] });
  }
  return undefined;
}
