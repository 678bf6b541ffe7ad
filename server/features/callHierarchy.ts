/** Who calls a function, and what it calls. */

import type { Span } from '../language/ast';
import type { Names } from '../language/names';
import type { DeclaredSymbol } from '../language/names/symbol';
import { bodiesOf } from '../language/walk';
import { sameSymbol } from './occurrences';

/** A function, or the code of a CPU or handler. */
export interface CallNode {
  readonly uri: string;
  readonly name: string;
  readonly kind: 'fn' | 'code';
  readonly span: Span;
  readonly selection: Span;
}

export interface CallEdge {
  readonly node: CallNode;
  /** The names in the text by which it is called, in the caller's file. */
  readonly calls: readonly Span[];
}

export function callNode({ uri, name, span, extent }: DeclaredSymbol): CallNode {
  return { uri, name, kind: 'fn', span: extent, selection: span };
}

/** `files`: every file in which it may be called. */
export function callersOf(target: CallNode, files: readonly Names[]): readonly CallEdge[] {
  return files.flatMap((names) => {
    const edges = new Map<string, { readonly node: CallNode; readonly calls: Span[] }>();
    for (const { target: named, role, span } of names.occurrences) {
      if (role !== 'call' || named.kind !== 'symbol' || !isNode(named.symbol, target)) continue;
      const node = holderOf(names, span);
      if (node === undefined) continue;
      const edge = edges.get(`${node.span.start}`) ?? { node, calls: [] };
      edge.calls.push(span);
      edges.set(`${node.span.start}`, edge);
    }
    return [...edges.values()];
  });
}

/** `names`: of the file that the caller stands in. */
export function calleesOf(caller: CallNode, names: Names): readonly CallEdge[] {
  const edges: { readonly symbol: DeclaredSymbol; readonly node: CallNode; readonly calls: Span[] }[] = [];
  for (const { target, role, span } of names.occurrences) {
    if (role !== 'call' || target.kind !== 'symbol' || span.start < caller.span.start || span.end > caller.span.end)
      continue;
    const { symbol } = target;
    const known = edges.find((edge) => sameSymbol(edge.symbol, symbol));
    if (known === undefined) edges.push({ symbol, node: callNode(symbol), calls: [span] });
    else known.calls.push(span);
  }
  return edges;
}

const isNode = (symbol: DeclaredSymbol, { uri, selection }: CallNode): boolean =>
  symbol.uri === uri && symbol.span.start === selection.start;

/** The function, or the CPU or handler, whose text a place is in. */
function holderOf({ source }: Names, span: Span): CallNode | undefined {
  const { file, text } = source.parsed;
  const { uri } = source;
  const body = bodiesOf(file).find(({ block }) => block.span.start <= span.start && span.end <= block.span.end);
  if (body === undefined) return undefined;
  if (body.fn !== undefined)
    return { uri, name: body.fn.name.name, kind: 'fn', span: body.fn.span, selection: body.fn.name.span };
  for (const item of file.items) {
    if (item.kind !== 'scenario') continue;
    const member = item.members.find((one) => 'body' in one && one.body === body.block);
    if (member === undefined) continue;
    const head = text.slice(member.span.start, body.block.span.start).trim();
    return {
      uri,
      name: `${head} of “${item.title.value}”`,
      kind: 'code',
      span: member.span,
      selection: body.block.span,
    };
  }
  return undefined;
}
