/**
 * Text to syntax tree. Never throws and never gives up: every text has a tree, and what is wrong with it is in the
 * diagnostics, one for each mistake. Time and memory are linear in the text, within the bounds of `limits.ts`.
 */

import type { File, Item } from './ast';
import { parseStatement } from './blocks';
import { Cursor, type Grammar } from './cursor';
import { type Diagnostic, inOrder } from './diagnostic';
import { parseFunctionOfC, parseTypedDeclaration } from './foreignC';
import { memberRows } from './items/members';
import { itemRows } from './items/table';
import { limits } from './limits';
import { type LineStarts, lineStarts } from './lines';
import { byKeyword } from './rows';
import { statementRows } from './statements/table';
import { didYouMean, nearest, shown } from './suggest';
import { tokenize } from './tokens';

export interface ParsedFile {
  readonly text: string;
  readonly lines: LineStarts;
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
}

const grammar: Grammar = {
  items: byKeyword(itemRows),
  members: byKeyword(memberRows),
  statements: byKeyword(statementRows),
  foreignStatement: parseTypedDeclaration,
  foreignItem: parseFunctionOfC,
};

export function parse(text: string): ParsedFile {
  if (text.length > limits.textLength) return tooLarge(text);
  const lines = lineStarts(text);
  const { tokens, comments, diagnostics: lexical } = tokenize(text);
  const diagnostics = [...lexical];
  const c = new Cursor(text, lines, tokens, grammar, diagnostics);
  const items: Item[] = [];
  while (!c.atEnd) {
    if (c.accept(';')) continue;
    c.statementStart = c.token.start;
    items.push(parseItem(c));
  }
  const file: File = { kind: 'file', items, comments, span: { start: 0, end: text.length } };
  return { text, lines, file, diagnostics: inOrder(withoutEchoes(diagnostics), c.dropped) };
}

/** One item; takes at least one token. */
function parseItem(c: Cursor): Item {
  const token = c.token;
  const { start } = token;
  if (c.is('}')) {
    c.reportExtraBrace();
    c.take();
    return { kind: 'bad', span: c.from(start) };
  }
  const row = c.grammar.items.get(token.text);
  if (row !== undefined && token.kind === 'name') {
    const item = row.parse(c, c.take());
    endItem(c);
    return item;
  }
  return c.grammar.foreignItem(c) ?? parseMisplaced(c) ?? parseMisspelt(c) ?? parseUnknown(c);
}

function endItem(c: Cursor): void {
  if (c.accept(';') || c.token.firstOfLine || c.atEnd || c.is('}') || c.token.kind === 'name') return;
  c.report('HVO016', c.token, `${shown(c.token.text)} does not belong here: what stands before it is complete.`);
  skipLine(c);
}

function skipLine(c: Cursor): void {
  do c.skipGroup();
  while (!c.atEnd && !c.token.firstOfLine && !c.is('}'));
}

/** Members of a scenario and statements at the top of a file are read, so that one message says it all. */
function parseMisplaced(c: Cursor): Item | undefined {
  const { text, start } = c.token;
  const member = c.grammar.members.get(text);
  if (member !== undefined) {
    c.report('HVO016', c.token, `\`${text}\` belongs into a \`scenario "…" { … }\`.`);
    member.parse(c, c.take());
    return { kind: 'bad', span: c.from(start) };
  }
  if (!c.grammar.statements.has(text) && !(c.token.kind === 'name' && isCallOrAssignment(c.ahead(1).text)))
    return undefined;
  c.report('HVO016', c.token, 'Statements belong into `cpu N { … }` of a scenario, or into a `fn`.');
  parseStatement(c);
  return { kind: 'bad', span: c.from(start) };
}

const isCallOrAssignment = (mark: string): boolean => mark === '(' || mark === '=' || mark === '.';

function parseMisspelt(c: Cursor): Item | undefined {
  const { kind, text, start, end } = c.token;
  const next = c.ahead(1);
  const suggestion = kind === 'name' ? nearest(text, c.grammar.items.keys()) : undefined;
  const row = suggestion === undefined ? undefined : c.grammar.items.get(suggestion);
  if (row === undefined || next.firstOfLine) return undefined;
  if (next.kind === 'punctuation' && next.text !== '{') return undefined;
  const span = { start, end };
  c.report('HVO014', span, `A file has no ${shown(text)}.${didYouMean(suggestion)}`, {
    expected: [...c.grammar.items.keys()],
    fix: { title: `Change to \`${row.keyword}\``, edits: [{ span, text: row.keyword }] },
  });
  return row.parse(c, c.take());
}

function parseUnknown(c: Cursor): Item {
  const { start, text } = c.token;
  const expected = [...c.grammar.items.keys()];
  c.report(
    'HVO016',
    c.token,
    `A file has no ${shown(text)}; at its top stand ${expected.map((word) => `\`${word}\``).join(', ')}.`,
    {
      expected,
    },
  );
  skipLine(c);
  return { kind: 'bad', span: c.from(start) };
}

/** A text without a closing quote is said once, not again as what is missing behind it. */
function withoutEchoes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const open = diagnostics.filter((one) => one.code === 'HVO002');
  if (open.length === 0) return diagnostics;
  return diagnostics.filter(
    (one) =>
      one.code === 'HVO002' || !open.some(({ span }) => one.span.start >= span.start && one.span.start <= span.end),
  );
}

function tooLarge(text: string): ParsedFile {
  const span = { start: 0, end: 0 };
  const message = `The file has ${text.length} characters; at most ${limits.textLength} are read.`;
  const file: File = { kind: 'file', items: [], comments: [], span: { start: 0, end: text.length } };
  return { text, lines: [0], file, diagnostics: [{ code: 'HVO005', severity: 'error', span, message }] };
}
