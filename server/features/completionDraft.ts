/** One completion, and how rows of the tables and declared names become one. */

import type { Names } from '../language/names';
import type { DeclaredSymbol } from '../language/names/symbol';
import type { Row } from '../language/rows';
import type { Completion, CompletionKind } from './completion';
import { asMarkdown, describeRow, describeTarget } from './describe';
import { parsedIn } from './hover';
import { editorSnippet } from './snippet';

/** A completion before it is known what it replaces. */
export type Draft = Omit<Completion, 'replace'>;

const escaped = (text: string): string => text.replace(/[$\\}]/g, '\\$&');

export const word = (
  label: string,
  kind: CompletionKind,
  detail: string,
  markdown: string,
  rank: Draft['rank'] = 0,
): Draft => ({
  label,
  kind,
  detail,
  markdown,
  snippet: escaped(label),
  rank,
});

export function rowDraft(row: Row, rank: Draft['rank'] = 0): Draft {
  const markdown = asMarkdown(describeRow(row));
  return { label: row.keyword, kind: 'keyword', detail: row.form, markdown, snippet: editorSnippet(row.snippet), rank };
}

export function functionDraft(
  name: string,
  parameters: readonly string[],
  doc: string,
  kind: CompletionKind,
  rank: Draft['rank'],
): Draft {
  const list = parameters.map((parameter) => `‹${parameter}›`).join(', ');
  return {
    ...word(name, kind, `${name}(${parameters.join(', ')})`, doc, rank),
    snippet: editorSnippet(`${name}(${list})`),
  };
}

const kinds: Readonly<Record<DeclaredSymbol['kind'], CompletionKind>> = {
  hugepage: 'page',
  page: 'page',
  lock: 'lock',
  var: 'variable',
  const: 'constant',
  fn: 'function',
  scenario: 'word',
  interrupt: 'interrupt',
  parameter: 'variable',
  local: 'variable',
  register: 'variable',
};

export function symbolDraft(names: Names, symbol: DeclaredSymbol, called: boolean): Draft {
  const description = describeTarget({ kind: 'symbol', symbol }, parsedIn(names));
  const parameters = symbol.fn?.parameters.map((parameter) => parameter.name) ?? [];
  const isOwn = symbol.uri === names.source.uri;
  const list = parameters.map((parameter) => `‹${parameter}›`).join(', ');
  const text = symbol.kind === 'fn' && called ? `${symbol.name}(${list})` : symbol.name;
  return {
    ...word(symbol.name, kinds[symbol.kind], asOneLine(description.form), asMarkdown(description), isOwn ? 0 : 2),
    snippet: editorSnippet(text),
  };
}

export const asOneLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 120);
