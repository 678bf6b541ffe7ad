/** Which functions a function calls, by name. */

import type { FunctionItem, Span } from '../ast';
import { visitBlock } from '../walk';

const cache = new WeakMap<FunctionItem, ReadonlyMap<string, Span>>();

/** The names that a function calls, each with its first place. */
export function callsOf(fn: FunctionItem): ReadonlyMap<string, Span> {
  const known = cache.get(fn);
  if (known !== undefined) return known;
  const calls = new Map<string, Span>();
  visitBlock(fn.body, (expression) => {
    if (expression.kind !== 'call' || expression.callee.kind !== 'name') return;
    const { name, span } = expression.callee;
    if (!calls.has(name)) calls.set(name, span);
  });
  cache.set(fn, calls);
  return calls;
}
