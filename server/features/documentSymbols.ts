/** The outline of a file, and symbols of many files by a part of their name. */

import type { Declaration, Item, ScenarioMember, Span } from '../language/ast';
import { fileSymbols } from '../language/names/declare';
import type { DeclaredSymbol, Source } from '../language/names/symbol';
import type { ParsedFile } from '../language/parse';
import type { Location } from './occurrences';

export type OutlineKind =
  | 'machine'
  | 'hugepage'
  | 'page'
  | 'lock'
  | 'var'
  | 'const'
  | 'fn'
  | 'scenario'
  | 'cpu'
  | 'interrupt'
  | 'hook'
  | 'expectation';

export interface OutlineNode {
  readonly name: string;
  /** Parameters, the kind of a lock, and the like. */
  readonly detail: string;
  readonly kind: OutlineKind;
  readonly span: Span;
  /** What is selected when one goes there. */
  readonly selection: Span;
  readonly children: readonly OutlineNode[];
}

export function documentSymbols({ file, text }: ParsedFile): readonly OutlineNode[] {
  return file.items.flatMap((item) => outlineOf(item, text));
}

function outlineOf(item: Item, text: string): readonly OutlineNode[] {
  if (item.kind === 'use' || item.kind === 'bad') return [];
  if (item.kind !== 'scenario') return declarationOutline(item);
  const children = item.members.flatMap((member) => memberOutline(member, text));
  const name = item.title.value === '' ? 'scenario' : item.title.value;
  const selection = item.title.span.end > item.title.span.start ? item.title.span : item.keyword;
  return [{ name, detail: 'scenario', kind: 'scenario', span: item.span, selection, children }];
}

function declarationOutline(item: Declaration): readonly OutlineNode[] {
  const { span, kind } = item;
  if (item.kind === 'machine') {
    const detail = item.settings.map(({ name, value }) => `${name.name} ${value.text}`).join('  ');
    return [{ name: 'machine', detail, kind: 'machine', span, selection: item.keyword, children: [] }];
  }
  const { name } = item.name;
  const shown = name === '' ? '(no name)' : name;
  const selection = name === '' ? item.keyword : item.name.span;
  return [{ name: shown, detail: detailOf(item), kind, span, selection, children: [] }];
}

function detailOf(item: Exclude<Declaration, { kind: 'machine' }>): string {
  switch (item.kind) {
    case 'fn':
      return `(${item.parameters.map((parameter) => parameter.name).join(', ')})`;
    case 'lock':
      return item.lockKind ?? 'lock';
    case 'hugepage':
      return `huge page, vmemmap ${item.vmemmap ?? '?'}`;
    case 'page':
      return 'page';
    case 'var':
      return 'shared word';
    case 'const':
      return 'constant';
  }
}

function memberOutline(member: ScenarioMember, text: string): readonly OutlineNode[] {
  const { span } = member;
  switch (member.kind) {
    case 'cpu': {
      const { first, last } = member.cpus;
      const name = first === last ? `cpu ${Math.max(first, 0)}` : `cpu ${first}..${last}`;
      return [{ name, detail: '', kind: 'cpu', span, selection: member.keyword, children: [] }];
    }
    case 'interrupt': {
      const name = `${member.delivery} ${member.name.name}`;
      return [
        {
          name,
          detail: `cpu ${Math.max(member.cpus.first, 0)}`,
          kind: 'interrupt',
          span,
          selection: member.keyword,
          children: [],
        },
      ];
    }
    case 'onFault':
      return [
        {
          name: `on fault ${member.handler.name}`,
          detail: '',
          kind: 'hook',
          span,
          selection: member.keyword,
          children: [],
        },
      ];
    case 'expectation': {
      const name = text.slice(span.start, span.end).replace(/\s+/g, ' ').trim();
      return [{ name, detail: '', kind: 'expectation', span, selection: member.keyword, children: [] }];
    }
    case 'bad':
      return [];
    default:
      return declarationOutline(member);
  }
}

export interface FoundSymbol extends Location {
  readonly name: string;
  readonly kind: DeclaredSymbol['kind'];
  /** The title of the scenario that it belongs to, or ''. */
  readonly container: string;
}

/** Symbols whose name has the letters of the query in order; those that begin with it first. At most 500. */
export function workspaceSymbols(files: readonly Source[], query: string): readonly FoundSymbol[] {
  const wanted = query.toLowerCase();
  const found: FoundSymbol[] = [];
  for (const source of files) {
    const { top, titles, scenarios } = fileSymbols(source);
    for (const symbol of [...top, ...titles]) if (hasLetters(symbol.name, wanted)) found.push(foundSymbol(symbol, ''));
    for (const [scenario, members] of scenarios) {
      for (const symbol of members)
        if (hasLetters(symbol.name, wanted)) found.push(foundSymbol(symbol, scenario.title.value));
    }
  }
  const begins = (name: string): number => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => begins(a.name) - begins(b.name)).slice(0, maximumFound);
}

const maximumFound = 500;

const foundSymbol = ({ name, kind, uri, span }: DeclaredSymbol, container: string): FoundSymbol => ({
  name,
  kind,
  uri,
  span,
  container,
});

function hasLetters(name: string, wanted: string): boolean {
  let at = 0;
  for (const letter of name.toLowerCase()) if (letter === wanted[at]) at++;
  return at >= wanted.length;
}
