/** Where a position in a text stands, by its tokens: it works in the middle of a word that is being typed. */

import type { Span } from '../language/ast';
import type { ParsedFile } from '../language/parse';
import { type Token, tokenize } from '../language/tokens';

export interface CursorContext {
  /** What the innermost open brace holds. */
  readonly block: 'top' | 'scenario' | 'machine' | 'hugepage' | 'body';
  /** The tokens of the statement, member or item before the word. */
  readonly before: readonly Token[];
  /** The word at the position, as far as it is typed; empty where none is. */
  readonly word: Span;
  /** The innermost call whose parentheses are open. */
  readonly call: OpenCall | undefined;
}

export interface OpenCall {
  readonly name: string;
  /** Behind a `.`: a member of something. */
  readonly member: boolean;
  /** Offset of the first character of the name. */
  readonly start: number;
  /** Which argument, counted from 0. */
  readonly argument: number;
}

/** Undefined in comments and texts. */
export function cursorContext({ text }: ParsedFile, offset: number): CursorContext | undefined {
  const { tokens, comments } = tokenize(text);
  if (
    comments.some(
      ({ span, kind }) => span.start < offset && (offset < span.end || (kind === 'line' && offset === span.end)),
    )
  ) {
    return undefined;
  }
  if (tokens.some((token) => token.kind === 'string' && token.start < offset && offset < token.end)) return undefined;
  const word = wordAt(tokens, offset);
  const earlier = tokens.filter((token) => token.end <= word.start && token.kind !== 'end');
  const { block, before } = statementBefore(earlier, beginsLine(text, word.start));
  return { block, before, word, call: openCall(before) };
}

function wordAt(tokens: readonly Token[], offset: number): Span {
  const token = tokens.find(
    ({ kind, start, end }) => (kind === 'name' || kind === 'number') && start < offset && offset <= end,
  );
  return token === undefined ? { start: offset, end: offset } : { start: token.start, end: offset };
}

function beginsLine(text: string, offset: number): boolean {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim() === '';
}

/** Marks behind which a line goes on. */
const goesOn: ReadonlySet<string> = new Set([
  '=',
  ',',
  '(',
  '||',
  '&&',
  '|',
  '&',
  '+',
  '-',
  '*',
  '/',
  '?',
  ':',
  '=>',
  '.',
  '->',
  '==',
  '!=',
]);

function statementBefore(
  tokens: readonly Token[],
  onNewLine: boolean,
): { readonly block: CursorContext['block']; readonly before: readonly Token[] } {
  const blocks: CursorContext['block'][] = [];
  let before: Token[] = [];
  let parentheses = 0;
  for (const token of tokens) {
    const last = before.at(-1);
    if (token.firstOfLine && parentheses === 0 && last !== undefined && !goesOn.has(last.text) && token.text !== '{')
      before = [];
    if (token.text === '(') parentheses++;
    if (token.text === ')') parentheses = Math.max(0, parentheses - 1);
    if (token.text === '{' || token.text === '}' || token.text === ';') {
      if (token.text === '{') blocks.push(blockOf(before[0]?.text, blocks.at(-1)));
      if (token.text === '}') blocks.pop();
      // Only the head of a `for` has semicolons between parentheses.
      if (token.text !== ';' || parentheses === 0 || before[0]?.text !== 'for') {
        before = [];
        parentheses = 0;
        continue;
      }
    }
    before.push(token);
  }
  const last = before.at(-1);
  if (onNewLine && parentheses === 0 && last !== undefined && !goesOn.has(last.text)) before = [];
  return { block: blocks.at(-1) ?? 'top', before };
}

function blockOf(head: string | undefined, outer: CursorContext['block'] | undefined): CursorContext['block'] {
  if (outer === 'body') return 'body';
  if (head === 'scenario' || head === 'machine' || head === 'hugepage') return head;
  return 'body';
}

function openCall(before: readonly Token[]): OpenCall | undefined {
  let depth = 0;
  let argument = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const token = before[i] as Token;
    if (token.text === ')') depth++;
    else if (token.text === ',' && depth === 0) argument++;
    else if (token.text === '(' && depth > 0) depth--;
    else if (token.text === '(') {
      const name = before[i - 1];
      if (name?.kind === 'name') {
        const mark = before[i - 2]?.text;
        return { name: name.text, member: mark === '.' || mark === '->', start: name.start, argument };
      }
      argument = 0;
    }
  }
  return undefined;
}
