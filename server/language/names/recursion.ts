/** Functions that call themselves. */

import type { FunctionItem, Span } from '../ast';
import { callsOf } from './calls';
import type { Resolver } from './resolver';

/** The function that a name means at the top of the file. */
export type FindFunction = (name: string) => FunctionItem | undefined;

/** Calls are expanded where they stand, so no function may call itself, directly or through others. Whether some do. */
export function checkRecursion(r: Resolver, find: FindFunction): boolean {
  const calls = (fn: FunctionItem): ReadonlyMap<string, Span> => r.calls.get(fn) ?? callsOf(fn);
  const functions = [...r.calls.keys()].filter((fn) => fn.name.name !== '');
  if (!hasCycle(functions, find, calls)) return false;
  for (const fn of functions) {
    const { name } = fn.name;
    const path = pathTo(name, calls(fn), find, calls);
    if (path === undefined) continue;
    const { first, through } = path;
    const way = through.length === 0 ? 'itself' : `itself through ${through.map((word) => `\`${word}\``).join(', ')}`;
    r.say('HVO039', first, `\`${name}\` calls ${way}; calls are expanded where they stand, so there is no recursion.`);
  }
  return true;
}

type Calls = (fn: FunctionItem) => ReadonlyMap<string, Span>;

/** Whether some chain of calls comes back to a function that it came through: one look at each function. */
function hasCycle(functions: readonly FunctionItem[], find: FindFunction, calls: Calls): boolean {
  const done = new Set<FunctionItem>();
  const open = new Set<FunctionItem>();
  for (const start of functions) {
    const stack = [{ fn: start, next: calls(start).keys() }];
    open.add(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { value: name, done: isLast } = top.next.next();
      if (isLast) {
        open.delete(top.fn);
        done.add(top.fn);
        stack.pop();
        continue;
      }
      const called = find(name);
      if (called === undefined || done.has(called)) continue;
      if (open.has(called)) return true;
      open.add(called);
      stack.push({ fn: called, next: calls(called).keys() });
    }
  }
  return false;
}

interface Cycle {
  /** The call in the function itself that leads back to it. */
  readonly first: Span;
  readonly through: readonly string[];
}

/** A shortest chain of calls back to a name. */
function pathTo(
  goal: string,
  calls: ReadonlyMap<string, Span>,
  find: FindFunction,
  callsOfFunction: Calls,
): Cycle | undefined {
  const queue = [...calls].map(([name, first]) => ({ name, first, through: [] as readonly string[] }));
  const seen = new Set<string>();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, first, through } = next;
    if (name === goal) return { first, through };
    if (seen.has(name)) continue;
    seen.add(name);
    const fn = find(name);
    if (fn === undefined) continue;
    for (const called of callsOfFunction(fn).keys()) queue.push({ name: called, first, through: [...through, name] });
  }
  return undefined;
}
