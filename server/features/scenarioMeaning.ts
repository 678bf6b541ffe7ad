/**
 * What a scenario means, as a text that is equal when nothing that it depends on has changed but spaces, comments and
 * things that it does not reach; and a scenario moved to where its text stands now.
 */

import type { Item, ScenarioItem, Span } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { CallPlace, SiteInfo } from '../language/elaborate/sites';
import type { LocatedDiagnostic, Source } from '../language/elaborate/source';
import { type Token, tokenize } from '../language/tokens';

export interface Meaning {
  readonly key: string;
  /** Start of each token of the scenario's file that takes part, in order. */
  readonly starts: readonly number[];
  /** The items of the file that take part. */
  readonly items: readonly Item[];
}

export function meaningOf(
  scenario: ScenarioItem,
  main: Source,
  used: readonly Source[],
  library: readonly Source[],
): Meaning {
  const reached = reachedNames(scenario, [main, ...used], library);
  const takesPart = (item: Item): boolean => {
    if (item.kind === 'scenario') return item === scenario;
    if (item.kind === 'fn' || item.kind === 'const') return reached.has(item.name.name);
    return item.kind !== 'bad' && item.kind !== 'use';
  };
  const items = main.parsed.file.items.filter(takesPart);
  const starts: number[] = [];
  const parts: string[] = [];
  for (const item of items) {
    const read = readItem(main, item);
    for (const start of read.starts) starts.push(start);
    parts.push(read.text);
  }
  for (const source of used) {
    parts.push('\n\n', source.uri);
    for (const item of source.parsed.file.items)
      if (item.kind !== 'scenario' && takesPart(item)) parts.push(readItem(source, item).text);
  }
  return { key: parts.join(''), starts, items };
}

/** Whether the scenario's text, or a function or constant that it reaches, or the library has a name anywhere. */
function reachedNames(
  scenario: ScenarioItem,
  files: readonly Source[],
  library: readonly Source[],
): { readonly has: (name: string) => boolean } {
  const reached = new Set<string>();
  const queue: ReadItem[] = [];
  // The library's functions call each other, and a function of the file stands in for the library's of its name.
  const ofLibrary = library.map(namesOf);
  const inLibrary = (name: string) => ofLibrary.some((names) => names.has(name));
  for (const source of files.slice(0, 1)) queue.push(readItem(source, scenario));
  const declared = files.map(declaredIn);
  const take = (name: string): void => {
    for (const byName of declared) for (const item of byName.get(name) ?? []) queue.push(item);
  };
  for (const source of files)
    for (const item of source.parsed.file.items) {
      const { kind } = item;
      if (kind === 'fn' || kind === 'const') {
        if (inLibrary(item.name.name)) queue.push(readItem(source, item));
      } else if (kind !== 'scenario') queue.push(readItem(source, item));
    }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const name of next.names) {
      if (reached.has(name)) continue;
      reached.add(name);
      take(name);
    }
  }
  return { has: (name) => reached.has(name) || inLibrary(name) };
}

/** What an item of a text looks like to those that reach it. */
interface ReadItem {
  /** Its tokens, with the lines that they stand on, and where each begins. */
  readonly text: string;
  readonly starts: readonly number[];
  readonly names: ReadonlySet<string>;
}

const readItems = new WeakMap<Item, ReadItem>();

function readItem(source: Source, item: Item): ReadItem {
  const known = readItems.get(item);
  if (known !== undefined) return known;
  let text = '';
  const starts: number[] = [];
  const names = new Set<string>();
  for (const token of tokensIn(source, item.span)) {
    starts.push(token.start);
    text += (token.firstOfLine ? '\n' : ' ') + token.text;
    if (token.kind === 'name') names.add(token.text);
  }
  const read = { text, starts, names };
  readItems.set(item, read);
  return read;
}

const declaredOfSource = new WeakMap<Source, ReadonlyMap<string, readonly ReadItem[]>>();

/** The functions and constants of a text by their name. */
function declaredIn(source: Source): ReadonlyMap<string, readonly ReadItem[]> {
  const known = declaredOfSource.get(source);
  if (known !== undefined) return known;
  const declared = new Map<string, ReadItem[]>();
  for (const item of source.parsed.file.items) {
    if (item.kind !== 'fn' && item.kind !== 'const') continue;
    const others = declared.get(item.name.name);
    if (others === undefined) declared.set(item.name.name, [readItem(source, item)]);
    else others.push(readItem(source, item));
  }
  declaredOfSource.set(source, declared);
  return declared;
}

const namesOfSource = new WeakMap<Source, ReadonlySet<string>>();

function namesOf(source: Source): ReadonlySet<string> {
  let names = namesOfSource.get(source);
  if (names === undefined) {
    const all = tokensIn(source, source.parsed.file.span).filter(({ kind }) => kind === 'name');
    names = new Set(all.map(({ text }) => text));
    namesOfSource.set(source, names);
  }
  return names;
}

const tokensOfSource = new WeakMap<Source, readonly Token[]>();

function tokensIn(source: Source, { start, end }: Span): readonly Token[] {
  let tokens = tokensOfSource.get(source);
  if (tokens === undefined) {
    tokens = tokenize(source.parsed.text).tokens.filter(({ kind }) => kind !== 'end');
    tokensOfSource.set(source, tokens);
  }
  return tokens.slice(firstFrom(tokens, start), firstFrom(tokens, end));
}

function firstFrom(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
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
