/** Pages, locks, variables, constants, functions, and other files. */

import type { Expression, Identifier, LockKindWord } from '../ast';
import { parseBlock } from '../blocks';
import type { Cursor } from '../cursor';
import { parseExpression } from '../expressions';
import type { ItemRow } from '../rows';
import { didYouMean, nearest, shown } from '../suggest';
import { isTypeWord } from '../typeWords';
import { missingExpression, parseIdentifier, parseString } from '../words';

const lockKinds: readonly LockKindWord[] = ['spin', 'raw', 'mutex', 'rwsem'];

function parseLockKind(c: Cursor): LockKindWord | undefined {
  const token = c.token;
  if (token.kind !== 'name' || c.onNewLine) {
    c.missing('HVO012', 'The kind of the lock is missing: spin, raw, mutex or rwsem.', lockKinds, ' spin');
    return undefined;
  }
  c.take();
  const kind = lockKinds.find((candidate) => candidate === token.text);
  if (kind !== undefined) return kind;
  const suggestion = nearest(token.text, lockKinds);
  c.report('HVO021', token, `A lock is spin, raw, mutex or rwsem, not ${shown(token.text)}.${didYouMean(suggestion)}`, {
    expected: lockKinds,
  });
  return lockKinds.find((candidate) => candidate === suggestion);
}

/** `= value` behind a name. */
function parseInitial(c: Cursor, what: string): Expression {
  if (c.accept('=')) return parseExpression(c);
  c.missing('HVO015', `\`=\` and a value are missing: ${what} has one from the start.`, ['='], ' = 0');
  return missingExpression(c);
}

function parseParameters(c: Cursor): readonly Identifier[] {
  const list: Identifier[] = [];
  if (!c.expect('(', 'the parameters of a function stand in parentheses, `fn f(a, b)`')) return list;
  c.inParentheses(() => {
    if (c.is(')')) return;
    do {
      skipType(c);
      list.push(parseIdentifier(c, 'The name of a parameter'));
    } while (c.accept(','));
  });
  c.expect(')', 'it closes the parameters');
  return list;
}

/** A type before a parameter is what C has. */
function skipType(c: Cursor): void {
  const start = c.token.start;
  while (isTypeWord(c.token.text) || (c.is('*') && c.endOfPrevious > start)) c.take();
  if (c.endOfPrevious <= start) return;
  const span = { start, end: c.token.start };
  c.report(
    'HVO017',
    { start, end: c.endOfPrevious },
    'Parameters have no types: everything is 64 bits wide and unsigned.',
    {
      fix: { title: 'Remove the type', edits: [{ span, text: '' }] },
    },
  );
}

export const declarationRows: readonly ItemRow[] = [
  {
    keyword: 'page',
    kind: 'page',
    inScenario: true,
    form: 'page NAME at PA',
    doc: 'A page of memory beside the huge pages, by its physical address: a slab page, a page table, a page that an interrupt frees. `NAME.struct` is its struct page.',
    snippet: 'page ‹P› at ‹0x1_0800_0000›',
    example: 'page P at 0x1_0630_0000',
    words: ['at'],
    parse: (c, keyword) => {
      const name = parseIdentifier(c, 'The name of the page');
      const hasAt = c.acceptWord('at');
      if (!hasAt) c.missing('HVO015', '`at` and a physical address are missing.', ['at'], ' at 0');
      const at = hasAt ? parseExpression(c) : missingExpression(c);
      return { kind: 'page', keyword, name, at, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'lock',
    kind: 'lock',
    inScenario: true,
    form: 'lock NAME : spin|raw|mutex|rwsem',
    doc: 'A lock beside `init_mm.page_table_lock` and `init_mm.mmap_lock`.',
    snippet: 'lock ‹name› : ‹spin|raw|mutex|rwsem›',
    example: 'lock zone : spin',
    words: [...lockKinds],
    parse: (c, keyword) => {
      const name = parseIdentifier(c, 'The name of the lock');
      const lockKind = c.expect(':', 'behind it comes the kind of the lock') ? parseLockKind(c) : undefined;
      const kind = lockKind === undefined ? {} : { lockKind };
      return { kind: 'lock', keyword, name, ...kind, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'var',
    kind: 'var',
    inScenario: true,
    form: 'var NAME = value',
    doc: 'A shared 64-bit word of kernel data in the linear map. Its name is its address: `load(NAME)`, `WRITE_ONCE(*NAME, 1)`.',
    snippet: 'var ‹name› = ‹0›',
    example: 'var paused = 0',
    parse: (c, keyword) => {
      const name = parseIdentifier(c, 'The name of the variable');
      const value = parseInitial(c, 'a variable');
      return { kind: 'var', keyword, name, value, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'const',
    kind: 'const',
    inScenario: true,
    form: 'const NAME = value',
    doc: 'A name for a value.',
    snippet: 'const ‹NAME› = ‹value›',
    example: 'const TAIL = H.tail(1)',
    parse: (c, keyword) => {
      const name = parseIdentifier(c, 'The name of the constant');
      const value = parseInitial(c, 'a constant');
      return { kind: 'const', keyword, name, value, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'fn',
    kind: 'fn',
    inScenario: true,
    form: 'fn NAME(parameters) { … }',
    doc: 'A function. It goes before one of the same name in the standard library, for the calls of the library as well; one in a scenario goes before that of the file.',
    snippet: 'fn ‹name›(‹addr›) {\n\t‹›\n}',
    example: 'fn g(addr, entry) { store(addr, entry); return 0; }',
    parse: (c, keyword) => {
      const name = parseIdentifier(c, 'The name of the function');
      const parameters = parseParameters(c);
      const body = parseBlock(c, { what: `\`${name.name}\``, outermost: true });
      return { kind: 'fn', keyword, name, parameters, body, span: c.from(keyword.start) };
    },
  },
];

export const useRow: ItemRow = {
  keyword: 'use',
  kind: 'use',
  inScenario: false,
  form: 'use "other.hvo"',
  doc: 'Everything at the top of another file but its scenarios; the path counts from this file. What this file declares itself goes first.',
  snippet: 'use "‹other.hvo›"',
  example: 'use "other.hvo"',
  parse: (c, keyword) => {
    const path = parseString(c, 'The path of a file in quotes');
    return { kind: 'use', keyword, path, span: c.from(keyword.start) };
  },
};
