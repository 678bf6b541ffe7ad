/** The value before the `.` that is being typed behind. */

import type { Expression } from '../language/ast';
import { type ParsedFile, parse } from '../language/parse';
import { bodiesOf, visitBlock } from '../language/walk';
import type { CursorContext } from './cursorContext';

/** Reads the value before the dot from the tokens alone, since what stands behind it may be anything. */
export function memberObjectAt({ text }: ParsedFile, { before }: CursorContext): Expression | undefined {
  const dot = before.at(-1);
  if (dot === undefined) return undefined;
  let depth = 0;
  let first = before.length - 1;
  while (first > 0) {
    const token = before[first - 1];
    if (token === undefined) break;
    if (token.text === ')') depth++;
    else if (token.text === '(') {
      if (depth === 0) break;
      depth--;
    } else if (depth === 0 && !(token.kind === 'name' || token.text === '.' || token.text === '->')) break;
    else if (depth === 0 && token.kind === 'name' && before[first]?.kind === 'name') break;
    first--;
  }
  const start = before[first]?.start;
  if (start === undefined || start >= dot.start) return undefined;
  return expressionOf(text.slice(start, dot.start));
}

function expressionOf(text: string): Expression | undefined {
  const [body] = bodiesOf(parse(`fn f() { return (${text}); }`).file);
  let found: Expression | undefined;
  if (body !== undefined) {
    visitBlock(body.block, (expression) => {
      if (found === undefined && expression.kind === 'group') found = expression.inner;
    });
  }
  return found;
}
