/**
 * Lists of the elaboration: `struct list_head` chains of pages as the kernel's text handles them, without the links in
 * memory. Their items are known when the program is made; what the kernel stores into struct pages is library text.
 */

import { type Compiler, complain, type Frame } from '../compiler';
import { elaborationCodes } from '../source';
import type { State, Way } from '../state';
import { describeKind, number, type Value, zero } from '../value';
import type { Lowering, PrimitiveCall } from './call';

/** Evaluates all arguments, then works on the list that is the first of them. */
const onList =
  (
    work: (
      call: PrimitiveCall,
      state: State,
      items: readonly Value[],
      rest: readonly Value[],
    ) => { readonly items: readonly Value[]; readonly value: Value },
  ): Lowering =>
  (call) =>
    values(call).map(({ state, value: [list = zero, ...rest] }) => {
      if (list.kind !== 'list') {
        notAList(call.compiler, call.frame, call, list);
        return { state, value: zero };
      }
      const result = work(call, state, state.lists.get(list.list) ?? [], rest);
      state.lists.set(list.list, result.items);
      return { state, value: result.value };
    });

function values({ compiler, frame, state, call }: PrimitiveCall): readonly Way<readonly Value[]>[] {
  let ways: readonly Way<readonly Value[]>[] = [{ state, value: [] }];
  for (const argument of call.arguments) {
    ways = ways.flatMap((way) =>
      compiler
        .evaluate(frame, way.state, argument)
        .map((next) => ({ state: next.state, value: [...way.value, next.value] })),
    );
  }
  return ways;
}

function notAList(compiler: Compiler, frame: Frame, { call }: PrimitiveCall, value: Value): void {
  const span = call.arguments[0]?.span ?? call.span;
  complain(compiler, frame, elaborationCodes.kind, span, `this is ${describeKind(value)}, where a list belongs`);
}

const make: Lowering = (call) =>
  values(call).map(({ state, value }) => {
    const list = call.compiler.counters.lists++;
    state.lists.set(list, value);
    return { state, value: { kind: 'list', list } };
  });

const push = onList((_call, _state, items, [item = zero]) => ({ items: [...items, item], value: zero }));

/** The last item in, as list_add and list_first_entry make a stack of a list. */
const pop = onList((call, _state, items) => {
  const last = items[items.length - 1];
  if (last !== undefined) return { items: items.slice(0, -1), value: last };
  complain(call.compiler, call.frame, elaborationCodes.kind, call.call.span, 'the list is empty here');
  return { items, value: zero };
});

const count = onList((_call, _state, items) => ({ items, value: number(BigInt(items.length)) }));

const item = onList((call, _state, items, [index = zero]) => {
  const found = index.kind === 'number' && index.value < BigInt(items.length) ? items[Number(index.value)] : undefined;
  if (found === undefined)
    complain(
      call.compiler,
      call.frame,
      elaborationCodes.kind,
      call.call.span,
      `the list has ${items.length} items here, numbered from 0, and the index must be known`,
    );
  return { items, value: found ?? zero };
});

export const listLowerings: readonly (readonly [string, Lowering])[] = [
  ['list', make],
  ['list_push', push],
  ['list_pop', pop],
  ['list_count', count],
  ['list_item', item],
];
