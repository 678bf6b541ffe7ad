/** C that people paste and that has another form here: `unsigned long flags`, `static bool f(unsigned long addr)`. */

import type { Identifier, Item, Statement } from './ast';
import { parseBlock } from './blocks';
import type { Cursor } from './cursor';
import { parseExpression } from './expressions';
import { isTypeWord } from './typeWords';
import { missingExpression } from './words';

/** How many tokens belong to the type that begins here. */
function typeLength(c: Cursor): number {
  let length = 0;
  while (isTypeWord(c.ahead(length).text) || (length > 0 && c.ahead(length).text === '*')) length++;
  return length;
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
  c.report('HVO017', { start, end: name.end }, `Values have no types: \`let ${name.text} = …\` declares a local.`, {
    fix: { title: 'Use `let`', edits: [{ span: { start, end: name.start }, text: 'let ' }] },
  });
  for (let i = 0; i < length; i++) c.take();
  const identifier = takeName(c);
  const value = c.accept('=') ? parseExpression(c) : missingExpression(c);
  return { kind: 'let', keyword, name: identifier, value, span: c.from(start) };
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
