/**
 * Tokens of a section of a litmus test and a cursor over them. The first problem wins: it is kept, and the cursor goes
 * to the end, so that a parser needs no way out of its own and always comes to an end.
 */

import type { LitmusProblem, Place } from './test';

export interface Token extends Place {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
}

const pattern =
  /\s+|(?<name>[A-Za-z_$][\w$.']*)|(?<number>-?0[xX][0-9a-fA-F]+|-?\d+)|"(?<text>[^"\n]*)"|(?<sign>\/\\|\\\/|=>|<>|!=|==|.)/gsu;

/** Cuts text whose first character stands at `place` into tokens; `end` closes the list. */
export function tokenize(text: string, place: Place): readonly Token[] {
  const tokens: Token[] = [];
  let { line, column } = place;
  for (const match of text.matchAll(pattern)) {
    const groups = match.groups ?? {};
    for (const kind of ['name', 'number', 'text', 'sign'] as const) {
      const found = groups[kind];
      if (found !== undefined) tokens.push({ kind, text: found, line, column });
    }
    const lines = match[0].split('\n');
    line += lines.length - 1;
    column = lines.length === 1 ? column + match[0].length : (lines.at(-1) as string).length + 1;
  }
  tokens.push({ kind: 'end', text: '', line, column });
  return tokens;
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

  fail(message: string): void {
    this.stop('syntax', message);
  }

  unsupported(feature: string): void {
    this.stop('unsupported', feature);
  }

  private stop(kind: LitmusProblem['kind'], message: string): void {
    const { line, column } = this.token;
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
