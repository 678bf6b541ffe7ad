/** The initial state, between braces: `int x=1; 0:X1=x; [PTE(x)]=(valid:0); uint64_t 1:X3; int a[2]={1,2}; int *p=&x;`. */

import type { Cursor } from './cursor';
import { atRegister, parseConstant, parseLocation, placeOf } from './parseConstant';
import type { Constant, Initial } from './test';

/** Elements of one array; more do not fit into the page that a variable has. */
const MAX_ELEMENTS = 512;

export function parseInitial(cursor: Cursor): readonly Initial[] {
  const items: Initial[] = [];
  while (!cursor.ended) {
    if (cursor.accept(';')) continue;
    items.push(parseItem(cursor));
    if (!cursor.ended) cursor.expect(';', 'after an item of the initial state');
  }
  return items;
}

function parseItem(cursor: Cursor): Initial {
  const place = placeOf(cursor);
  cursor.accept('_Atomic');
  const type = startsWithType(cursor) ? cursor.name('a type') : undefined;
  const pointer = cursor.accept('*');
  const bracketed = cursor.is('[');
  const location = parseLocation(cursor);
  const declared = !bracketed && location.kind === 'variable' ? location.index : 0;
  const array = declared > 0;
  if (declared > MAX_ELEMENTS) cursor.fail(`expected at most ${MAX_ELEMENTS} elements in an array, found ${declared}`);
  const plain = array ? { ...location, index: 0 } : location;
  const values = cursor.accept('=') ? parseValues(cursor) : [];
  if (values.length > Math.max(1, declared)) {
    cursor.fail(`expected ${Math.max(1, declared)} value(s), found ${values.length}`);
  }
  return {
    ...place,
    location: plain,
    ...(type === undefined ? {} : { type }),
    pointer,
    elements: Math.max(1, declared),
    array,
    values,
  };
}

/** A type stands before a location: a name that another location, or `*`, follows. */
function startsWithType(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind !== 'name' || atRegister(cursor)) return false;
  const after = cursor.peek(1);
  return after.kind === 'name' || after.kind === 'number' || cursor.is('*', 1) || isBracketedName(cursor);
}

/** `int [x]` declares x, `x[3]` is an array. */
function isBracketedName(cursor: Cursor): boolean {
  return cursor.is('[', 1) && cursor.peek(2).kind === 'name';
}

function parseValues(cursor: Cursor): readonly Constant[] {
  if (!cursor.accept('{')) return [parseConstant(cursor)];
  const values: Constant[] = [];
  do {
    values.push(parseConstant(cursor));
  } while (cursor.accept(','));
  cursor.expect('}', 'after the elements');
  return values;
}
