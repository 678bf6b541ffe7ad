/**
 * Lists of the elaboration: `struct list_head` chains of pages as the kernel's text handles them, without the links in
 * memory. Their items are known when the program is made; what the kernel stores into struct pages is library text. In a
 * program that runs once, lists of numbers are in memory of their own, because its loops are loops of the code.
 */

import { load, store } from '../access';
import { linearOf, physicalEnd } from '../addressSpace';
import { elaborationCodes } from '../codes';
import { type Compiler, complain, type Frame } from '../compiler';
import { applyBinary } from '../operators';
import type { State, VariableId, Way } from '../state';
import { describeKind, isNumeric, type ListId, type Numeric, number, one, plus, type Value, zero } from '../value';
import type { Lowering, PrimitiveCall } from './call';

/** Evaluates all arguments, then works on the list that is the first of them: on its items, or on its memory. */
const onList =
  (
    work: (
      call: PrimitiveCall,
      state: State,
      items: readonly Value[],
      rest: readonly Value[],
    ) => { readonly items: readonly Value[]; readonly value: Value },
    inMemory: (call: PrimitiveCall, state: State, list: MemoryList, argument: Numeric) => Value,
  ): Lowering =>
  (call) =>
    values(call).map(({ state, value: [list = zero, ...rest] }) => {
      if (list.kind !== 'list') {
        notAList(call.compiler, call.frame, call, list);
        return { state, value: zero };
      }
      const memory = memoryList(call.compiler, list.list);
      if (memory !== undefined) {
        const [argument = zero] = rest;
        if (isNumeric(argument)) return { state, value: inMemory(call, state, memory, argument) };
        const message = `this is ${describeKind(argument)}; a list in a program that runs once holds numbers`;
        complain(call.compiler, call.frame, elaborationCodes.kind, call.call.span, message);
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

/** A list whose items are words of memory, and the variable that counts them. */
interface MemoryList {
  readonly first: bigint;
  readonly count: VariableId;
}

/** Bytes of memory that a list gets, and all of them together: the end of the linear map, where nothing else is. */
const listBytes = 1n << 17n;
const listsBytes = 1n << 32n;

function memoryList({ counters, world }: Compiler, list: ListId): MemoryList | undefined {
  const count = counters.listsInMemory.get(list);
  if (count === undefined) return undefined;
  const { space } = world.environment;
  const at = physicalEnd(space) - listsBytes + ((BigInt(list) * listBytes) % listsBytes);
  return { first: linearOf(space, at), count };
}

function itemAddress({ compiler, frame }: PrimitiveCall, state: State, { first }: MemoryList, index: Numeric): Numeric {
  return plus(applyBinary(compiler, frame, state, '<<', index, number(3n)), first);
}

function countOf(state: State, list: MemoryList): Numeric {
  return state.variables.get(list.count) as Numeric;
}

const make: Lowering = (call) =>
  values(call).map(({ state, value }) => {
    const { counters, world } = call.compiler;
    const list = counters.lists++;
    if (world.oneRun && value.length === 0) {
      const count = counters.variables++;
      counters.listsInMemory.set(list, count);
      state.variables.set(count, zero);
    }
    state.lists.set(list, value);
    return { state, value: { kind: 'list', list } };
  });

const push = onList(
  (_call, _state, items, [item = zero]) => ({ items: [...items, item], value: zero }),
  (call, state, list, item) => {
    const count = countOf(state, list);
    store(call.compiler, call.frame, state, itemAddress(call, state, list, count), item, 8);
    state.variables.set(list.count, applyBinary(call.compiler, call.frame, state, '+', count, one));
    return zero;
  },
);

/** The last item in, as list_add and list_first_entry make a stack of a list. */
const pop = onList(
  (call, _state, items) => {
    const last = items[items.length - 1];
    if (last !== undefined) return { items: items.slice(0, -1), value: last };
    complain(call.compiler, call.frame, elaborationCodes.kind, call.call.span, 'the list is empty here');
    return { items, value: zero };
  },
  (call, state, list) => {
    const last = applyBinary(call.compiler, call.frame, state, '-', countOf(state, list), one);
    state.variables.set(list.count, last);
    return load(call.compiler, call.frame, state, itemAddress(call, state, list, last), 8);
  },
);

const count = onList(
  (_call, _state, items) => ({ items, value: number(BigInt(items.length)) }),
  (_call, state, list) => countOf(state, list),
);

const item = onList(
  (call, _state, items, [index = zero]) => {
    const found =
      index.kind === 'number' && index.value < BigInt(items.length) ? items[Number(index.value)] : undefined;
    if (found === undefined)
      complain(
        call.compiler,
        call.frame,
        elaborationCodes.kind,
        call.call.span,
        `the list has ${items.length} items here, numbered from 0, and the index must be known`,
      );
    return { items, value: found ?? zero };
  },
  (call, state, list, index) => load(call.compiler, call.frame, state, itemAddress(call, state, list, index), 8),
);

export const listLowerings: readonly (readonly [string, Lowering])[] = [
  ['list', make],
  ['list_push', push],
  ['list_pop', pop],
  ['list_count', count],
  ['list_item', item],
];
