/** Branches, loops and choices. */

import type { AssignStatement, Block, Expression, LetStatement, SwitchCase } from '../ast';
import { parseBlock, parseBody, parseCaseBody, parseSimple, parseStatement } from '../blocks';
import type { Cursor } from '../cursor';
import { parseExpression } from '../expressions';
import type { StatementRow } from '../rows';
import { here } from '../words';

/** `(e)` behind a keyword. */
function parseParenthesised(c: Cursor, keyword: string): Expression {
  const open = c.accept('(');
  if (!open)
    c.missing('HVO015', `\`(\` is missing: the condition of \`${keyword}\` stands in parentheses.`, ['('], ' (');
  if (!open && (c.is('{') || c.onNewLine)) return { kind: 'missing', span: here(c) };
  return c.inParentheses(() => {
    const expression = parseExpression(c);
    if (open) c.expect(')', `it closes the condition of \`${keyword}\``);
    else c.accept(')');
    return expression;
  });
}

/** `else` and what follows it: a block, or another `if` in a block without braces. */
function parseElse(c: Cursor): Block {
  return parseBody(c, { what: '`else`' });
}

/** A `let` or an assignment in the head of `for`. */
function parseForPart(c: Cursor, what: string): LetStatement | AssignStatement | undefined {
  if (c.isWord('let')) {
    const row = c.grammar.statements.get('let');
    const statement = row?.parse(c, c.take());
    return statement?.kind === 'let' ? statement : undefined;
  }
  const start = c.token;
  const typed = c.grammar.foreignStatement(c);
  if (typed?.kind === 'let') return typed;
  const statement = parseSimple(c);
  if (statement.kind === 'assign') return statement;
  c.report(
    'HVO016',
    { start: start.start, end: c.endOfPrevious },
    `${what} of \`for\` is an assignment: \`i = 0\`, \`i += 1\`.`,
  );
  return undefined;
}

interface ForHead {
  initial?: LetStatement | AssignStatement;
  condition?: Expression;
  step?: AssignStatement;
}

function parseForHead(c: Cursor): ForHead {
  const head: ForHead = {};
  if (!c.is(';')) {
    const initial = parseForPart(c, 'The beginning');
    if (initial !== undefined) head.initial = initial;
  }
  if (!c.expect(';', 'the head of `for` is `(i = 0; i < n; i += 1)`')) return head;
  if (!c.is(';')) head.condition = parseExpression(c);
  if (!c.expect(';', 'the head of `for` is `(i = 0; i < n; i += 1)`')) return head;
  if (!c.is(')')) {
    const step = parseForPart(c, 'The step');
    if (step?.kind === 'assign') head.step = step;
  }
  return head;
}

function parseCases(c: Cursor): readonly SwitchCase[] {
  const cases: SwitchCase[] = [];
  if (!c.is('{')) {
    c.missing('HVO015', '`{` is missing: the cases of `switch` stand in braces.', ['{'], ' {');
    return cases;
  }
  const open = c.take();
  c.inBraces(open, () => {
    while (!c.is('}')) {
      if (c.atEnd) {
        c.reportMissingBrace(open, '`switch`');
        return;
      }
      if (c.isWord('case') || c.isWord('default')) cases.push(parseCase(c));
      else {
        c.report(
          'HVO016',
          c.token,
          'A `switch` holds `case VALUE:` and `default:`; this stands before the first of them.',
          {
            expected: ['case', 'default'],
          },
        );
        parseStatement(c);
      }
    }
    c.take();
  });
  return cases;
}

function parseCase(c: Cursor): SwitchCase {
  const start = c.token.start;
  const labels: SwitchCase['labels'][number][] = [];
  while (c.isWord('case') || c.isWord('default')) {
    const label = c.take();
    const value = label.text === 'case' ? parseExpression(c) : undefined;
    c.expect(':', `it ends \`${label.text}\``);
    labels.push({ ...(value === undefined ? {} : { value }), span: c.from(label.start) });
  }
  const body = parseCaseBody(c);
  return { labels, body, span: c.from(start) };
}

export const flowStatements: readonly StatementRow[] = [
  {
    keyword: 'if',
    kind: 'if',
    holdsBlock: true,
    form: 'if (condition) { … } else if (condition) { … } else { … }',
    doc: 'Runs the first block whose condition is not 0. Braces may be left out around one statement.',
    snippet: 'if (‹condition›) {\n\t‹›\n}',
    example: 'if (load(V) == 1) { store(V, 2); } else { store(V, 3); }',
    words: ['else'],
    parse: (c, keyword) => {
      const condition = parseParenthesised(c, 'if');
      const then = parseBody(c, { what: '`if`' });
      const otherwise = c.acceptWord('else') ? parseElse(c) : undefined;
      const span = c.from(keyword.start);
      return { kind: 'if', keyword, condition, then, ...(otherwise === undefined ? {} : { otherwise }), span };
    },
  },
  {
    keyword: 'while',
    kind: 'while',
    holdsBlock: true,
    form: 'while (condition) { … }',
    doc: 'Runs the block as long as the condition is not 0. Every round is explored, so it should end by what it does; `wait(*p == v)` waits without rounds, `loop` goes on for ever.',
    snippet: 'while (‹condition›) {\n\t‹›\n}',
    example: 'while (load(V) != 1) { cpu_relax(); }',
    parse: (c, keyword) => {
      const condition = parseParenthesised(c, 'while');
      const body = parseBody(c, { what: '`while`' });
      return { kind: 'while', keyword, condition, body, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'for',
    kind: 'for',
    holdsBlock: true,
    form: 'for (i = a; i < b; i += c) { … }',
    doc: 'The loop of C. A variable that is new is declared by the head and known in the loop.',
    snippet: 'for (‹i› = ‹0›; ‹i› < ‹n›; ‹i› += ‹1›) {\n\t‹›\n}',
    example: 'for (i = 1; i < 8; i += 1) { f(H.tail(i)); }',
    parse: (c, keyword) => {
      const open = c.expect('(', 'the head of `for` is `(i = 0; i < n; i += 1)`');
      const head = open ? c.inParentheses(() => parseForHead(c)) : {};
      if (open) c.expect(')', 'it closes the head of `for`');
      const body = parseBody(c, { what: '`for`' });
      return { kind: 'for', keyword, ...head, body, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'repeat',
    kind: 'repeat',
    holdsBlock: true,
    form: 'repeat count { … }',
    doc: 'Runs the block so many times.',
    snippet: 'repeat ‹2› {\n\t‹›\n}',
    example: 'repeat 2 { r0 = load(H.page(1).flags); }',
    parse: (c, keyword) => {
      const count = parseExpression(c);
      const body = parseBlock(c, { what: '`repeat`' });
      return { kind: 'repeat', keyword, count, body, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'loop',
    kind: 'loop',
    holdsBlock: true,
    form: 'loop { … }',
    doc: 'Runs the block for ever. A round begins when everything older is done, so that the states stay finite; a CPU in it counts as finished.',
    snippet: 'loop {\n\t‹›\n}',
    example: 'loop { r0 = load(H.page(1).flags); }',
    parse: (c, keyword) => {
      const body = parseBlock(c, { what: '`loop`' });
      return { kind: 'loop', keyword, body, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'choose',
    kind: 'choose',
    holdsBlock: true,
    form: 'choose { … } or { … }',
    doc: 'Runs any one of the blocks; each is explored. For one of several values there is `any(a, b, c)`.',
    snippet: 'choose {\n\t‹…›\n} or {\n\t‹…›\n}',
    example: 'choose { store(V, 1); } or { store(V, 2); }',
    words: ['or'],
    parse: (c, keyword) => {
      const branches = [parseBlock(c, { what: '`choose`' })];
      while (c.acceptWord('or')) branches.push(parseBlock(c, { what: '`or`' }));
      if (branches.length === 1)
        c.missing('HVO015', '`choose` has one block only; `or { … }` adds another.', ['or'], ' or { }');
      return { kind: 'choose', keyword, branches, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'switch',
    kind: 'switch',
    holdsBlock: true,
    form: 'switch (value) { case A: … case B: case C: … default: … }',
    doc: 'Runs the statements behind the label that the value has, or behind `default`. A case does not fall through into the next, unless it is empty; a `break` at its end may stand or not.',
    snippet: 'switch (‹value›) {\n\tcase ‹A›:\n\t\t‹…›\n\tdefault:\n\t\t‹›\n}',
    example: 'switch (load(V)) { case 1: case 2: store(V, 0); default: store(V, 1); }',
    words: ['case', 'default'],
    parse: (c, keyword) => {
      const value = parseParenthesised(c, 'switch');
      const cases = parseCases(c);
      return { kind: 'switch', keyword, value, cases, span: c.from(keyword.start) };
    },
  },
];
