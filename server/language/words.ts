/** Small pieces that several forms share: names, texts, numbers of CPUs, outcome words, levels. */

import type {
  CpuRange,
  ExpectedOutcome,
  ExpectedOutcomes,
  Expression,
  Identifier,
  Level,
  MissingExpression,
  OutcomeWord,
  StringLiteral,
} from './ast';
import type { Cursor } from './cursor';
import { limits } from './limits';
import { numberValue, stringValue } from './tokens';

/** A name, or one without text where none stands. `what` is the noun of the message. */
export function parseIdentifier(c: Cursor, what: string): Identifier {
  if (c.token.kind === 'name' && !c.onNewLine && !isReserved(c, c.token.text)) {
    const { text, start, end } = c.take();
    return { name: text, span: { start, end } };
  }
  const behind = c.endOfPrevious === 0 ? '' : ` behind \`${c.previous.text}\``;
  c.missing('HVO013', `${what} is missing${behind}.`, ['NAME']);
  return { name: '', span: here(c) };
}

/** Words of statements are no names. */
export function isReserved(c: Cursor, word: string): boolean {
  return c.grammar.statements.has(word) || word === 'else' || word === 'case' || word === 'default';
}

/**
 * A value on a new line belongs to what came before when it is indented more than the statement, and between
 * parentheses unless it looks like a statement of its own: what came before is being typed.
 */
export function continuesStatement(c: Cursor): boolean {
  const { firstOfLine, start, text } = c.token;
  if (!firstOfLine || start === c.statementStart) return true;
  if (c.indentation(start) > c.indentation(c.statementStart)) return true;
  if (c.onNewLine || isReserved(c, text)) return false;
  const next = c.ahead(1).text;
  return !(c.token.kind === 'name' && (next === '(' || next === '.' || /^([-+*/%&|^]|<<|>>)?=$/.test(next)));
}

export function here(c: Cursor): { readonly start: number; readonly end: number } {
  return { start: c.endOfPrevious, end: c.endOfPrevious };
}

export const missingExpression = (c: Cursor): MissingExpression => ({ kind: 'missing', span: here(c) });

export function parseString(c: Cursor, what: string): StringLiteral {
  if (c.token.kind === 'string') {
    const token = c.take();
    return { value: stringValue(token), span: { start: token.start, end: token.end } };
  }
  c.missing('HVO013', `${what} is missing behind \`${c.previous.text}\`.`, ['"…"'], ' ""');
  return { value: '', span: here(c) };
}

/** A number literal; 0 with a report where it is none. */
export function parseNumber(c: Cursor): { readonly value: bigint; readonly text: string } | undefined {
  if (c.token.kind !== 'number') return undefined;
  const token = c.take();
  const value = numberValue(token.text);
  if (typeof value === 'bigint') return { value, text: token.text };
  const plain = token.text.replace(/[uUlL]{1,3}$/, '');
  const known = plain === token.text ? value : numberValue(plain);
  if (typeof known === 'string') {
    c.report('HVO004', token, value);
    return { value: 0n, text: token.text };
  }
  const span = { start: token.start, end: token.end };
  c.report('HVO004', span, `Numbers have no suffixes of C: all are 64 bits wide and unsigned, \`${plain}\`.`, {
    fix: { title: `Change to \`${plain}\``, edits: [{ span, text: plain }] },
  });
  return { value: known, text: plain };
}

/** `1` or `1..3`, behind the word `cpu`. */
export function parseCpuRange(c: Cursor): CpuRange {
  const start = c.token.start;
  const first = parseCpu(c);
  if (first < 0) return { first, last: first, span: here(c) };
  if (!c.accept('..')) return { first, last: first, span: c.from(start) };
  const last = parseCpu(c);
  if (last >= 0 && last < first) {
    c.report('HVO015', c.previous, `CPUs count upwards: \`${last}..${first}\`.`);
    return { first: last, last: first, span: c.from(start) };
  }
  return { first, last: last < 0 ? first : last, span: c.from(start) };
}

function parseCpu(c: Cursor): number {
  const token = c.token;
  const number = c.onNewLine ? undefined : parseNumber(c);
  if (number === undefined) {
    c.missing('HVO012', `The number of a CPU is missing behind \`${c.previous.text}\`.`, ['0', '1'], ' 0');
    return -1;
  }
  if (number.value <= BigInt(limits.cpu)) return Number(number.value);
  c.report('HVO005', token, `CPUs have the numbers 0 to ${limits.cpu}.`);
  return -1;
}

/** Words joined by `-` without spaces between: `fixed-up`, `nofault-EFAULT`. '' where none stands. */
export function parseOutcomeWord(c: Cursor): OutcomeWord {
  const start = c.token.start;
  if (c.token.kind !== 'name' || !continuesStatement(c)) {
    c.missing('HVO012', `An outcome is missing behind \`${c.previous.text}\`.`, ['ok', 'fixed-up', 'oops']);
    return { word: '', span: here(c) };
  }
  const length = outcomeWordLength(c);
  for (let i = 0; i < length; i++) c.take();
  const span = c.from(start);
  return { word: c.text.slice(span.start, span.end), span };
}

/** How many tokens make the hyphenated word that begins here. */
export function outcomeWordLength(c: Cursor): number {
  let length = 1;
  for (;;) {
    const dash = c.ahead(length);
    const next = c.ahead(length + 1);
    const joined = dash.text === '-' && dash.start === c.ahead(length - 1).end && next.start === dash.end;
    if (!joined || next.kind !== 'name') return length;
    length += 2;
  }
}

/** `at L3` */
export function parseLevel(c: Cursor): Level | undefined {
  if (!c.isWord('at')) return undefined;
  const at = c.take();
  const match = c.token.kind === 'name' ? /^L(\d)$/.exec(c.token.text) : null;
  if (match === null || Number(match[1]) > 3) {
    c.missing('HVO012', 'A level of translation is missing behind `at`: L0, L1, L2 or L3.', ['L2', 'L3'], ' L3');
    if (c.token.kind === 'name' && !c.onNewLine) c.take();
    return undefined;
  }
  const token = c.take();
  return { level: Number(match[1]), span: { start: at.start, end: token.end } };
}

/** `=> ok | oops-paging at L3`, from its arrow. */
export function parseExpectedOutcomes(c: Cursor): ExpectedOutcomes {
  const arrow = c.take();
  const outcomes: ExpectedOutcome[] = [];
  do {
    const start = c.token.start;
    const outcome = parseOutcomeWord(c);
    const level = outcome.word === '' ? undefined : parseLevel(c);
    outcomes.push({
      outcome,
      ...(level === undefined ? {} : { level }),
      span: outcome.word === '' ? here(c) : c.from(start),
    });
  } while (c.accept('|'));
  return { outcomes, span: c.from(arrow.start) };
}

/** The name of a simple expression, if it is one. */
export const nameOf = (expression: Expression): string | undefined =>
  expression.kind === 'name' ? expression.name : undefined;
