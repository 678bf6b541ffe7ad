/** Quick fixes as edits of the user's text. */

import type { Block, CallExpression, Expression, FunctionItem, Span, Statement } from '../language/ast';
import type { Edit, Fix } from '../language/diagnostic';
import type { Place, Source } from '../language/elaborate/source';
import { lineAt } from '../language/lines';
import { blocksOf, bodiesOf, visitBlock } from '../language/walk';

/** A statement, the block that it stands in, and the function that holds it. */
export interface Standing {
  readonly source: Source;
  readonly statement: Statement;
  readonly block: Block;
  readonly index: number;
  readonly fn?: FunctionItem;
}

/** The innermost statement at a place. */
export function statementAt({ source, span }: Place): Standing | undefined {
  const holds = (outer: Span) => outer.start <= span.start && span.end <= outer.end;
  let found: Standing | undefined;
  const search = (block: Block, fn: FunctionItem | undefined): void => {
    block.statements.forEach((statement, index) => {
      if (!holds(statement.span)) return;
      found = { source, statement, block, index, ...(fn === undefined ? {} : { fn }) };
      for (const inner of blocksOf(statement)) search(inner, fn);
    });
  };
  for (const { block, fn } of bodiesOf(source.parsed.file)) if (holds(block.span)) search(block, fn);
  return found;
}

/** Puts statements before the one at a place, on lines of their own where it has a line of its own. */
export function insertBefore(place: Place, statements: readonly string[]): readonly Edit[] {
  const standing = statementAt(place);
  if (standing === undefined) return [];
  const { statement, block, source } = standing;
  const { start, end } = statement.span;
  const { text } = source.parsed;
  if (!block.braced) {
    const close = text[end] === ';' ? end + 1 : end;
    return [edit(start, start, `{ ${inLine(statements)} `), edit(close, close, ' }')];
  }
  const lineStart = startOfLine(source, start);
  const indent = text.slice(lineStart, start);
  if (indent.trim() !== '') return [edit(start, start, `${inLine(statements)} `)];
  return [edit(lineStart, lineStart, statements.map((one) => `${indent}${one};\n`).join(''))];
}

/** Puts statements behind the one at a place. */
export function insertAfter(place: Place, statements: readonly string[]): readonly Edit[] {
  const standing = statementAt(place);
  if (standing === undefined) return [];
  const { statement, block, source } = standing;
  const { text } = source.parsed;
  const { start, end } = statement.span;
  const semicolon = /^\s*;/.exec(text.slice(end));
  const close = semicolon === null ? end : end + semicolon[0].length;
  if (!block.braced) return [edit(start, start, '{ '), edit(close, close, ` ${inLine(statements)} }`)];
  const lineStart = startOfLine(source, start);
  const indent = text.slice(lineStart, start);
  const rest = /^[^\n\r]*/.exec(text.slice(close))?.[0] ?? '';
  const ownLine = indent.trim() === '' && /^\s*(\/\/.*)?$/.test(rest);
  if (!ownLine) return [edit(close, close, `${semicolon === null ? ';' : ''} ${inLine(statements)}`)];
  const lineEnd = close + rest.length;
  return [edit(lineEnd, lineEnd, statements.map((one) => `\n${indent}${one};`).join(''))];
}

/** Takes a statement away, with its line when nothing else stands there. */
export function removeStatement(place: Place): readonly Edit[] {
  const standing = statementAt(place);
  if (standing === undefined) return [];
  const { source, statement } = standing;
  const { text } = source.parsed;
  const semicolon = /^\s*;/.exec(text.slice(statement.span.end));
  const end = statement.span.end + (semicolon?.[0].length ?? 0);
  const lineStart = startOfLine(source, statement.span.start);
  const before = text.slice(lineStart, statement.span.start);
  const rest = /^[^\n\r]*\r?\n?/.exec(text.slice(end))?.[0] ?? '';
  if (before.trim() === '' && rest.trim() === '') return [edit(lineStart, end + rest.length, '')];
  return [edit(statement.span.start, end + (/^ */.exec(text.slice(end))?.[0].length ?? 0), '')];
}

/** The statement at a place goes before, or behind, another one; none where the two do not stand in one block. */
export function moveStatement(place: Place, where: 'before' | 'behind', target: Place): readonly Edit[] {
  const [own, other] = [statementAt(place), statementAt(target)];
  if (own === undefined || own.block !== other?.block || !own.block.braced || own.statement === other.statement)
    return [];
  const { start, end } = own.statement.span;
  const text = own.source.parsed.text.slice(start, end);
  const inserted = where === 'before' ? insertBefore(target, [text]) : insertAfter(target, [text]);
  return [...removeStatement(place), ...inserted];
}

export function replace(span: Span, text: string): Edit {
  return { span, text };
}

/** A fix, when there is anything to edit. */
export function fix(title: string, edits: readonly Edit[]): { readonly fix?: Fix } {
  return edits.length === 0 ? {} : { fix: { title, edits } };
}

/** The first call of a function in a statement. */
export function callIn(place: Place, isCallee: (name: string) => boolean): CallExpression | undefined {
  const standing = statementAt(place);
  if (standing === undefined) return undefined;
  let found: CallExpression | undefined;
  const block: Block = { statements: [standing.statement], braced: true, span: standing.statement.span };
  visitBlock(block, (expression) => {
    if (found === undefined && expression.kind === 'call' && isCallee(calleeName(expression))) found = expression;
  });
  return found;
}

export function calleeName({ callee }: CallExpression): string {
  return callee.kind === 'name' ? callee.name : '';
}

export function textOf(source: Source, { span }: Expression): string {
  return source.parsed.text.slice(span.start, span.end);
}

function inLine(statements: readonly string[]): string {
  return statements.map((one) => `${one};`).join(' ');
}

function startOfLine({ parsed }: Source, offset: number): number {
  return parsed.lines[lineAt(parsed.lines, offset)] ?? 0;
}

function edit(start: number, end: number, text: string): Edit {
  return { span: { start, end }, text };
}
