/** What the features answer as the Language Server Protocol's types. */

import {
  type CompletionItem,
  CompletionItemKind,
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  InsertTextFormat,
  type Location,
  type LocationLink,
  type SignatureHelp as LspSignatureHelp,
  MarkupKind,
  type SemanticTokens,
  SemanticTokensBuilder,
  SymbolKind,
  type WorkspaceSymbol,
} from 'vscode-languageserver';
import type { Completion, CompletionKind } from '../features/completion';
import type { FoundSymbol, OutlineKind, OutlineNode } from '../features/documentSymbols';
import type { Fold } from '../features/folding';
import type { Definition, Location as Found, Highlight } from '../features/occurrences';
import { type SemanticToken, semanticTokenModifiers, semanticTokenTypes } from '../features/semanticTokens';
import type { SignatureHelp } from '../features/signatureHelp';
import { type Lines, toPosition, toRange } from './convert';

/** The text of a URI: positions in other files need its lines. */
export type TextOf = (uri: string) => Lines | undefined;

const completionKinds: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  function: CompletionItemKind.Function,
  primitive: CompletionItemKind.Operator,
  method: CompletionItemKind.Method,
  field: CompletionItemKind.Field,
  constant: CompletionItemKind.Constant,
  variable: CompletionItemKind.Variable,
  lock: CompletionItemKind.Variable,
  page: CompletionItemKind.Class,
  interrupt: CompletionItemKind.Event,
  word: CompletionItemKind.EnumMember,
  outcome: CompletionItemKind.EnumMember,
  switch: CompletionItemKind.Property,
};

export function toCompletion(text: Lines, one: Completion): CompletionItem {
  return {
    label: one.label,
    kind: completionKinds[one.kind],
    detail: one.detail,
    documentation: { kind: MarkupKind.Markdown, value: one.markdown },
    sortText: `${one.rank}${one.label}`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range: toRange(text, one.replace), newText: one.snippet },
  };
}

export function toSignatureHelp({ label, parameters, doc, active }: SignatureHelp): LspSignatureHelp {
  const signature = {
    label,
    parameters: parameters.map((parameter) => ({ label: parameter })),
    documentation: { kind: MarkupKind.Markdown, value: doc },
  };
  return { signatures: [signature], activeSignature: 0, activeParameter: active };
}

export function toLocation(textOf: TextOf, { uri, span }: Found): Location[] {
  const text = textOf(uri);
  return text === undefined ? [] : [{ uri, range: toRange(text, span) }];
}

export function toLink(textOf: TextOf, from: Lines, { uri, span, extent, origin }: Definition): LocationLink[] {
  const text = textOf(uri);
  if (text === undefined) return [];
  return [
    {
      originSelectionRange: toRange(from, origin),
      targetUri: uri,
      targetRange: toRange(text, extent),
      targetSelectionRange: toRange(text, span),
    },
  ];
}

export function toHighlight(text: Lines, { span, kind }: Highlight): DocumentHighlight {
  return {
    range: toRange(text, span),
    kind: kind === 'write' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  };
}

const symbolKinds: Readonly<Record<OutlineKind | FoundSymbol['kind'], SymbolKind>> = {
  machine: SymbolKind.Object,
  hugepage: SymbolKind.Class,
  page: SymbolKind.Class,
  lock: SymbolKind.Object,
  var: SymbolKind.Variable,
  const: SymbolKind.Constant,
  fn: SymbolKind.Function,
  scenario: SymbolKind.Module,
  cpu: SymbolKind.Namespace,
  interrupt: SymbolKind.Event,
  hook: SymbolKind.Event,
  expectation: SymbolKind.Boolean,
  parameter: SymbolKind.Variable,
  local: SymbolKind.Variable,
  register: SymbolKind.Variable,
};

export function toDocumentSymbol(text: Lines, node: OutlineNode): DocumentSymbol {
  return {
    name: node.name,
    detail: node.detail,
    kind: symbolKinds[node.kind],
    range: toRange(text, node.span),
    selectionRange: toRange(text, node.selection),
    children: node.children.map((child) => toDocumentSymbol(text, child)),
  };
}

export function toWorkspaceSymbol(textOf: TextOf, found: FoundSymbol): WorkspaceSymbol[] {
  return toLocation(textOf, found).map((location) => ({
    name: found.name,
    kind: symbolKinds[found.kind],
    location,
    ...(found.container === '' ? {} : { containerName: found.container }),
  }));
}

export function toFoldingRange({ startLine, endLine, kind }: Fold): FoldingRange {
  return { startLine, endLine, ...(kind === 'comment' ? { kind: FoldingRangeKind.Comment } : {}) };
}

export const semanticTokensLegend = {
  tokenTypes: [...semanticTokenTypes],
  tokenModifiers: [...semanticTokenModifiers],
};

export function toSemanticTokens(text: Lines, tokens: readonly SemanticToken[]): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { span, type, modifiers } of tokens) {
    const { line, character } = toPosition(text, span.start);
    const bits = modifiers.reduce((sum, modifier) => sum | (1 << semanticTokenModifiers.indexOf(modifier)), 0);
    builder.push(line, character, span.end - span.start, semanticTokenTypes.indexOf(type), bits);
  }
  return builder.build();
}
