/**
 * Tokens of a section of a litmus test and a cursor over them. The first problem wins: it is kept, and the cursor goes
 * to the end, so that a parser needs no way out of its own and always comes to an end.
 */

import type { LitmusProblem, Place } from './test';

export interface Token extends Place {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
}

const pattern = /[A-Za-z_$][\w$.']*|-?0[xX][0-9a-fA-F]+|-?\d+|"[^"\n]*"|\/\\|\\\/|=>|<>|!=|==|\S/g;

/** Cuts text whose first character stands at `place` into tokens; `end` closes the list. */
export function tokenize(text: string, place: Place): readonly Token[] {
  const tokens: Token[] = [];
  let { line } = place;
  // Offset of column 1 of the line; the first line may have begun before the text.
  let lineStart = 1 - place.column;
  let newline = text.indexOf('\n');
  const moveTo = (offset: number): void => {
    while (newline >= 0 && newline < offset) {
      line++;
      lineStart = newline + 1;
      newline = text.indexOf('\n', lineStart);
    }
  };
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { 0: found, index } = match;
    moveTo(index);
    const kind = kindOf(found);
    const plain = kind === 'text' ? found.slice(1, -1) : found;
    tokens.push({ kind, text: plain, line, column: index - lineStart + 1 });
  }
  moveTo(text.length);
  tokens.push({ kind: 'end', text: '', line, column: text.length - lineStart + 1 });
  return tokens;
}

function kindOf(found: string): Token['kind'] {
  const first = found.charCodeAt(0);
  if ((first >= 0x61 && first <= 0x7a) || (first >= 0x41 && first <= 0x5a) || first === 0x5f || first === 0x24)
    return 'name';
  if (first >= 0x30 && first <= 0x39) return 'number';
  if (found.length === 1) return 'sign';
  return first === 0x2d ? 'number' : first === 0x22 ? 'text' : 'sign';
}

export class Cursor {
  problem: LitmusProblem | undefined;
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get token(): Token {
    return this.tokens[this.at] as Token;
  }

  /** The token `ahead` places on; the end when there is none. */
  peek(ahead: number): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)] as Token;
  }

  get ended(): boolean {
    return this.token.kind === 'end';
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the token is this sign or, without regard to case, this word. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'sign' ? token.text === text : token.kind === 'name' && token.text.toLowerCase() === text;
  }

  /** Steps over the sign or word if it is there. */
  accept(text: string): boolean {
    const there = this.is(text);
    if (there) this.at++;
    return there;
  }

  /** Steps over a sign or word that must be there; `why` ends the sentence "expected ...". */
  expect(text: string, why: string): void {
    if (!this.accept(text)) this.fail(`expected \`${text}\` ${why}, found ${describe(this.token)}`);
  }

  name(what: string): string {
    if (this.token.kind === 'name') return this.next().text;
    this.fail(`expected ${what}, found ${describe(this.token)}`);
    return '';
  }

  number(what: string): bigint {
    if (this.token.kind === 'number') return toInteger(this.next().text);
    this.fail(`expected ${what}, found ${describe(this.token)}`);
    return 0n;
  }

  /** Notes a problem at a place, by default at the next token. */
  fail(message: string, at: Place = this.token): void {
    this.stop('syntax', message, at);
  }

  unsupported(feature: string, at: Place = this.token): void {
    this.stop('unsupported', feature, at);
  }

  private stop(kind: LitmusProblem['kind'], message: string, { line, column }: Place): void {
    this.problem ??= { kind, message, line, column };
    this.at = this.tokens.length - 1;
  }
}

/** A token as a message names it. */
export function describe(token: Token): string {
  return token.kind === 'end' ? 'the end' : `\`${token.text}\``;
}

/** Decimal or hexadecimal, with an optional minus sign. */
export function toInteger(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}
