/** C that people paste and that has another form here: `unsigned long flags`, `static bool f(unsigned long addr)`. */

import type { Expression, Identifier, Item, LockKindWord, Statement } from './ast';
import { parseBlock } from './blocks';
import type { Cursor } from './cursor';
import type { Fix } from './diagnostic';
import { parseExpression } from './expressions';
import { isTypeWord } from './typeWords';

const tagged: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);

/** How many tokens belong to the type that begins here: `const struct page *`, with the tag. */
function typeLength(c: Cursor): number {
  let length = 0;
  for (;;) {
    const { text } = c.ahead(length);
    const isQualifier = text === 'const' && isTypeWord(c.ahead(length + 1).text);
    if (tagged.has(text) && c.ahead(length + 1).kind === 'name') length += 2;
    else if (isTypeWord(text) || isQualifier || (length > 0 && text === '*')) length++;
    else return length;
  }
}

function takeName(c: Cursor): Identifier {
  const { text, start, end } = c.take();
  return { name: text, span: { start, end } };
}

/** `unsigned long flags = e` as the `let` that it means; undefined when no name follows the type. */
export function parseTypedDeclaration(c: Cursor): Statement | undefined {
  const start = c.token.start;
  const length = typeLength(c);
  const name = c.ahead(length);
  if (length === 0 || name.kind !== 'name') return undefined;
  const keyword = { start, end: c.ahead(length - 1).end };
  const hasValue = c.ahead(length + 1).text === '=';
  const isList = c.ahead(length + 1).text === ',';
  const edits = [{ span: { start, end: name.start }, text: 'let ' }];
  if (!hasValue) edits.push({ span: { start: name.end, end: name.end }, text: ' = 0' });
  c.report(
    'HVO017',
    { start, end: name.end },
    isList
      ? `Values have no types, and each local is declared by itself: \`let ${name.text} = 0\`.`
      : `Values have no types: \`let ${name.text} = ${hasValue ? '…' : '0'}\` declares a local${hasValue ? '' : ', which has a value from the start'}.`,
    isList ? listFix(c, start, length) : { fix: { title: 'Use `let`', edits } },
  );
  for (let i = 0; i < length; i++) c.take();
  const identifier = takeName(c);
  if (isList) while (!c.atEnd && !c.is(';') && !c.is('}') && !c.onNewLine) c.skipGroup();
  const zero: Expression = { kind: 'number', value: 0n, text: '0', span: c.from(c.endOfPrevious) };
  const value = c.accept('=') ? parseExpression(c) : zero;
  return { kind: 'let', keyword, name: identifier, value, span: c.from(start) };
}

/** `pmd_t *pmdp, pmd` as locals of their own, where nothing but names stands there. */
function listFix(c: Cursor, start: number, length: number): { readonly fix?: Fix } {
  const names: string[] = [];
  for (let at = length; ; at++) {
    while (c.ahead(at).text === '*') at++;
    const name = c.ahead(at);
    if (name.kind !== 'name') return {};
    names.push(name.text);
    if (c.ahead(++at).text === ',') continue;
    if (c.ahead(at).text !== ';') return {};
    const text = names.map((one) => `let ${one} = 0`).join('; ');
    return { fix: { title: 'Use `let` for each', edits: [{ span: { start, end: name.end }, text }] } };
  }
}

/** `out:`, where a `goto` would lead to. */
export function parseLabel(c: Cursor): Statement | undefined {
  const { kind, start, text } = c.token;
  const colon = c.ahead(1);
  if (kind !== 'name' || colon.text !== ':' || colon.firstOfLine) return undefined;
  c.report(
    'HVO031',
    { start, end: colon.end },
    `\`${text}:\` is a label; there is no \`goto\`: use \`return\`, \`break\`, or a flag.`,
  );
  c.take();
  c.take();
  return { kind: 'bad', span: c.from(start) };
}

/** `do { … } while (e);`: the body first, once. */
export function parseDoWhile(c: Cursor): Statement | undefined {
  const { start, end } = c.token;
  if (!c.isWord('do') || c.ahead(1).text !== '{') return undefined;
  c.report(
    'HVO014',
    { start, end },
    'There is no `do`: `loop { … if (!e) break; }`, or the body by itself where it runs once.',
  );
  c.take();
  parseBlock(c, { what: '`do`' });
  if (c.acceptWord('while') && c.is('(')) c.skipGroup();
  return { kind: 'bad', span: c.from(start) };
}

/** A declaration of a lock by a macro. */
const lockMacros: ReadonlyMap<string, LockKindWord> = new Map([
  ['DEFINE_SPINLOCK', 'spin'],
  ['DEFINE_RAW_SPINLOCK', 'raw'],
  ['DEFINE_MUTEX', 'mutex'],
  ['DECLARE_RWSEM', 'rwsem'],
]);

/** `static DEFINE_SPINLOCK(L);` as the `lock` that it means. */
export function parseLockMacro(c: Cursor): Item | undefined {
  const start = c.token.start;
  const length = typeLength(c);
  const lockKind = lockMacros.get(c.ahead(length).text);
  const name = c.ahead(length + 2);
  if (lockKind === undefined || c.ahead(length + 1).text !== '(' || name.kind !== 'name') return undefined;
  const span = { start, end: c.ahead(length + 3).end };
  const text = `lock ${name.text} : ${lockKind}`;
  c.report('HVO017', span, `A lock is declared by \`${text}\`.`, {
    fix: { title: 'Use `lock`', edits: [{ span, text }] },
  });
  const keyword = { start, end: c.ahead(length).end };
  for (let i = 0; i < length + 2; i++) c.take();
  const identifier = takeName(c);
  c.accept(')');
  c.accept(';');
  return { kind: 'lock', keyword, name: identifier, lockKind, span: c.from(start) };
}

/** `static bool f(unsigned long addr) { ... }` as the `fn` that it means; undefined when it is something else. */
export function parseFunctionOfC(c: Cursor): Item | undefined {
  const start = c.token.start;
  const length = typeLength(c);
  const name = c.ahead(length);
  if (length === 0 || name.kind !== 'name' || c.ahead(length + 1).text !== '(') return undefined;
  c.report(
    'HVO017',
    { start, end: name.end },
    `A function is written \`fn ${name.text}(…) { … }\`; values have no types.`,
    {
      fix: { title: 'Use `fn`', edits: [{ span: { start, end: name.start }, text: 'fn ' }] },
    },
  );
  const keyword = { start, end: c.ahead(length - 1).end };
  for (let i = 0; i < length; i++) c.take();
  const identifier = takeName(c);
  c.take();
  const parameters: Identifier[] = [];
  while (!c.atEnd && !c.is(')') && !c.is('{')) {
    const token = c.token;
    const last = c.ahead(1).text === ',' || c.ahead(1).text === ')';
    if (token.kind === 'name' && last && !isTypeWord(token.text)) parameters.push(takeName(c));
    else c.take();
  }
  c.accept(')');
  const body = parseBlock(c, { what: `\`${name.text}\``, outermost: true });
  return { kind: 'fn', keyword, name: identifier, parameters, body, span: c.from(start) };
}
