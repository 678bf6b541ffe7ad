/** The parser's place in the tokens, and what it has to say. Nothing here knows the grammar. */

import type { Item, Span, Statement } from './ast';
import type { Diagnostic, Edit, Fix } from './diagnostic';
import { limits } from './limits';
import { type LineStarts, lineAt } from './lines';
import type { ItemRow, MemberRow, StatementRow } from './rows';
import type { Token } from './tokens';

/** The rows that the parser goes by, by their keyword. */
export interface Grammar {
  readonly items: ReadonlyMap<string, ItemRow>;
  readonly members: ReadonlyMap<string, MemberRow>;
  readonly statements: ReadonlyMap<string, StatementRow>;
  /** Reads C that has another form here; undefined when it is none. */
  readonly foreignStatement: (cursor: Cursor) => Statement | undefined;
  readonly foreignItem: (cursor: Cursor) => Item | undefined;
}

interface Extra {
  readonly expected?: readonly string[];
  readonly fix?: Fix;
}

/** What the whole text is like around the tokens that a cursor reads. */
export interface Around {
  /** Closing braces that the text has too many (positive) or too few (negative). */
  readonly surplusBraces: number;
  /** Missing and extra braces that were reported before. */
  readonly reportedBraces: number;
  /** The first token to be read; what stands before it was read already. */
  readonly first: number;
}

export class Cursor {
  /** Where the statement, member or item in hand begins: what continues it on a new line is indented more. */
  statementStart = 0;
  private index: number;
  /** The last token that was looked at from further away. */
  private farthest = 0;
  /** Open parentheses, inside which line ends mean nothing. */
  private parentheses = 0;
  /** For each open brace, the indentation of the line that it is in. */
  private readonly openIndentations: number[] = [];
  private depth = 0;
  private reportedAt = -1;
  /** Nothing more is said: what follows was not read. */
  isStopped = false;
  /** Diagnostics beyond the bound. */
  dropped = 0;
  /** Missing and extra braces that were reported already. */
  reportedBraces: number;
  /** How often something was to be said, or depended on braces elsewhere in the text. */
  concerns = 0;

  constructor(
    readonly text: string,
    readonly lines: LineStarts,
    private readonly tokens: readonly Token[],
    readonly grammar: Grammar,
    readonly diagnostics: Diagnostic[],
    private readonly around: Around,
  ) {
    this.index = around.first;
    this.reportedBraces = around.reportedBraces;
  }

  /** The number of the token in hand. */
  get place(): number {
    return this.index;
  }

  /** The number of the last token that was looked at. */
  get reach(): number {
    return Math.min(Math.max(this.index, this.farthest), this.tokens.length - 1);
  }

  get token(): Token {
    return this.tokens[this.index] as Token;
  }

  get atEnd(): boolean {
    return this.token.kind === 'end';
  }

  /** The token that many places ahead; `end` behind the last. */
  ahead(count: number): Token {
    this.farthest = Math.max(this.farthest, this.index + count);
    return (this.tokens[this.index + count] ?? this.tokens.at(-1)) as Token;
  }

  /** The token that was taken last; the first one where none was. */
  get previous(): Token {
    return this.tokens[Math.max(0, this.index - 1)] as Token;
  }

  /** Where a node that ends here ends. */
  get endOfPrevious(): number {
    return this.index === 0 ? 0 : this.previous.end;
  }

  /** The span of a node that began at an offset and ends with the token taken last. */
  from(start: number): Span {
    return { start, end: Math.max(start, this.endOfPrevious) };
  }

  take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index++;
    return token;
  }

  is(mark: string): boolean {
    return this.token.kind === 'punctuation' && this.token.text === mark;
  }

  isWord(word: string): boolean {
    return this.token.kind === 'name' && this.token.text === word;
  }

  accept(mark: string): boolean {
    if (!this.is(mark)) return false;
    this.index++;
    return true;
  }

  acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.index++;
    return true;
  }

  /** The token begins a line, and that counts because no parenthesis is open. */
  get onNewLine(): boolean {
    return this.token.firstOfLine && this.parentheses === 0;
  }

  /** Runs what stands between parentheses; line ends mean nothing there. */
  inParentheses<T>(run: () => T): T {
    this.parentheses++;
    const result = run();
    this.parentheses--;
    return result;
  }

  /** Runs what stands between braces; line ends count there, whatever is around it. */
  inBraces<T>(open: Token, run: () => T): T {
    const outer = this.parentheses;
    this.parentheses = 0;
    this.openIndentations.push(this.indentation(open.start));
    const result = run();
    this.openIndentations.pop();
    this.parentheses = outer;
    return result;
  }

  /** The closing brace here stands below the beginning of an outer block: that of the innermost is missing. */
  get closesOuterBlock(): boolean {
    if (!this.token.firstOfLine) return false;
    const column = this.indentation(this.token.start);
    const innermost = this.openIndentations.at(-1) ?? 0;
    return column < innermost && this.openIndentations.includes(column) && this.lacksBrace;
  }

  /** Runs one level deeper. At the bound it reports, goes to the end of the text and returns undefined. */
  nested<T>(run: () => T): T | undefined {
    if (this.depth >= limits.nesting) {
      const message = `More than ${limits.nesting} blocks and parentheses inside each other; the rest of the file is not read.`;
      this.report('HVO005', this.token, message);
      this.index = this.tokens.length - 1;
      this.isStopped = true;
      return undefined;
    }
    this.depth++;
    const result = run();
    this.depth--;
    return result;
  }

  // What is said

  /** Reports at a span; a second report without progress in between says nothing new and is dropped. */
  report(code: string, span: Span, message: string, extra: Extra = {}): void {
    this.concerns++;
    if (this.isStopped || this.reportedAt === this.index) return;
    this.reportedAt = this.index;
    if (this.diagnostics.length >= limits.diagnostics) {
      this.dropped++;
      return;
    }
    this.diagnostics.push({
      code,
      severity: 'error',
      span: { start: span.start, end: span.end },
      message,
      ...(extra.expected === undefined ? {} : { expected: extra.expected }),
      ...(extra.fix === undefined ? {} : { fix: extra.fix }),
    });
  }

  /** Reports that something belongs behind the token taken last. `insert` is offered as the fix. */
  missing(code: string, message: string, expected: readonly string[], insert?: string): void {
    const at = this.endOfPrevious;
    const onSameLine = !this.atEnd && !this.token.firstOfLine;
    const span = onSameLine ? this.token : { start: at, end: at };
    const edits: readonly Edit[] = insert === undefined ? [] : [{ span: { start: at, end: at }, text: insert }];
    const fix = insert === undefined ? {} : { fix: { title: `Insert \`${insert.trim()}\``, edits } };
    this.report(code, span, message, { expected, ...fix });
  }

  /** Takes a mark, or reports that it is missing. */
  expect(mark: string, purpose: string): boolean {
    if (this.accept(mark)) return true;
    this.missing(mark === ')' ? 'HVO010' : 'HVO015', `\`${mark}\` is missing: ${purpose}.`, [mark], mark);
    return false;
  }

  /** 1-based line of an offset, for messages. */
  line(offset: number): number {
    return lineAt(this.lines, offset) + 1;
  }

  /** Column of the first token of the line that holds an offset. */
  indentation(offset: number): number {
    let at = this.lines[lineAt(this.lines, offset)] ?? 0;
    const start = at;
    while (this.text[at] === ' ' || this.text[at] === '\t') at++;
    return at - start;
  }

  // Braces

  /** True as long as a closing brace is missing somewhere and nobody was told yet. */
  get lacksBrace(): boolean {
    this.concerns++;
    return -this.around.surplusBraces > this.reportedBraces;
  }

  /** True as long as there is a closing brace too many and nobody was told yet. */
  get hasExtraBrace(): boolean {
    this.concerns++;
    return this.around.surplusBraces > this.reportedBraces;
  }

  reportMissingBrace(open: Token, what: string): void {
    this.reportedBraces++;
    const at = this.endOfPrevious;
    const indent = ' '.repeat(this.indentation(open.start));
    this.report(
      'HVO010',
      { start: open.start, end: open.end },
      `The \`{\` of ${what} in line ${this.line(open.start)} is never closed; its \`}\` belongs behind line ${this.line(at)}.`,
      {
        expected: ['}'],
        fix: { title: 'Insert `}`', edits: [{ span: { start: at, end: at }, text: `\n${indent}}` }] },
      },
    );
  }

  reportExtraBrace(): void {
    this.reportedBraces++;
    const { start, end } = this.token;
    this.report('HVO011', this.token, 'This `}` closes nothing: every block before it is closed already.', {
      fix: { title: 'Remove `}`', edits: [{ span: { start, end }, text: '' }] },
    });
  }

  // Recovery

  /** Takes a token; when it opens a group, everything to its close. */
  skipGroup(): void {
    const closes: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
    let depth = 0;
    do {
      const token = this.take();
      if (token.kind === 'end') return;
      if (token.kind !== 'punctuation') continue;
      if (token.text in closes) depth++;
      else if (token.text === ')' || token.text === ']' || token.text === '}') depth--;
    } while (depth > 0);
  }

  /** Skips to where a statement can begin: behind `;`, before a closing brace, or at a line that begins anew. */
  skipStatement(): void {
    while (!this.atEnd && !this.is('}') && !this.is(';')) {
      this.skipGroup();
      if (this.token.firstOfLine) return;
    }
    this.accept(';');
  }
}
