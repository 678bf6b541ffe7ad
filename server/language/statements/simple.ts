/** Statements of one line: `let`, `return`, `break`, `continue`. */

import { parseExpression } from '../expressions';
import type { StatementRow } from '../rows';
import { parseIdentifier } from '../words';

export const simpleStatements: readonly StatementRow[] = [
  {
    keyword: 'let',
    kind: 'let',
    holdsBlock: false,
    form: 'let NAME = value',
    doc: 'Declares a local. It is known from here to the end of its block.',
    snippet: 'let ‹name› = ‹value›;',
    example: 'let pte = READ_ONCE(*virt_to_kpte(H.tail(1)));',
    parse: (c, keyword) => {
      const name = parseIdentifier(c, 'The name of the local');
      const hasValue = c.accept('=');
      if (!hasValue)
        c.missing('HVO015', '`=` and a value are missing: a local has a value from the start.', ['='], ' = 0');
      const value = hasValue ? parseExpression(c) : { kind: 'missing' as const, span: c.from(c.endOfPrevious) };
      return { kind: 'let', keyword, name, value, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'return',
    kind: 'return',
    holdsBlock: false,
    form: 'return value',
    doc: 'Leaves the function with a value, 0 when none is given. In a `cpu`, `irq` or `nmi` block it ends the block.',
    snippet: 'return ‹value›;',
    example: 'return;',
    parse: (c, keyword) => {
      const ends = c.onNewLine || c.is(';') || c.is('}') || c.is('=>') || c.atEnd;
      if (ends) return { kind: 'return', keyword, span: c.from(keyword.start) };
      const value = parseExpression(c);
      return { kind: 'return', keyword, value, span: c.from(keyword.start) };
    },
  },
  {
    keyword: 'break',
    kind: 'break',
    holdsBlock: false,
    form: 'break',
    doc: 'Leaves the innermost loop or `switch`.',
    snippet: 'break;',
    example: 'while (1) { break; }',
    parse: (c, keyword) => ({ kind: 'break', span: c.from(keyword.start) }),
  },
  {
    keyword: 'continue',
    kind: 'continue',
    holdsBlock: false,
    form: 'continue',
    doc: 'Goes on with the next round of the innermost loop.',
    snippet: 'continue;',
    example: 'repeat 2 { continue; }',
    parse: (c, keyword) => ({ kind: 'continue', span: c.from(keyword.start) }),
  },
];
