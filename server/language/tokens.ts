/** Text to tokens. Every text gives a list that ends with `end`; what is no token is left out with a diagnostic. */

import type { Comment } from './ast';
import type { Diagnostic } from './diagnostic';
import { limits } from './limits';

export type TokenKind = 'name' | 'number' | 'string' | 'punctuation' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** As written; '' for `end`. */
  readonly text: string;
  /** It is the first of its line. */
  readonly firstOfLine: boolean;
}

/** A part of a text, to be read as if nothing else were there. */
export interface TextPart {
  readonly from: number;
  readonly to: number;
  /** Its first token is the first of its line. */
  readonly firstOfLine: boolean;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
  readonly diagnostics: readonly Diagnostic[];
  /** What was read last does not end before the part of the text does. */
  readonly goesOn: boolean;
}

/** Longest first, so that the first that fits is the right one. */
const punctuation = [
  ...['<<=', '>>='],
  ...['=>', '==', '!=', '<=', '>=', '<<', '>>', '&&', '||', '->', '..', '++', '--'],
  ...['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='],
  ...'{}()[];,.:?=<>!~+-*/%&|^'.split(''),
];

const punctuationByFirst = new Map<number, readonly string[]>();
for (const mark of punctuation) {
  const first = mark.charCodeAt(0);
  punctuationByFirst.set(first, [...(punctuationByFirst.get(first) ?? []), mark]);
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isLetter = (unit: number): boolean => (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 95;

export function tokenize(text: string, part?: TextPart): Tokens {
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  const diagnostics: Diagnostic[] = [];
  const end = part?.to ?? text.length;
  let at = part?.from ?? 0;
  let firstOfLine = part?.firstOfLine ?? true;

  const push = (kind: TokenKind, to: number): void => {
    tokens.push({ kind, start: at, end: to, text: text.slice(at, to), firstOfLine });
    firstOfLine = false;
    at = to;
  };
  const say = (code: string, to: number, message: string): void => {
    diagnostics.push({ code, severity: 'error', span: { start: at, end: to }, message });
  };

  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit === 10 || unit === 13) {
      firstOfLine = true;
      at++;
    } else if (unit === 32 || unit === 9 || (unit === 0xfeff && at === 0)) {
      at++;
    } else if (isLetter(unit)) {
      push('name', endOfWord(text, at));
    } else if (isDigit(unit)) {
      push('number', endOfWord(text, at));
    } else if (unit === 34) {
      const close = endOfString(text, at);
      if (close.open) say('HVO002', close.end, 'This text has no closing `"` on its line.');
      push('string', close.end);
    } else if (unit === 47 && text.charCodeAt(at + 1) === 47) {
      const to = endOfLine(text, at);
      comments.push({ kind: 'line', text: text.slice(at, to), span: { start: at, end: to } });
      at = to;
    } else if (unit === 47 && text.charCodeAt(at + 1) === 42) {
      const close = text.indexOf('*/', at + 2);
      const to = close < 0 ? text.length : close + 2;
      if (close < 0) say('HVO003', at + 2, 'This comment has no closing `*/`; the rest of the file belongs to it.');
      const body = text.slice(at, to);
      comments.push({ kind: 'block', text: body, span: { start: at, end: to } });
      if (body.includes('\n')) firstOfLine = true;
      at = to;
    } else if (unit === 35 && firstOfLine) {
      const to = endOfDirective(text, at);
      const constant = constantOf(text.slice(at, to));
      if (diagnostics.length < limits.diagnostics) diagnostics.push(directive(text, at, to, constant));
      if (constant === undefined) at = to;
      else {
        // Read as the declaration that it means, so that nothing follows from it.
        const name = at + constant.start;
        tokens.push({ kind: 'name', start: at, end: name, text: 'const', firstOfLine: true });
        at = name;
        firstOfLine = false;
        push('name', endOfWord(text, at));
        tokens.push({ kind: 'punctuation', start: at, end: at, text: '=', firstOfLine: false });
      }
    } else {
      const mark = punctuationByFirst.get(unit)?.find((candidate) => text.startsWith(candidate, at));
      if (mark !== undefined) {
        push('punctuation', at + mark.length);
      } else {
        const to = endOfForeign(text, at);
        if (diagnostics.length < limits.diagnostics) say('HVO001', to, foreignMessage(text.slice(at, to)));
        at = to;
      }
    }
  }
  const goesOn = at > end;
  at = end;
  push('end', end);
  return { tokens, comments, diagnostics, goesOn };
}

function endOfWord(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (!isLetter(unit) && !isDigit(unit)) break;
  }
  return at;
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 10 || unit === 13) return at;
  }
  return text.length;
}

/** A line of the preprocessor, with the lines that a backslash adds to it. */
function endOfDirective(text: string, from: number): number {
  let at = endOfLine(text, from);
  while (text[at - 1] === '\\' && at < text.length) at = endOfLine(text, at + (text.startsWith('\r\n', at) ? 2 : 1));
  return at;
}

interface Constant {
  /** Where the name begins. */
  readonly start: number;
  readonly name: string;
  readonly value: string;
}

/** `#define N 4` as the constant that it means; undefined for other lines of the preprocessor. */
function constantOf(line: string): Constant | undefined {
  const [, head = '', name, value] = /^(#\s*define\s+)([A-Za-z_]\w*)\s+([^\\]*[^\\\s])\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? undefined : { start: head.length, name, value };
}

function directive(text: string, start: number, end: number, constant: Constant | undefined): Diagnostic {
  const base = { code: 'HVO017', severity: 'error' } as const;
  if (constant !== undefined) {
    const { name, value } = constant;
    const message = `There is no preprocessor: \`const ${name} = …\` declares a constant.`;
    const edits = [
      { span: { start, end: start + text.slice(start, end).trimEnd().length }, text: `const ${name} = ${value}` },
    ];
    return {
      ...base,
      span: { start, end: start + constant.start + name.length },
      message,
      fix: { title: 'Use `const`', edits },
    };
  }
  const message = /^#\s*el/.test(text.slice(start, end))
    ? 'There is no preprocessor, so that both branches would stand here: leave this line out, and the branch that is not meant.'
    : 'There is no preprocessor: leave the line out; a macro with parameters is a `fn`, and `use "file.hvo"` includes a file.';
  return {
    ...base,
    span: { start, end },
    message,
    fix: { title: 'Remove the line', edits: [{ span: { start, end }, text: '' }] },
  };
}

/** A string ends at its quote; `\"` and `\\` are characters of it. */
function endOfString(text: string, from: number): { readonly end: number; readonly open: boolean } {
  for (let at = from + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 34) return { end: at + 1, open: false };
    if (unit === 10 || unit === 13) return { end: from + openStringLength(text.slice(from, at)), open: true };
    if (unit === 92 && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
  }
  return { end: from + openStringLength(text.slice(from)), open: true };
}

/** A brace at the end of the line is more likely the block that follows than part of the text. */
function openStringLength(line: string): number {
  return line.trimEnd().endsWith('{') ? line.slice(0, line.lastIndexOf('{')).trimEnd().length : line.length;
}

/** A run of characters that begin no token is one mistake, not many. */
function endOfForeign(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit <= 32 || unit === 34 || isLetter(unit) || isDigit(unit) || punctuationByFirst.has(unit)) break;
  }
  return at;
}

function foreignMessage(found: string): string {
  const shown = found.length > 20 ? `${found.slice(0, 20)}…` : found;
  const quotes = /^['`‘’“”]/.test(found) ? ' Texts stand in straight double quotes: "title".' : '';
  return `\`${shown}\` means nothing here.${quotes}`;
}

/** The characters between the quotes of a string token. */
export function stringValue(token: Token): string {
  const closed = token.text.length > 1 && token.text.endsWith('"');
  return token.text.slice(1, closed ? -1 : undefined).replace(/\\(["\\])/g, '$1');
}

const suffixes: ReadonlyMap<string, bigint> = new Map([
  ['K', 10n],
  ['M', 20n],
  ['G', 30n],
  ['T', 40n],
]);

/** The value of a number token, or why it has none. */
export function numberValue(text: string): bigint | string {
  if (text.length > limits.numberLength) return `A number has at most ${limits.numberLength} digits, and 64 bits.`;
  const suffix = suffixes.get(text.at(-1) ?? '');
  const digits = (suffix === undefined ? text : text.slice(0, -1)).replaceAll('_', '');
  if (!/^(\d+|0[xX][0-9a-fA-F]+|0[bB][01]+)$/.test(digits)) {
    return `\`${text}\` is no number: 12, 0x1_0000, 0b101, or with K, M, G or T behind it.`;
  }
  const value = BigInt(digits) << (suffix ?? 0n);
  return value < 1n << 64n ? value : `\`${text}\` does not fit into 64 bits.`;
}
