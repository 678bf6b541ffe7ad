/**
 * Text to syntax tree. Never throws and never gives up: every text has a tree, and what is wrong with it is in the
 * diagnostics, one for each mistake. Time and memory are linear in the text, within the bounds of `limits.ts`; where the
 * text before is known, only the items that have changed are read.
 */

import type { Comment, File, Item } from './ast';
import { parseStatement } from './blocks';
import { changeBetween } from './change';
import { Cursor, type Grammar } from './cursor';
import { type Diagnostic, inOrder } from './diagnostic';
import { whyNoText } from './encoding';
import { parseDoWhile, parseFunctionOfC, parseLabel, parseLockMacro, parseTypedDeclaration } from './foreignC';
import { memberRows } from './items/members';
import { itemRows } from './items/table';
import { limits } from './limits';
import { type LineStarts, lineStarts, lineStartsAfter } from './lines';
import { movedItem, movedToken } from './movedNode';
import { type Part, type Piece, partsAfter, startOf, surplusOf } from './pieces';
import { byKeyword } from './rows';
import { statementRows } from './statements/table';
import { didYouMean, nearest, shown } from './suggest';
import { type TextPart, type Token, type Tokens, tokenize } from './tokens';

export interface ParsedFile {
  readonly text: string;
  readonly lines: LineStarts;
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
  /** What each item of the file was read from, in the same order. */
  readonly pieces: readonly Piece[];
  /** How many items were read; the others are those of the text before. */
  readonly itemsRead: number;
  /** Nothing of the text was read: it is too large, or no text. */
  readonly isUnread?: boolean;
}

const grammar: Grammar = {
  items: byKeyword(itemRows),
  members: byKeyword(memberRows),
  statements: byKeyword(statementRows),
  foreignStatement: (c) => parseTypedDeclaration(c) ?? parseLabel(c) ?? parseDoWhile(c),
  foreignItem: (c) => parseLockMacro(c) ?? parseFunctionOfC(c),
};

/** `before`: another text, from which this one has come; the tree is the same with it and without. */
export function parse(text: string, before?: ParsedFile): ParsedFile {
  if (text.length > limits.textLength) return tooLarge(text);
  const why = whyNoText(text);
  if (why !== undefined) return unread(text, 'HVO007', why);
  if (before === undefined) return parseWhole(text);
  return before.text === text ? before : (parseChanged(text, before) ?? parseWhole(text));
}

function parseWhole(text: string): ParsedFile {
  const region = { from: 0, to: text.length, firstOfLine: true };
  return readParts(text, lineStarts(text), [{ kind: 'read', region }], []) as ParsedFile;
}

/** The item that is a part of a text, where nothing is wrong with it. */
export function parseItemAt(text: string, lines: LineStarts, region: TextPart): Item {
  return readParts(text, lines, [{ kind: 'read', region }], [])?.file.items[0] as Item;
}

/** Undefined where a change reaches further than the items that it is in, or there is too much to be said. */
function parseChanged(text: string, before: ParsedFile): ParsedFile | undefined {
  const change = changeBetween(before.text, text);
  const { items } = before.file;
  const starts = items.map(({ span }) => span.start);
  const parts = partsAfter(before.pieces, starts, change, before.text, text.length);
  return readParts(text, lineStartsAfter(before.lines, text, change), parts, items);
}

/** Puts a file together from items that are known, in `before`, and those that are read. */
function readParts(
  text: string,
  lines: LineStarts,
  parts: readonly Part[],
  before: readonly Item[],
): ParsedFile | undefined {
  const regions = parts.map((part) => (part.kind === 'kept' ? undefined : tokenize(text, part.region)));
  const lexical = regions.flatMap((region) => region?.diagnostics ?? []);
  const surplusBraces = parts.reduce(
    (sum, part, i) => sum + (part.kind === 'kept' ? part.piece.surplusBraces : surplusOf(regions[i]?.tokens ?? [])),
    0,
  );
  const reader: Reader = { text, lines, diagnostics: [...lexical], surplusBraces, reportedBraces: 0, dropped: 0 };
  const items: Item[] = [];
  const pieces: Piece[] = [];
  let itemsRead = 0;
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'kept') {
      const { piece, start, index } = part;
      const known = before[index];
      pieces.push(piece);
      items.push(known?.span.start === start ? known : movedItem(piece.item, start - startOf(piece)));
      continue;
    }
    const found = readRegion(reader, regions[i] as Tokens, tokenBefore(parts[i - 1]), tokensBehind(parts[i + 1]));
    if (found === undefined) return undefined;
    itemsRead += found.length;
    for (const piece of found) {
      pieces.push(piece);
      items.push(piece.item);
    }
  }
  // Which of them are dropped at the bound depends on the whole text.
  if (parts.length > 1 && reader.diagnostics.length >= limits.diagnostics) return undefined;
  const diagnostics = inOrder(withoutEchoes(reader.diagnostics), reader.dropped);
  return { text, lines, file: fileOf(text, items), diagnostics, pieces, itemsRead };
}

/** Comments are looked for when somebody asks. */
function fileOf(text: string, items: readonly Item[]): File {
  let comments: readonly Comment[] | undefined;
  return {
    kind: 'file',
    items,
    get comments() {
      comments ??= tokenize(text).comments;
      return comments;
    },
    span: { start: 0, end: text.length },
  };
}

interface Reader {
  readonly text: string;
  readonly lines: LineStarts;
  readonly diagnostics: Diagnostic[];
  /** Of the whole text. */
  readonly surplusBraces: number;
  reportedBraces: number;
  dropped: number;
}

/** Tokens of the item behind a region that are there to be looked at. */
const TOKENS_AHEAD = 8;

/** The last token before a region; none where the text begins with it. */
function tokenBefore(part: Part | undefined): Token | undefined {
  if (part?.kind !== 'kept') return undefined;
  const { piece, start } = part;
  return movedToken(piece.tokens.at(-1) as Token, start - startOf(piece));
}

/** The first tokens behind a region; none where the text ends with it. */
function tokensBehind(part: Part | undefined): readonly Token[] {
  if (part?.kind !== 'kept') return [];
  const { piece, start } = part;
  return piece.tokens.slice(0, TOKENS_AHEAD).map((token) => movedToken(token, start - startOf(piece)));
}

/** The items of a region; undefined when they do not end where it does. */
function readRegion(
  reader: Reader,
  { tokens: own, diagnostics: lexical, goesOn }: Tokens,
  previous: Token | undefined,
  behind: readonly Token[],
): readonly Piece[] | undefined {
  const end = own.at(-1) as Token;
  const isWhole = previous === undefined && behind.length === 0;
  if (!isWhole && (goesOn || (behind.length > 0 && behind[0]?.firstOfLine !== end.firstOfLine))) return undefined;
  const first = previous === undefined ? 0 : 1;
  const goal = first + own.length - 1;
  const tokens = [...(previous === undefined ? [] : [previous]), ...own.slice(0, -1), ...behind, end];
  const { text, lines, diagnostics, surplusBraces, reportedBraces } = reader;
  const c = new Cursor(text, lines, tokens, grammar, diagnostics, { surplusBraces, reportedBraces, first });
  const pieces: Piece[] = [];
  for (;;) {
    while (c.accept(';'));
    if (c.place >= goal) break;
    const { place, concerns } = c;
    c.statementStart = c.token.start;
    const item = parseItem(c);
    while (c.accept(';'));
    const ofItem = tokens.slice(place, c.place);
    const reach = tokens[c.reach]?.end ?? text.length;
    pieces.push({
      item,
      tokens: ofItem,
      surplusBraces: surplusOf(ofItem),
      reach,
      isClean: c.concerns === concerns,
    });
  }
  const looksTooFar = behind.length > 0 && c.reach === tokens.length - 1;
  if (!isWhole && (c.isStopped || c.place !== goal || looksTooFar)) return undefined;
  reader.reportedBraces = c.reportedBraces;
  reader.dropped += c.dropped;
  return withLexical(pieces, lexical, isWhole);
}

/** What the tokenizer said belongs to the item before it, and before all items to the first. */
function withLexical(
  pieces: readonly Piece[],
  lexical: readonly Diagnostic[],
  isWhole: boolean,
): readonly Piece[] | undefined {
  if (lexical.length === 0) return pieces;
  const starts = pieces.map(startOf);
  if (!isWhole && lexical.some(({ span }) => span.start < (starts[0] ?? Number.POSITIVE_INFINITY))) return undefined;
  const unclean = new Set(
    lexical.map(({ span }) =>
      Math.max(
        0,
        starts.findLastIndex((start) => start <= span.start),
      ),
    ),
  );
  return pieces.map((piece, i) => (unclean.has(i) ? { ...piece, isClean: false } : piece));
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
    return { kind: 'bad', span: c.from(start), ofScenario: true };
  }
  if (!c.grammar.statements.has(text) && !(c.token.kind === 'name' && isCallOrAssignment(c.ahead(1).text)))
    return undefined;
  c.report('HVO016', c.token, 'Statements belong into `cpu N { … }` of a scenario, or into a `fn`.');
  parseStatement(c);
  return { kind: 'bad', span: c.from(start), ofScenario: true };
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
  return unread(text, 'HVO005', `The file has ${text.length} characters; at most ${limits.textLength} are read.`);
}

/** A file of which nothing is read. */
function unread(text: string, code: string, message: string): ParsedFile {
  const file: File = { kind: 'file', items: [], comments: [], span: { start: 0, end: text.length } };
  const diagnostics: readonly Diagnostic[] = [{ code, severity: 'error', span: { start: 0, end: 0 }, message }];
  return { text, lines: [0], file, diagnostics, pieces: [], itemsRead: 0, isUnread: true };
}
