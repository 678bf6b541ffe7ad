/** What an expectation says of an execution: outcomes, faults and final values with `&& || !`. */

import type { Condition, CpuRange, Expression } from './ast';
import type { Cursor } from './cursor';
import { aboveLogical, parseBinary, precedence } from './expressions';
import { limits } from './limits';
import { isRuleCode, outcomeByWord } from './outcomes';
import { continuesStatement, here, outcomeWordLength, parseCpuRange, parseLevel, parseOutcomeWord } from './words';

export function parseCondition(c: Cursor): Condition {
  return parseChain(c, '||', (inner) => parseChain(inner, '&&', parseNot));
}

function parseChain(c: Cursor, operator: '||' | '&&', parseOperand: (c: Cursor) => Condition): Condition {
  const start = c.token.start;
  let left = parseOperand(c);
  for (let count = 0; c.is(operator); count++) {
    if (count >= limits.chain) {
      c.report('HVO005', c.token, `More than ${limits.chain} conditions in one expectation; write several.`);
      c.skipStatement();
      return left;
    }
    c.take();
    const right = parseOperand(c);
    left = { kind: operator === '||' ? 'or' : 'and', left, right, span: c.from(start) };
  }
  return left;
}

function parseNot(c: Cursor): Condition {
  if (!c.is('!')) return parseAtom(c);
  const start = c.token.start;
  const condition = c.nested((): Condition => {
    c.take();
    return { kind: 'not', operand: parseNot(c), span: c.from(start) };
  });
  return condition ?? nothing(c);
}

const nothing = (c: Cursor): Condition => ({
  kind: 'comparison',
  expression: { kind: 'missing', span: here(c) },
  span: here(c),
});

function parseAtom(c: Cursor): Condition {
  const start = c.token.start;
  if (!continuesStatement(c)) return reportMissing(c);
  if (c.is('(') && groupsConditions(c)) {
    const group = c.nested((): Condition => {
      c.take();
      const inner = c.inParentheses(() => parseCondition(c));
      c.expect(')', `it closes the \`(\` of line ${c.line(start)}`);
      return { kind: 'group', inner, span: c.from(start) };
    });
    return group ?? nothing(c);
  }
  if (c.isWord('cpu') && !isCpuRegister(c)) {
    c.take();
    return parseOfCpu(c, start, parseCpuRange(c));
  }
  if (c.token.kind === 'name' && isOutcome(c)) return parseOutcome(c, start, undefined);
  if (c.atEnd || c.is('}')) return reportMissing(c);
  const expression: Expression = parseBinary(c, aboveLogical);
  return { kind: 'comparison', expression, span: c.from(start) };
}

function reportMissing(c: Cursor): Condition {
  const message = `An outcome or a comparison is missing behind \`${c.previous.text}\`.`;
  c.missing('HVO012', message, ['oops', 'r0 == 0']);
  return nothing(c);
}

/** What stands behind `cpu N`: `faults`, or an outcome. */
function parseOfCpu(c: Cursor, start: number, cpus: CpuRange): Condition {
  if (c.acceptWord('faults')) {
    const level = parseLevel(c);
    return { kind: 'faults', cpus, ...(level === undefined ? {} : { level }), span: c.from(start) };
  }
  return parseOutcome(c, start, cpus);
}

function parseOutcome(c: Cursor, start: number, cpus: CpuRange | undefined): Condition {
  const outcome = parseOutcomeWord(c);
  const level = parseLevel(c);
  return {
    kind: 'outcome',
    outcome,
    ...(cpus === undefined ? {} : { cpus }),
    ...(level === undefined ? {} : { level }),
    span: c.from(start),
  };
}

/** `cpu 1: r0` and `cpu 0..1: r0` are values. */
function isCpuRegister(c: Cursor): boolean {
  const behind = c.ahead(2).text === '..' ? c.ahead(4) : c.ahead(2);
  return behind.text === ':';
}

/** An outcome word, or something hyphenated that can only be meant as one. */
function isOutcome(c: Cursor): boolean {
  const length = outcomeWordLength(c);
  const word = c.text.slice(c.token.start, c.ahead(length - 1).end);
  const next = c.ahead(length);
  const endsHere =
    next.firstOfLine || !(next.text === '(' || next.text === '.' || precedence.has(next.text)) || isLogical(next.text);
  if (outcomeByWord.has(word) || isRuleCode(word)) return endsHere;
  return endsHere && length > 1;
}

const isLogical = (mark: string): boolean => mark === '||' || mark === '&&';

/** Parentheses hold conditions unless an operator on values follows them: `(a + b) == c`. */
function groupsConditions(c: Cursor): boolean {
  let depth = 0;
  for (let i = 0; ; i++) {
    const { text, kind } = c.ahead(i);
    if (kind === 'end') return true;
    if (text === '(') depth++;
    if (text === ')' && --depth === 0) {
      const next = c.ahead(i + 1);
      return next.firstOfLine || !precedence.has(next.text) || isLogical(next.text);
    }
  }
}
