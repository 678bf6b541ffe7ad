/**
 * One way to lay a file out. Tokens and comments stay as they are, but for a `;` where a statement has none; only spaces
 * and line ends change, so that the tree is the same before and after. Line breaks are the writer's where they matter.
 */

import type { Comment } from './ast';
import { type Layout, layoutOf } from './layout';
import { type ParsedFile, parse } from './parse';
import { type Token, tokenize } from './tokens';

const step = '  ';

/** A token or a comment. */
interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly comment: boolean;
  readonly name: boolean;
}

/** A line of the result before its columns are aligned. */
interface Line {
  readonly indent: number;
  /** Blank lines before it: 0 or 1. */
  readonly blank: boolean;
  code: string;
  comment: string;
  /** Lines of one kind under each other have their first words padded to one width. */
  readonly align: 'expectation' | 'setting' | undefined;
  /** Length of the first word, when it is aligned. */
  readonly head: number;
}

/** The text in its one form; undefined when it has mistakes of syntax. */
export function formatFile(parsed: ParsedFile): string | undefined {
  const { text, file } = parsed;
  // A CR alone ends a line, but nobody writes it so any more.
  if (/\r(?!\n)/.test(text)) return formatFile(parse(text.replace(/\r(?!\n)/g, '\n')));
  if (parsed.diagnostics.some((one) => one.severity === 'error')) return undefined;
  const { tokens, comments } = tokenize(text);
  const pieces = merge(tokens, comments);
  if (pieces.length === 0) return '';
  const end = /\r\n/.test(text) ? '\r\n' : '\n';
  const lines = layLines(text, pieces, layoutOf(text, file));
  alignHeads(lines);
  alignComments(lines);
  return lines.map((line) => render(line, end)).join('');
}

function merge(tokens: readonly Token[], comments: readonly Comment[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let next = 0;
  const pushComments = (before: number): void => {
    for (
      let comment = comments[next];
      comment !== undefined && comment.span.start < before;
      comment = comments[++next]
    ) {
      pieces.push({ text: comment.text.trimEnd(), ...comment.span, comment: true, name: false });
    }
  };
  for (const { kind, text, start, end } of tokens) {
    pushComments(start);
    if (kind !== 'end') pieces.push({ text, start, end, comment: false, name: kind === 'name' });
  }
  pushComments(Number.POSITIVE_INFINITY);
  return pieces;
}

/** For each brace by index whether its block goes over several lines in the text. */
function findBlocks(text: string, pieces: readonly Piece[]): ReadonlyMap<number, boolean> {
  const several = new Map<number, boolean>();
  const open: number[] = [];
  pieces.forEach((piece, index) => {
    if (piece.comment) return;
    if (piece.text === '{') open.push(index);
    if (piece.text !== '}') return;
    const from = open.pop();
    if (from === undefined) return;
    const inner = text.slice(pieces[from]?.end, piece.start);
    const isSeveral = inner.includes('\n') && inner.trim() !== '';
    several.set(from, isSeveral);
    several.set(index, isSeveral);
  });
  return several;
}

function layLines(text: string, pieces: readonly Piece[], layout: Layout): Line[] {
  const blocks = findBlocks(text, pieces);
  const lines: Line[] = [];
  const indents = new Indentation(layout);
  let gluedTo = 0;
  pieces.forEach((piece, index) => {
    const previous = pieces[index - 1];
    const breaks = previous === undefined ? 1 : breaksBefore(text, pieces, index, blocks, layout);
    let line = lines.at(-1);
    if (line === undefined || breaks > 0) {
      const indent = indents.ofLine(piece, nextToken(pieces, index));
      const align = alignmentOf(pieces, index, layout);
      line = {
        indent,
        blank: breaks > 1 && lines.length > 0,
        code: '',
        comment: '',
        align,
        head: align === undefined ? 0 : piece.text.length,
      };
      lines.push(line);
    } else if (previous !== undefined && !piece.comment) {
      const glued = piece.start < gluedTo;
      line.code += glued ? '' : gap(previous, piece, layout);
    }
    if (piece.comment) addComment(line, piece, pieces[index + 1], text);
    else line.code += isUnended(pieces, index, layout) ? `${piece.text};` : piece.text;
    indents.pass(piece, line.indent);
    gluedTo = Math.max(gluedTo, layout.glued.get(piece.start) ?? 0);
  });
  return lines;
}

/** It ends a statement, and its `;` is missing. */
function isUnended(pieces: readonly Piece[], index: number, layout: Layout): boolean {
  return layout.simple.has(pieces[index]?.end ?? 0) && nextToken(pieces, index + 1)?.text !== ';';
}

/** A comment at the end of a line is aligned with others; one before code is a piece like any other. */
function addComment(line: Line, piece: Piece, next: Piece | undefined, text: string): void {
  const goesOn = next !== undefined && !text.slice(piece.end, next.start).includes('\n') && piece.text.startsWith('/*');
  if (goesOn) line.code += line.code === '' ? piece.text : ` ${piece.text}`;
  else if (line.code === '' && line.comment === '') line.code = piece.text;
  else line.comment += line.comment === '' ? piece.text : ` ${piece.text}`;
}

function nextToken(pieces: readonly Piece[], index: number): Piece | undefined {
  for (let i = index; i < pieces.length; i++) if (!pieces[i]?.comment) return pieces[i];
  return undefined;
}

/** 0: the same line. 1: a new one. 2: one blank line between. */
function breaksBefore(
  text: string,
  pieces: readonly Piece[],
  index: number,
  blocks: ReadonlyMap<number, boolean>,
  layout: Layout,
): number {
  const piece = pieces[index] as Piece;
  const previous = pieces[index - 1] as Piece;
  const written = Math.min(2, text.slice(previous.end, piece.start).split('\n').length - 1);
  if (previous.comment) return previous.text.startsWith('//') ? Math.max(1, written) : written;
  if (piece.comment) return previous.text === '{' ? Math.min(1, written) : written;
  const begins = layout.starts.has(piece.start);
  if (previous.text === '{' && blocks.has(index - 1)) return blocks.get(index - 1) ? 1 : 0;
  if (piece.text === '}' && blocks.has(index)) return blocks.get(index) ? 1 : 0;
  if (piece.text === '{' && !begins) return 0;
  if (previous.text === '}' && (piece.text === 'else' || piece.text === 'or')) return 0;
  if (previous.text === '}' && blocks.get(index - 1) && begins) return Math.max(1, written);
  if (layout.starts.get(piece.start)?.of === 'item' && previous.text === '}' && begins) return Math.max(1, written);
  return written;
}

/** The indentation of lines, in steps. */
class Indentation {
  /** For each open brace, the indentation of the statement that it belongs to, and whether it holds cases. */
  private readonly open: { readonly indent: number; cases: boolean }[] = [];
  /** Indentation of the line of each token that something is anchored to. */
  private readonly lineOf = new Map<number, number>();
  private statement = 0;

  constructor(private readonly layout: Layout) {}

  ofLine(piece: Piece, next: Piece | undefined): number {
    const block = this.open.at(-1);
    const inner = block === undefined ? 0 : block.indent + 1;
    if (!piece.comment) return this.ofToken(piece, inner);
    if (next !== undefined && next.text !== '}') return this.ofToken(next, inner);
    return block?.cases ? inner + 1 : inner;
  }

  private ofToken(piece: Piece, inner: number): number {
    const block = this.open.at(-1);
    if (piece.text === '}') return block?.indent ?? 0;
    const start = this.layout.starts.get(piece.start);
    if (start === undefined) return this.statement + 2;
    const { anchor } = start;
    if (start.of === 'label' && anchor === undefined && block !== undefined) block.cases = true;
    this.statement = anchor === undefined ? inner : (this.lineOf.get(anchor.line) ?? 0) + anchor.steps;
    return this.statement;
  }

  pass(piece: Piece, indent: number): void {
    if (piece.comment) return;
    this.lineOf.set(piece.start, indent);
    // Where a statement goes over several lines its block counts from the first one.
    if (piece.text === '{') this.open.push({ indent: this.statement, cases: false });
    if (piece.text === '}') this.statement = this.open.pop()?.indent ?? 0;
  }
}

/** The space between two tokens of one line. */
function gap(previous: Piece, piece: Piece, layout: Layout): string {
  const left = previous.text;
  const right = piece.text;
  if (right === ')' || right === ';' || right === ',') return '';
  if (previous.comment) return ' ';
  if (left === '(') return '';
  if (left === '.' || left === '->' || right === '.' || right === '->') return '';
  if (right === '++' || right === '--') return '';
  if (layout.unary.has(previous.start) && !previous.name) return '';
  if (layout.calls.has(piece.start)) return '';
  if (right === ':' && layout.labels.has(piece.start)) return '';
  if (right === '=>') return '  ';
  if (left === '{' && right === '}') return '';
  if (layout.starts.get(piece.start)?.of === 'setting' && left !== '{') return '  ';
  return ' ';
}

/** Expectations, and switches that stand one a line, have their values in one column. */
function alignmentOf(pieces: readonly Piece[], index: number, layout: Layout): Line['align'] {
  const start = layout.starts.get((pieces[index] as Piece).start);
  if (start?.of === 'expectation') return 'expectation';
  return start?.of === 'setting' ? 'setting' : undefined;
}

/** Runs for each group of lines under each other that have something in common. */
function eachGroup(
  lines: readonly Line[],
  key: (line: Line) => string | undefined,
  align: (group: readonly Line[]) => void,
): void {
  let group: Line[] = [];
  let current: string | undefined;
  for (const line of [...lines, undefined]) {
    const next = line === undefined ? undefined : key(line);
    if (next === undefined || next !== current || line?.blank) {
      if (group.length > 0) align(group);
      group = [];
    }
    current = next;
    if (line !== undefined && next !== undefined) group.push(line);
  }
}

function alignHeads(lines: readonly Line[]): void {
  const key = (line: Line): string | undefined =>
    line.align === undefined ? undefined : `${line.align} ${line.indent}`;
  eachGroup(lines, key, (group) => {
    const width = Math.max(...group.map((line) => line.head));
    for (const line of group) {
      const rest = line.code.slice(line.head);
      if (rest !== '') line.code = line.code.slice(0, line.head).padEnd(width) + rest;
    }
  });
}

function alignComments(lines: readonly Line[]): void {
  const key = (line: Line): string | undefined => (line.comment.startsWith('//') ? `${line.indent}` : undefined);
  eachGroup(lines, key, (group) => {
    const width = Math.max(...group.map((line) => line.code.length));
    for (const line of group) line.code = line.code.padEnd(width);
  });
}

function render(line: Line, end: string): string {
  const indent = step.repeat(line.indent);
  const comment = line.comment === '' ? '' : `  ${line.comment}`;
  const body = `${line.code}${comment}`
    .split(/\r?\n/)
    .map((part, index) => (index === 0 ? part : commentLine(part, indent)));
  return `${line.blank ? end : ''}${`${indent}${body.join(end)}`.trimEnd()}${end}`;
}

/** Further lines of a block comment: those with a star in one column, others as they are. */
function commentLine(part: string, indent: string): string {
  const trimmed = part.trimStart();
  return trimmed.startsWith('*') ? `${indent} ${trimmed.trimEnd()}` : part.trimEnd();
}
