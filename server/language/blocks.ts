/** Blocks and the statements in them. Statements with a keyword are rows; calls and assignments are here. */

import type { AssignOperator, Block, Expression, Statement } from './ast';
import type { Cursor } from './cursor';
import { parseExpression } from './expressions';
import { didYouMean, nearest, shown } from './suggest';
import type { Token } from './tokens';
import { unmodelledNames } from './unmodelled';
import { here, isReserved, parseExpectedOutcomes } from './words';

/** What a block belongs to, for messages, and whether it is the body of a function or a CPU. */
export interface BlockOwner {
  readonly what: string;
  readonly outermost?: boolean;
}

const emptyBlock = (c: Cursor): Block => ({ statements: [], braced: true, span: here(c) });

/** `{ ... }`. Where the brace is missing, one is assumed if the rest of the file has one too many. */
export function parseBlock(c: Cursor, owner: BlockOwner): Block {
  if (!c.is('{')) {
    const assumed = c.hasExtraBrace;
    c.missing('HVO015', `\`{\` is missing: the block of ${owner.what} begins with it.`, ['{'], ' {');
    if (!assumed) return emptyBlock(c);
    return c.nested(() => parseBraced(c, c.previous, owner)) ?? emptyBlock(c);
  }
  const parsed = c.nested(() => {
    const open = c.take();
    return parseBraced(c, open, owner);
  });
  return parsed ?? emptyBlock(c);
}

/** A block, or one statement without braces. */
export function parseBody(c: Cursor, owner: BlockOwner): Block {
  if (c.is('{')) return parseBlock(c, owner);
  const start = c.token.start;
  const single =
    !c.is('}') &&
    !c.atEnd &&
    !c.is(';') &&
    (!c.token.firstOfLine || c.indentation(start) > c.indentation(c.statementStart));
  if (!single) {
    c.missing('HVO015', `The block of ${owner.what} is missing.`, ['{'], ' { }');
    return emptyBlock(c);
  }
  const statement = parseStatement(c);
  return { statements: [statement], braced: false, span: c.from(start) };
}

function parseBraced(c: Cursor, open: Token, owner: BlockOwner): Block {
  return c.inBraces(open, () => {
    const statements: Statement[] = [];
    for (;;) {
      if (c.accept(';')) continue;
      if (endsBlock(c, open, owner)) break;
      statements.push(parseStatement(c));
    }
    return { statements, braced: true, span: c.from(open.start) };
  });
}

/** Takes the closing brace, or reports that it is missing or that there is one too many. */
function endsBlock(c: Cursor, open: Token, owner: BlockOwner): boolean {
  if (c.is('}')) {
    if (c.closesOuterBlock) {
      c.reportMissingBrace(open, owner.what);
      return true;
    }
    if (owner.outermost && goesOn(c) && c.hasExtraBrace) {
      c.reportExtraBrace();
      c.take();
      return false;
    }
    c.take();
    return true;
  }
  if (c.atEnd || (c.token.firstOfLine && beginsOutside(c) && c.lacksBrace)) {
    c.reportMissingBrace(open, owner.what);
    return true;
  }
  return false;
}

/** Behind the brace comes one more statement of the same body. */
function goesOn(c: Cursor): boolean {
  const next = c.ahead(1);
  if (next.kind === 'end' || next.text === '}') return false;
  return !(c.grammar.items.has(next.text) || c.grammar.members.has(next.text));
}

/** The line begins an item or a member of a scenario: `cpu 1`, `fn f`, `scenario "..."`. */
export function beginsOutside(c: Cursor): boolean {
  if (c.token.kind !== 'name') return false;
  if (!c.grammar.items.has(c.token.text) && !c.grammar.members.has(c.token.text)) return false;
  const next = c.ahead(1);
  return !next.firstOfLine && (next.kind !== 'punctuation' || next.text === '{' || next.text === '!');
}

/** The ends of a `case`: the next label or the end of the switch. */
export function parseCaseBody(c: Cursor): Block {
  const statements: Statement[] = [];
  const start = c.token.start;
  while (!c.is('}') && !c.atEnd && !c.isWord('case') && !c.isWord('default')) {
    if (c.accept(';')) continue;
    if (c.token.firstOfLine && beginsOutside(c) && c.lacksBrace) break;
    statements.push(parseStatement(c));
  }
  return { statements, braced: false, span: statements.length === 0 ? here(c) : c.from(start) };
}

/** One statement; always takes at least one token. */
export function parseStatement(c: Cursor): Statement {
  const outer = c.statementStart;
  c.statementStart = c.token.start;
  const start = c.token.start;
  const statement = c.nested(() => parseUnended(c)) ?? { kind: 'bad', span: c.from(start) };
  const ended = endStatement(c, statement);
  c.statementStart = outer;
  return ended;
}

function parseUnended(c: Cursor): Statement {
  const token = c.token;
  if (c.is('{')) {
    const body = parseBlock(c, { what: 'this block' });
    return { kind: 'block', body, span: body.span };
  }
  if (token.kind !== 'name') return parseSimple(c);
  const row = c.grammar.statements.get(token.text);
  if (row !== undefined) return row.parse(c, c.take());
  return c.grammar.foreignStatement(c) ?? parseMisplaced(c) ?? parseUnmodelled(c) ?? parseMisspelt(c) ?? parseSimple(c);
}

const misplacedWords: ReadonlyMap<string, string> = new Map([
  ['else', '`else` belongs directly behind the block of an `if`.'],
  ['case', '`case` belongs into a `switch (e) { … }`.'],
  ['default', '`default` belongs into a `switch (e) { … }`.'],
]);

/** Items and members where only statements can be, and words of statements that are not where they belong. */
function parseMisplaced(c: Cursor): Statement | undefined {
  const { text, start } = c.token;
  const message = misplacedWords.get(text);
  if (message !== undefined) {
    c.report('HVO016', c.take(), message);
    if (c.is('{')) parseBlock(c, { what: `\`${text}\`` });
    else c.skipStatement();
    return { kind: 'bad', span: c.from(start) };
  }
  if (text === 'or' && c.ahead(1).text === '{') {
    c.report('HVO016', c.take(), '`or` belongs directly behind a block of `choose`.');
    parseBlock(c, { what: '`or`' });
    return { kind: 'bad', span: c.from(start) };
  }
  if (!beginsOutside(c)) return undefined;
  const instead = text === 'var' || text === 'const' ? ' A local is `let NAME = value`.' : '';
  c.report(
    'HVO016',
    c.token,
    `\`${text}\` stands at the top of a file or in a scenario, not among statements.${instead}`,
  );
  const row = c.grammar.members.get(text) ?? c.grammar.items.get(text);
  row?.parse(c, c.take());
  return { kind: 'bad', span: c.from(start) };
}

/** `goto out`: a word of C that has no model. */
function parseUnmodelled(c: Cursor): Statement | undefined {
  const { text, start, end } = c.token;
  const instead = unmodelledNames.get(text);
  if (instead === undefined || c.ahead(1).kind !== 'name' || c.ahead(1).firstOfLine) return undefined;
  c.report('HVO031', { start, end }, `${shown(text)} is not modelled; ${instead}.`);
  c.skipStatement();
  return { kind: 'bad', span: c.from(start) };
}

/** `whle (e) {`, `retrun x`: a word that only a keyword can stand for. */
function parseMisspelt(c: Cursor): Statement | undefined {
  const word = c.token;
  const next = c.ahead(1);
  if (next.firstOfLine) return undefined;
  const opens = next.text === '{' || (next.text === '(' && blockFollows(c));
  if (!opens && next.kind !== 'name' && next.kind !== 'number') return undefined;
  const candidates = [...c.grammar.statements.values()].filter((row) => row.holdsBlock === opens);
  const keyword = nearest(
    word.text,
    candidates.map((row) => row.keyword),
  );
  const row = keyword === undefined ? undefined : c.grammar.statements.get(keyword);
  const span = { start: word.start, end: word.end };
  if (row === undefined) {
    if (!opens || next.text === '(') return undefined;
    const expected = candidates.map((candidate) => candidate.keyword);
    c.report('HVO014', span, `${shown(word.text)} is no statement that holds a block.`, { expected });
    c.take();
    parseBlock(c, { what: shown(word.text) });
    return { kind: 'bad', span: c.from(word.start) };
  }
  c.report('HVO014', span, `${shown(word.text)} is no statement.${didYouMean(row.keyword)}`, {
    expected: [row.keyword],
    fix: { title: `Change to \`${row.keyword}\``, edits: [{ span, text: row.keyword }] },
  });
  return row.parse(c, c.take());
}

/** Behind the parentheses of a call that begins here stands a block. */
function blockFollows(c: Cursor): boolean {
  let depth = 0;
  for (let i = 1; ; i++) {
    const { text, kind, firstOfLine } = c.ahead(i);
    if (kind === 'end' || firstOfLine || text === ';' || text === '}') return false;
    if (text === '(') depth++;
    if (text === ')' && --depth === 0) return c.ahead(i + 1).text === '{' && !c.ahead(i + 1).firstOfLine;
  }
}

const assignOperators: ReadonlySet<string> = new Set([
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
]);

/** `++i`, which is `i++` where its value does not count. */
function parsePrefixStep(c: Cursor): Statement | undefined {
  const mark = c.token;
  const name = c.ahead(1);
  if ((!c.is('++') && !c.is('--')) || name.kind !== 'name' || name.firstOfLine) return undefined;
  const edits = [
    { span: { start: mark.start, end: name.start }, text: '' },
    { span: { start: name.end, end: name.end }, text: mark.text },
  ];
  const title = `Change to \`${name.text}${mark.text}\``;
  c.report(
    'HVO016',
    { start: mark.start, end: name.end },
    `\`${mark.text}\` stands behind its name here: \`${name.text}${mark.text}\`.`,
    {
      fix: { title, edits },
    },
  );
  c.take();
  c.take();
  const target: Expression = { kind: 'name', name: name.text, span: { start: name.start, end: name.end } };
  const one: Expression = { kind: 'number', value: 1n, text: '1', span: { start: mark.start, end: mark.end } };
  const operator = mark.text === '++' ? '+=' : '-=';
  return { kind: 'assign', target, operator, value: one, step: true, span: c.from(mark.start) };
}

/** A call or an assignment. */
export function parseSimple(c: Cursor): Statement {
  const start = c.token.start;
  const prefixed = parsePrefixStep(c);
  if (prefixed !== undefined) return prefixed;
  const expression = parseExpression(c);
  if (assignOperators.has(c.token.text)) {
    const operator = c.take().text as AssignOperator;
    const value = parseExpression(c);
    return { kind: 'assign', target: expression, operator, value, step: false, span: c.from(start) };
  }
  if ((c.is('++') || c.is('--')) && !c.onNewLine) {
    const mark = c.take();
    const one: Expression = { kind: 'number', value: 1n, text: '1', span: { start: mark.start, end: mark.end } };
    const operator = mark.text === '++' ? '+=' : '-=';
    return { kind: 'assign', target: expression, operator, value: one, step: true, span: c.from(start) };
  }
  if (expression.kind === 'missing') {
    if (c.endOfPrevious <= start) c.skipGroup();
    return { kind: 'bad', span: c.from(start) };
  }
  return { kind: 'call', expression, span: c.from(start) };
}

const withBlock: ReadonlySet<Statement['kind']> = new Set([
  'if',
  'while',
  'for',
  'repeat',
  'loop',
  'choose',
  'switch',
  'region',
  'block',
  'bad',
]);

/** The end of a statement, and the outcomes that are expected of it. */
function endStatement(c: Cursor, statement: Statement): Statement {
  if (!withBlock.has(statement.kind)) expectEnd(c);
  if (!c.is('=>')) return statement;
  const expected = parseExpectedOutcomes(c);
  expectEnd(c);
  return { ...statement, expected, span: { start: statement.span.start, end: expected.span.end } };
}

function expectEnd(c: Cursor): void {
  if (c.accept(';') || c.onNewLine || c.is('}') || c.is('=>') || c.atEnd) return;
  const { text, kind } = c.token;
  const another = kind === 'name' && !isReserved(c, text) && c.ahead(1).text !== '{';
  if (another || c.grammar.statements.has(text)) {
    c.missing('HVO015', `\`;\` is missing before ${shown(text)}.`, [';'], ';');
    return;
  }
  c.report('HVO016', c.token, `${shown(text)} does not belong here: the statement before it is complete.`);
  if (c.is('{')) parseBlock(c, { what: 'this block' });
  else c.skipStatement();
}
