/** Expressions: precedence climbing over C's operators on 64-bit values. */

import type { BinaryOperator, CpuRegisterExpression, Expression, UnaryOperator } from './ast';
import type { Cursor } from './cursor';
import { limits } from './limits';
import { primitiveByName } from './primitives';
import { isTypeWord } from './typeWords';
import {
  continuesStatement,
  here,
  isReserved,
  missingExpression,
  nameOf,
  parseCpuRange,
  parseIdentifier,
  parseNumber,
  parseOutcomeWord,
} from './words';

/** C's precedences; a higher number binds tighter. */
export const precedence: ReadonlyMap<string, number> = new Map(
  [
    ['||'],
    ['&&'],
    ['|'],
    ['^'],
    ['&'],
    ['==', '!='],
    ['<', '<=', '>', '>='],
    ['<<', '>>'],
    ['+', '-'],
    ['*', '/', '%'],
  ].flatMap((row, index) => row.map((operator) => [operator, index + 1] as const)),
);

/** Everything above `&&`: what may stand between the logical operators of an expectation. */
export const aboveLogical = 3;

const unaryOperators: ReadonlySet<string> = new Set(['-', '!', '~', '*', '&']);

/** Operators that may as well begin a statement, so that they do not continue one from a new line. */
const ambiguousAtLineStart: ReadonlySet<string> = new Set(['*', '&', '-', '+']);

export function parseExpression(c: Cursor): Expression {
  const start = c.token.start;
  const condition = parseBinary(c, 1);
  if (!c.is('?')) return condition;
  return (
    c.nested((): Expression => {
      c.take();
      const then = parseExpression(c);
      c.expect(':', 'it comes between the two values of `?`');
      const otherwise = parseExpression(c);
      return { kind: 'conditional', condition, then, otherwise, span: c.from(start) };
    }) ?? condition
  );
}

/** Binary operators of at least a precedence. */
export function parseBinary(c: Cursor, least: number): Expression {
  const start = c.token.start;
  let left = parseUnary(c);
  for (let count = 0; ; count++) {
    const operator = c.token.text;
    const binds = c.token.kind === 'punctuation' ? precedence.get(operator) : undefined;
    if (binds === undefined || binds < least) return left;
    if (c.onNewLine && ambiguousAtLineStart.has(operator)) return left;
    if (count >= limits.chain) return tooLong(c, left);
    c.take();
    const right = parseBinary(c, binds + 1);
    left = { kind: 'binary', operator: operator as BinaryOperator, left, right, span: c.from(start) };
  }
}

function tooLong(c: Cursor, read: Expression): Expression {
  c.report('HVO005', c.token, `More than ${limits.chain} operators in one expression; split it with \`let\`.`);
  c.skipStatement();
  return read;
}

function parseUnary(c: Cursor): Expression {
  if (c.token.kind !== 'punctuation' || !unaryOperators.has(c.token.text)) return parsePostfix(c);
  const start = c.token.start;
  return (
    c.nested((): Expression => {
      const operator = c.take().text as UnaryOperator;
      const operand = parseUnary(c);
      return { kind: 'unary', operator, operand, span: c.from(start) };
    }) ?? missingExpression(c)
  );
}

/** A value with members and calls behind it. */
function parsePostfix(c: Cursor): Expression {
  const start = c.token.start;
  let expression = parsePrimary(c);
  for (let count = 0; ; count++) {
    if (count >= limits.chain) return tooLong(c, expression);
    if (c.is('.') || c.is('->')) {
      const arrow = c.take().text === '->';
      const member = parseIdentifier(c, 'The name of a member');
      expression = { kind: 'member', object: expression, member, arrow, span: c.from(start) };
    } else if (c.is('(') && !c.onNewLine && expression.kind !== 'missing') {
      const callee = expression;
      const args = c.nested(() => parseArguments(c, nameOf(callee))) ?? [];
      expression = { kind: 'call', callee, arguments: args, span: c.from(start) };
    } else if (c.is('[') && !c.onNewLine && expression.kind !== 'missing') {
      c.report('HVO016', c.token, 'There are no arrays: `*(p + 8 * i)`, or a member such as `H.tail(i)`.');
      c.skipGroup();
    } else {
      return expression;
    }
  }
}

/** `(a, b)`. Which words an argument may be follows from the primitive that is called. */
function parseArguments(c: Cursor, callee: string | undefined): readonly Expression[] {
  const open = c.take();
  const parameters = primitiveByName.get(callee ?? '')?.parameters;
  const list: Expression[] = [];
  c.inParentheses(() => {
    if (c.is(')')) return;
    do {
      const isOutcome = parameters?.[list.length]?.kind === 'outcome';
      list.push(isOutcome ? parseOutcomeArgument(c) : parseArgument(c));
    } while (c.accept(',') || lacksComma(c));
  });
  if (c.is(')')) c.take();
  else
    c.missing(
      'HVO010',
      `\`)\` is missing: it closes the \`(\` behind \`${callee ?? c.text.slice(open.start - 1, open.start)}\`.`,
      [')'],
      ')',
    );
  return list;
}

/** The next argument begins where a comma belongs. */
function lacksComma(c: Cursor): boolean {
  if (c.token.firstOfLine || !canBegin(c)) return false;
  c.missing('HVO015', `\`,\` or \`)\` is missing before \`${c.token.text}\`.`, [',', ')'], ',');
  return true;
}

function parseOutcomeArgument(c: Cursor): Expression {
  const outcome = parseOutcomeWord(c);
  return { kind: 'outcome', outcome, span: outcome.span };
}

function parseArgument(c: Cursor): Expression {
  const start = c.token.start;
  const first = parseExpression(c);
  if (!c.accept('..')) return first;
  const last = parseExpression(c);
  return { kind: 'range', first, last, span: c.from(start) };
}

/** Whether a value can begin with the token. */
function canBegin(c: Cursor): boolean {
  const { kind, text } = c.token;
  if (kind === 'name') return !isReserved(c, text);
  return kind === 'number' || text === '(' || (kind === 'punctuation' && unaryOperators.has(text));
}

function parsePrimary(c: Cursor): Expression {
  const { kind, text, start, end } = c.token;
  if (!canBegin(c) || !continuesStatement(c)) return reportMissingValue(c);
  if (kind === 'number') {
    const number = parseNumber(c);
    return { kind: 'number', value: number?.value ?? 0n, text, span: { start, end } };
  }
  if (text === '(') return parseGroup(c);
  if (text === 'cpu' && c.ahead(1).kind === 'number') return parseCpuRegister(c);
  c.take();
  return { kind: 'name', name: text, span: { start, end } };
}

function reportMissingValue(c: Cursor): Expression {
  if (c.token.kind === 'string') {
    c.report('HVO016', c.take(), 'A text is no value here.');
  } else {
    const behind = c.endOfPrevious === 0 ? '' : ` behind \`${c.previous.text}\``;
    c.missing('HVO012', `A value is missing${behind}.`, ['NAME', 'NUMBER', '(']);
  }
  return { kind: 'missing', span: here(c) };
}

function parseGroup(c: Cursor): Expression {
  const start = c.token.start;
  const cast = castLength(c);
  if (cast > 0) {
    const span = { start, end: c.ahead(cast - 1).end };
    c.report('HVO017', span, 'Values have no types: everything is 64 bits wide and unsigned.', {
      fix: { title: 'Remove the cast', edits: [{ span, text: '' }] },
    });
    for (let i = 0; i < cast; i++) c.take();
    return parseUnary(c);
  }
  const group = c.nested((): Expression => {
    c.take();
    const inner = c.inParentheses(() => parseExpression(c));
    c.expect(')', `it closes the \`(\` of line ${c.line(start)}`);
    return { kind: 'group', inner, span: c.from(start) };
  });
  return group ?? missingExpression(c);
}

/** Tokens of `(unsigned long)` and the like; 0 when it is none. */
function castLength(c: Cursor): number {
  let length = 1;
  while (isTypeWord(c.ahead(length).text) || c.ahead(length).text === '*') length++;
  return length > 1 && isTypeWord(c.ahead(1).text) && c.ahead(length).text === ')' ? length + 1 : 0;
}

/** `cpu 1: r0` */
function parseCpuRegister(c: Cursor): CpuRegisterExpression {
  const start = c.take().start;
  const cpus = parseCpuRange(c);
  c.expect(':', 'behind it comes a register, `cpu 1: r0`');
  const register = parseIdentifier(c, 'A register');
  return { kind: 'cpuRegister', cpus, register, span: c.from(start) };
}
