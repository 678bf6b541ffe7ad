/**
 * Atomics: single instructions with FEAT_LSE, otherwise loops of load-exclusive and store-exclusive, as
 * arch/arm64/include/asm/atomic_lse.h and atomic_ll_sc.h have them.
 */

import type { Arithmetic, AtomicOperation } from '../../../../simulator/machine/program';
import { type AccessOptions, atomic, type Bytes, load, store } from '../access';
import { type Compiler, emit, type Frame, operandOf } from '../compiler';
import { applyBinary } from '../operators';
import { fork, join, type State, type Way } from '../state';
import { inRegister, type Numeric, type Value, zero } from '../value';
import { wordWidths } from './accesses';
import { type Lowering, numbers } from './call';

interface Order {
  readonly suffix: string;
  readonly acquire: boolean;
  readonly release: boolean;
  /** Without FEAT_LSE the fully ordered forms end with DMB ISH and have no acquire. */
  readonly full: boolean;
}

const orders: readonly Order[] = [
  { suffix: '', acquire: true, release: true, full: true },
  { suffix: '_relaxed', acquire: false, release: false, full: false },
  { suffix: '_acquire', acquire: true, release: false, full: false },
  { suffix: '_release', acquire: false, release: true, full: false },
];

interface Operation {
  readonly name: string;
  readonly operation: AtomicOperation;
  /** What a loop computes from the old value and the operand; absent: the operand itself. */
  readonly combine?: Arithmetic;
}

const operations: readonly Operation[] = [
  { name: 'xchg', operation: 'swap' },
  { name: 'fetch_add', operation: 'add', combine: 'add' },
  { name: 'fetch_or', operation: 'set', combine: 'or' },
  { name: 'fetch_andnot', operation: 'clear', combine: 'bitClear' },
  { name: 'fetch_xor', operation: 'exclusiveOr', combine: 'exclusiveOr' },
];

const withoutResult: readonly Operation[] = [
  { name: 'stadd', operation: 'add', combine: 'add' },
  { name: 'stset', operation: 'set', combine: 'or' },
  { name: 'stclr', operation: 'clear', combine: 'bitClear' },
  { name: 'steor', operation: 'exclusiveOr', combine: 'exclusiveOr' },
];

const relaxed = orders[1] as Order;

const update =
  (operation: Operation, bytes: Bytes, order: Order, result: boolean): Lowering =>
  ({ compiler, frame, state, call }) =>
    numbers(compiler, frame, state, call.arguments).flatMap((way): readonly Way<Value>[] => {
      const [address = zero, operand = zero] = way.value;
      if (!compiler.world.environment.configuration.lse) {
        return exclusiveLoop(compiler, frame, way.state, address, bytes, order, undefined, (inner, old) =>
          combined(compiler, frame, inner, operation, old, operand),
        );
      }
      const options: AccessOptions = {
        operation: operation.operation,
        ...ordering(order),
        ...(result ? {} : { noReturn: true }),
      };
      return [{ state: way.state, value: atomic(compiler, frame, way.state, address, operand, bytes, options) }];
    });

const compareAndSwap =
  (bytes: Bytes, order: Order): Lowering =>
  ({ compiler, frame, state, call }) =>
    numbers(compiler, frame, state, call.arguments).flatMap((way): readonly Way<Value>[] => {
      const [address = zero, old = zero, next = zero] = way.value;
      if (!compiler.world.environment.configuration.lse)
        return exclusiveLoop(compiler, frame, way.state, address, bytes, order, old, () => next);
      const options: AccessOptions = { operation: 'compareAndSwap', compare: old, ...ordering(order) };
      return [{ state: way.state, value: atomic(compiler, frame, way.state, address, next, bytes, options) }];
    });

function ordering(order: Order): AccessOptions {
  return { ...(order.acquire ? { acquire: 'full' } : {}), ...(order.release ? { release: true } : {}) };
}

function combined(
  compiler: Compiler,
  frame: Frame,
  state: State,
  operation: Operation,
  old: Numeric,
  operand: Numeric,
): Numeric {
  if (operation.combine === undefined) return operand;
  const sources = [operandOf(compiler, frame, state, old), operandOf(compiler, frame, state, operand)];
  const destination = compiler.graph.register();
  emit(compiler, frame, state, { kind: 'arithmetic', operation: operation.combine, destination, sources });
  return inRegister(destination);
}

/** LDXR; (compare;) compute; STXR; again when it did not store. */
function exclusiveLoop(
  compiler: Compiler,
  frame: Frame,
  state: State,
  address: Numeric,
  bytes: Bytes,
  order: Order,
  expected: Numeric | undefined,
  compute: (state: State, old: Numeric) => Numeric,
): readonly Way<Value>[] {
  const { graph } = compiler;
  const { site } = frame;
  const again = graph.block();
  graph.end(state.block, { kind: 'jump', to: again, site });
  const inside = fork(state, again);
  const acquire: AccessOptions = order.acquire && !order.full ? { acquire: 'full' } : {};
  const old = load(compiler, frame, inside, address, bytes, { exclusive: true, ...acquire });
  const done: Way<Value>[] = [];
  let trying = inside;
  if (expected !== undefined) {
    const condition = operandOf(compiler, frame, inside, applyBinary(compiler, frame, inside, '==', old, expected));
    const same = graph.block();
    const other = graph.block();
    graph.end(inside.block, { kind: 'branch', condition, ifTrue: same, ifFalse: other, site });
    done.push({ state: fork(inside, other), value: old });
    trying = fork(inside, same);
  }
  const value = compute(trying, old);
  const status = graph.register();
  const release: AccessOptions = order.release ? { release: true } : {};
  store(compiler, frame, trying, address, value, bytes, { exclusive: true, status, ...release });
  const stored = graph.block();
  graph.end(trying.block, {
    kind: 'branch',
    condition: { kind: 'register', register: status },
    ifTrue: again,
    ifFalse: stored,
    site,
  });
  const after = fork(trying, stored);
  if (order.full) emit(compiler, frame, after, { kind: 'dmb', type: 'full', domain: 'innerShareable' });
  done.push({ state: after, value: old });
  return join(graph, done, site);
}

export const atomicLowerings: readonly (readonly [string, Lowering])[] = wordWidths.flatMap(({ suffix, bytes }) => [
  ...orders.flatMap((order) => [
    ...operations.map(
      (operation) => [`${operation.name}${suffix}${order.suffix}`, update(operation, bytes, order, true)] as const,
    ),
    [`cmpxchg${suffix}${order.suffix}`, compareAndSwap(bytes, order)] as const,
  ]),
  ...withoutResult.map(
    (operation) => [`${operation.name}${suffix}`, update(operation, bytes, relaxed, false)] as const,
  ),
]);
