/**
 * Reads a litmus test: header, metadata, initial state, program, condition. Never throws; what is wrong or not known
 * comes back as a problem with its place.
 */

import { Cursor, tokenize } from './cursor';
import { parseColumns } from './parseColumns';
import { parseFinal } from './parseCondition';
import { parseInitial } from './parseInitial';
import type { LitmusProblem, LitmusTest, Metadata, Place } from './test';

export type ParseResult =
  | { readonly kind: 'parsed'; readonly test: LitmusTest }
  /** `name` is the test's if the header could be read, else empty. */
  | { readonly kind: 'problem'; readonly name: string; readonly problem: LitmusProblem };

/** Reads the text of one litmus test. */
export function parseLitmus(source: string): ParseResult {
  const text = blankComments(source.replace(/^\uFEFF/, ''));
  const header = /^\s*(\S+)[ \t]+(\S+)[^\n]*/.exec(text);
  if (header === null) return problem('', text, 0, 'expected a header such as `AArch64 NAME` in the first line');
  const [, architecture, name] = header as unknown as [string, string, string];
  if (architecture !== 'AArch64') {
    return problem(
      name,
      text,
      text.indexOf(architecture),
      `expected the architecture AArch64, found \`${architecture}\``,
    );
  }
  const symbolic = /%[a-z]\w*/i.exec(text);
  if (symbolic !== null)
    return problem(name, text, symbolic.index, `symbolic registers, ${symbolic[0]}`, 'unsupported');
  const open = text.indexOf('{', header[0].length);
  const close = open < 0 ? -1 : closingBrace(text, open);
  if (close < 0) return problem(name, text, header[0].length, 'expected the initial state between `{` and `}`');
  const metadata = readMetadata(text.slice(0, open), header[0].length);
  const start = programEnd(text, close + 1);
  const initial = section(text, open + 1, close);
  const final = section(text, start, finalEnd(text, start));
  const columns = parseColumns(text.slice(close + 1, start), placeAt(text, close + 1));
  const parts = { initial: parseInitial(initial), ...parseFinal(final) };
  const found = initial.problem ?? columns.problem ?? final.problem;
  if (found !== undefined) return { kind: 'problem', name, problem: found };
  return { kind: 'parsed', test: { name, metadata, columns: columns.columns, ...parts } };
}

/** Replaces comments, which may be nested, by blanks, so that every place stays where it was. */
function blankComments(text: string): string {
  if (!text.includes('(*')) return text;
  const parts: string[] = [];
  let depth = 0;
  let kept = 0;
  for (const { 0: mark, index } of text.matchAll(/\(\*|\*\)/g)) {
    if (mark === '*)' && depth === 0) continue;
    const part = text.slice(kept, index);
    parts.push(depth === 0 ? part : part.replace(/[^\n]/g, ' '), '  ');
    kept = index + 2;
    depth += mark === '(*' ? 1 : -1;
  }
  const rest = text.slice(kept);
  parts.push(depth === 0 ? rest : rest.replace(/[^\n]/g, ' '));
  return parts.join('');
}

function readMetadata(head: string, from: number): readonly Metadata[] {
  const metadata: Metadata[] = [];
  for (const match of head.slice(from).matchAll(/^[ \t]*([A-Za-z][\w-]*)[ \t]*=[ \t]*(.*?)[ \t\r]*$/gm)) {
    const [, key, value] = match as unknown as [string, string, string];
    metadata.push({ key, value, ...placeAt(head, from + match.index) });
  }
  return metadata;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

const finalWord = /\s*(?:(?:locations|filter|exists|forall|final|observed|not\s+exists)\b(?!\s*:)|~\s*exists\b|\()/iy;

/** Where the rows of the program end: each ends with a semicolon, the final part begins with one of its words. */
function programEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    finalWord.lastIndex = at;
    if (finalWord.test(text)) return at;
    const next = text.indexOf(';', at);
    if (next < 0) return text.slice(at).trim() === '' ? text.length : endOfRows(text, at);
    at = next + 1;
  }
}

/** A last row without its semicolon belongs to the program, so that the message is about the row. */
function endOfRows(text: string, from: number): number {
  const match = /^[ \t]*(?:locations|filter|exists|forall|~\s*exists|not\s+exists)\b/im.exec(text.slice(from));
  return match === null ? text.length : from + match.index;
}

/** Some tests carry herd7's own summary after the condition. */
function finalEnd(text: string, from: number): number {
  const summary = /^\s*Observation\s/m.exec(text.slice(from));
  return summary === null ? text.length : from + summary.index;
}

function section(text: string, from: number, to: number): Cursor {
  return new Cursor(tokenize(text.slice(from, to), placeAt(text, from)));
}

/** Line and column of an offset, both from 1. */
function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function problem(
  name: string,
  text: string,
  offset: number,
  message: string,
  kind: LitmusProblem['kind'] = 'syntax',
): ParseResult {
  return { kind: 'problem', name, problem: { kind, message, ...placeAt(text, offset) } };
}
