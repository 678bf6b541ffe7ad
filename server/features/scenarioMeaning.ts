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
    for (const token of tokensIn(main, item.span)) {
      starts.push(token.start);
      parts.push(token.firstOfLine ? '\n' : ' ', token.text);
    }
  }
  for (const source of used) {
    parts.push('\n\n', source.uri);
    for (const item of source.parsed.file.items)
      if (item.kind !== 'scenario' && takesPart(item))
        for (const token of tokensIn(source, item.span)) parts.push(token.firstOfLine ? '\n' : ' ', token.text);
  }
  return { key: parts.join(''), starts, items };
}

/** Names that the scenario's text, or a function or constant that it reaches, or the library has anywhere. */
function reachedNames(
  scenario: ScenarioItem,
  files: readonly Source[],
  library: readonly Source[],
): ReadonlySet<string> {
  const reached = new Set<string>();
  const queue: { readonly source: Source; readonly span: Span }[] = [];
  for (const source of files.slice(0, 1)) queue.push({ source, span: scenario.span });
  for (const source of files)
    for (const { kind, span } of source.parsed.file.items)
      if (kind !== 'fn' && kind !== 'const' && kind !== 'scenario') queue.push({ source, span });
  // The library's functions call each other, and a function of the file stands in for the library's of its name.
  for (const source of library) queue.push({ source, span: source.parsed.file.span });
  const declared = new Map<string, { readonly source: Source; readonly span: Span }[]>();
  for (const source of files)
    for (const item of source.parsed.file.items)
      if (item.kind === 'fn' || item.kind === 'const')
        declared.set(item.name.name, [...(declared.get(item.name.name) ?? []), { source, span: item.span }]);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const { kind, text } of tokensIn(next.source, next.span)) {
      if (kind !== 'name' || reached.has(text)) continue;
      reached.add(text);
      queue.push(...(declared.get(text) ?? []));
    }
  }
  return reached;
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
  return {
    ...scenario,
    span: move(scenario.span),
    extent: move(scenario.extent),
    claims: scenario.claims.map((claim) => ({ ...claim, span: move(claim.span) })),
    expected: scenario.expected.map((one) => ({ ...one, statement: move(one.statement), span: move(one.span) })),
    sites: scenario.sites.map(siteOf),
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
