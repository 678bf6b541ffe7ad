/** Functions are inlined: a call is the function's body in its place. */

import type { FunctionItem, Span } from '../ast';
import { elaborationCodes } from './codes';
import { type Compiler, complain, ELABORATION_LIMITS, type Frame } from './compiler';
import type { Declared } from './declarations';
import { join, type State, type Way } from './state';
import { type Value, zero } from './value';

/** The body of a function in the place of its call. `span` is that of the call. */
export function inline(
  compiler: Compiler,
  frame: Frame,
  state: State,
  { item, source }: Declared<FunctionItem>,
  given: readonly Value[],
  span: Span,
): readonly Way<Value>[] {
  if (frame.active.includes(item)) {
    const chain = [...frame.active.slice(frame.active.indexOf(item)), item].map((one) => one.name.name).join(' -> ');
    complain(
      compiler,
      frame,
      elaborationCodes.recursion,
      span,
      `functions are copied to where they are called, so none may call itself: ${chain}`,
    );
    return [{ state, value: zero }];
  }
  if (frame.active.length >= ELABORATION_LIMITS.callDepth) {
    complain(
      compiler,
      frame,
      elaborationCodes.tooLong,
      span,
      `calls go deeper than ${ELABORATION_LIMITS.callDepth} functions here`,
    );
    return [{ state, value: zero }];
  }
  const firstVariable = compiler.counters.variables;
  const scope = { names: new Map<string, number>(), outer: undefined };
  item.parameters.forEach((parameter, i) => {
    const variable = compiler.counters.variables++;
    scope.names.set(parameter.name, variable);
    state.variables.set(variable, given[i] ?? zero);
  });
  const callee: Frame = {
    ...frame,
    source,
    stack: compiler.sites.call(frame.stack, { source: frame.source, span: frame.span, callee: item.name.name }),
    active: [...frame.active, item],
    scope,
    span: item.name.span,
    inFunction: true,
  };
  const ways = compiler.execute(callee, state, item.body).map((exit): Way<Value> => {
    const value = exit.kind === 'return' ? (exit.value ?? zero) : zero;
    forget(exit.state, firstVariable, value);
    return { state: exit.state, value };
  });
  return join(compiler.graph, ways, frame.site);
}

/** Drops a function's variables when it returns, and the lists that nobody can reach any more. */
function forget(state: State, firstVariable: number, result: Value): void {
  for (const variable of state.variables.keys()) if (variable >= firstVariable) state.variables.delete(variable);
  if (state.lists.size === 0) return;
  const reachable = new Set<number>();
  const reach = (value: Value) => {
    if (value.kind !== 'list' || reachable.has(value.list)) return;
    reachable.add(value.list);
    for (const item of state.lists.get(value.list) ?? []) reach(item);
  };
  reach(result);
  for (const value of state.variables.values()) reach(value);
  for (const list of [...state.lists.keys()]) if (!reachable.has(list)) state.lists.delete(list);
}
