/** The symbols that a file declares at its top and in its scenarios. */

import type { Declaration, Identifier, InterruptMember, ScenarioItem, Span } from '../ast';
import type { ParsedFile } from '../parse';
import type { DeclaredSymbol, Source, SymbolKind } from './symbol';

export interface FileSymbols {
  readonly top: readonly DeclaredSymbol[];
  /** The first symbol of each name at the top. */
  readonly layer: ReadonlyMap<string, DeclaredSymbol>;
  /** By scenario, in the order of the text. */
  readonly scenarios: ReadonlyMap<ScenarioItem, readonly DeclaredSymbol[]>;
  readonly titles: readonly DeclaredSymbol[];
  /** What each item declares for others, at the top of the file or in its scenario. */
  readonly byItem: readonly (readonly DeclaredSymbol[])[];
  /** Names that are declared more than once. */
  readonly repeated: ReadonlySet<string>;
}

const cache = new WeakMap<ParsedFile, FileSymbols>();

/** All symbols of a file that are no parameters, locals or registers. The same objects for the same parse. */
export function fileSymbols({ uri, parsed }: Source): FileSymbols {
  const known = cache.get(parsed);
  if (known !== undefined) return known;
  const whole = parsed.file.span;
  const top: DeclaredSymbol[] = [];
  const titles: DeclaredSymbol[] = [];
  const scenarios = new Map<ScenarioItem, readonly DeclaredSymbol[]>();
  const byItem = parsed.file.items.map((item): readonly DeclaredSymbol[] => {
    if (item.kind === 'scenario') {
      const { span, value: name } = item.title;
      titles.push({ kind: 'scenario', name, uri, span, extent: item.span, known: whole, ofScenario: false });
      const members = membersOf(uri, item);
      scenarios.set(item, members);
      return members;
    }
    const symbol = item.kind === 'use' || item.kind === 'bad' ? undefined : declared(uri, item, whole, false);
    if (symbol === undefined) return [];
    top.push(symbol);
    return [symbol];
  });
  const layer = new Map<string, DeclaredSymbol>();
  for (const symbol of top) if (!layer.has(symbol.name)) layer.set(symbol.name, symbol);
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const symbols of byItem) {
    for (const { name } of symbols) {
      if (seen.has(name)) repeated.add(name);
      seen.add(name);
    }
  }
  const result = { top, layer, scenarios, titles, byItem, repeated };
  cache.set(parsed, result);
  return result;
}

function membersOf(uri: string, scenario: ScenarioItem): readonly DeclaredSymbol[] {
  const list: DeclaredSymbol[] = [];
  for (const member of scenario.members) {
    switch (member.kind) {
      case 'interrupt': {
        // One name may have a handler on several CPUs; the first declares it.
        if (!list.some((other) => other.kind === 'interrupt' && other.name === member.name.name)) {
          list.push(...named(uri, 'interrupt', member.name, member, scenario.span, true));
        }
        break;
      }
      case 'cpu':
      case 'onFault':
      case 'expectation':
      case 'bad':
        break;
      default: {
        const symbol = declared(uri, member, scenario.span, true);
        if (symbol !== undefined) list.push(symbol);
      }
    }
  }
  return list;
}

function named(
  uri: string,
  kind: SymbolKind,
  { name, span }: Identifier,
  node: Declaration | InterruptMember,
  known: Span,
  ofScenario: boolean,
): readonly DeclaredSymbol[] {
  return name === '' ? [] : [{ kind, name, uri, span, extent: node.span, known, ofScenario }];
}

function declared(uri: string, item: Declaration, known: Span, ofScenario: boolean): DeclaredSymbol | undefined {
  if (item.kind === 'machine') return undefined;
  const [symbol] = named(uri, item.kind, item.name, item, known, ofScenario);
  if (symbol === undefined) return undefined;
  if (item.kind === 'fn') return { ...symbol, fn: item };
  if (item.kind === 'lock' && item.lockKind !== undefined) return { ...symbol, lockKind: item.lockKind };
  return symbol;
}
