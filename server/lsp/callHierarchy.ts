/** Call hierarchy: requests and answers of the protocol around the feature. */

import { type CallHierarchyItem, type Connection, SymbolKind } from 'vscode-languageserver';
import { type CallNode, calleesOf, callersOf, callNode } from '../features/callHierarchy';
import { symbolAt } from '../features/occurrences';
import { type Names, resolveNames } from '../language/names';
import { toOffset, toRange, toSpan } from './convert';
import type { Documents } from './documents';

export function answerCallHierarchy(connection: Connection, documents: Documents): void {
  connection.languages.callHierarchy.onPrepare(({ textDocument, position }) => {
    const analysis = documents.analysisOf(textDocument.uri);
    if (analysis === undefined) return null;
    const symbol = symbolAt(analysis.names, toOffset(analysis.source.parsed, position));
    if (symbol?.kind !== 'fn') return null;
    const files = filesOf(documents);
    return itemsOf(files, callNode(symbol));
  });
  connection.languages.callHierarchy.onIncomingCalls(({ item }) => {
    const files = filesOf(documents);
    const node = nodeOf(files, item);
    if (node === undefined) return null;
    return callersOf(node, [...files.values()]).flatMap((edge) => {
      const text = files.get(edge.node.uri)?.source.parsed;
      if (text === undefined) return [];
      const fromRanges = edge.calls.map((span) => toRange(text, span));
      return itemsOf(files, edge.node).map((from) => ({ from, fromRanges }));
    });
  });
  connection.languages.callHierarchy.onOutgoingCalls(({ item }) => {
    const files = filesOf(documents);
    const node = nodeOf(files, item);
    const names = node && files.get(node.uri);
    if (node === undefined || names === undefined) return null;
    return calleesOf(node, names).flatMap((edge) => {
      const fromRanges = edge.calls.map((span) => toRange(names.source.parsed, span));
      return itemsOf(files, edge.node).map((to) => ({ to, fromRanges }));
    });
  });
}

/** The open files with what they use and the library, each resolved by itself. */
function filesOf(documents: Documents): ReadonlyMap<string, Names> {
  const files = new Map<string, Names>();
  for (const { uri, names } of documents.open) files.set(uri, names);
  for (const { surroundings } of [...files.values()]) {
    for (const source of [...surroundings.used, ...surroundings.library])
      if (!files.has(source.uri)) files.set(source.uri, resolveNames(source, surroundings));
  }
  return files;
}

function itemsOf(
  files: ReadonlyMap<string, Names>,
  { uri, name, kind, span, selection }: CallNode,
): CallHierarchyItem[] {
  const text = files.get(uri)?.source.parsed;
  if (text === undefined) return [];
  return [
    {
      name,
      kind: kind === 'fn' ? SymbolKind.Function : SymbolKind.Namespace,
      uri,
      range: toRange(text, span),
      selectionRange: toRange(text, selection),
    },
  ];
}

function nodeOf(files: ReadonlyMap<string, Names>, item: CallHierarchyItem): CallNode | undefined {
  const text = files.get(item.uri)?.source.parsed;
  if (text === undefined) return undefined;
  const kind = item.kind === SymbolKind.Function ? 'fn' : 'code';
  const { name, uri } = item;
  return { uri, name, kind, span: toSpan(text, item.range), selection: toSpan(text, item.selectionRange) };
}
