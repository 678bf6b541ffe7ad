/** Loads, stores, exclusives and accesses with an exception-table entry. */

import { type AccessOptions, accessInstruction, type Bytes, load, store } from '../access';
import { fork, join, type Way } from '../state';
import { inRegister, type Numeric, number, zero } from '../value';
import { type Lowering, place, withNumbers } from './call';

const widths: readonly { readonly suffix: string; readonly bytes: Bytes }[] = [
  { suffix: '', bytes: 8 },
  { suffix: '32', bytes: 4 },
  { suffix: '16', bytes: 2 },
  { suffix: '8', bytes: 1 },
];
/** Widths of ordered accesses, exclusives and atomics. */
export const wordWidths = widths.slice(0, 2);

const loading = (bytes: Bytes, options: AccessOptions): Lowering =>
  withNumbers((compiler, frame, state, [address = zero]) => load(compiler, frame, state, address, bytes, options), 1);

const storing = (bytes: Bytes, options: AccessOptions): Lowering =>
  withNumbers((compiler, frame, state, [address = zero, value = zero]) => {
    store(compiler, frame, state, address, value, bytes, options);
    return undefined;
  }, 2);

/** STXR and STLXR: 0 to the result when it stored. */
const exclusiveStore = (bytes: Bytes, release: boolean): Lowering =>
  withNumbers((compiler, frame, state, [address = zero, value = zero]) => {
    const status = compiler.graph.register();
    store(compiler, frame, state, address, value, bytes, { exclusive: true, status, ...(release ? { release } : {}) });
    compiler.truths.add(status);
    return inRegister(status);
  }, 2);

const readOnce: Lowering = ({ compiler, frame, state, call }) => {
  const [target] = call.arguments;
  if (target === undefined) return [{ state, value: zero }];
  return place(compiler, frame, state, target).map((way) => ({
    state: way.state,
    value: load(compiler, frame, way.state, way.value, way.value.bytes ?? 8),
  }));
};

const writeOnce: Lowering = ({ compiler, frame, state, call }) => {
  const [target, value] = call.arguments;
  if (target === undefined || value === undefined) return [{ state, value: zero }];
  return place(compiler, frame, state, target).flatMap((to) =>
    compiler.evaluate(frame, to.state, value).map((way) => {
      const stored = way.value.kind === 'number' || way.value.kind === 'register' ? way.value : zero;
      store(compiler, frame, way.state, to.value, stored, to.value.bytes ?? 8);
      return { state: way.state, value: zero };
    }),
  );
};

/** -EFAULT, as copy_from_kernel_nofault returns it. */
const efault = number(-14n);

/** LDR with an entry in the exception table: a fault that nobody mends goes on with -EFAULT. */
const nofaultLoad: Lowering = ({ compiler, frame, state, call }) => {
  const [target] = call.arguments;
  if (target === undefined) return [{ state, value: zero }];
  const { graph } = compiler;
  const ways = place(compiler, frame, state, target).flatMap((way): readonly Way<Numeric>[] => {
    const destination = graph.register();
    const next = graph.block();
    const fixup = graph.block();
    const bare = accessInstruction(compiler, frame, way.state, 'load', way.value, 8, {}, { destination });
    graph.end(way.state.block, { kind: 'nofault', access: { ...bare, site: frame.site }, next, fixup });
    return [
      { state: fork(way.state, next), value: inRegister(destination) },
      { state: fork(way.state, fixup), value: efault },
    ];
  });
  return join(graph, ways, frame.site);
};

export const accessLowerings: readonly (readonly [string, Lowering])[] = [
  ...widths.flatMap(({ suffix, bytes }) => [
    [`load${suffix}`, loading(bytes, {})] as const,
    [`store${suffix}`, storing(bytes, {})] as const,
  ]),
  ...wordWidths.flatMap(({ suffix, bytes }) => [
    [`load${suffix}_acquire`, loading(bytes, { acquire: 'full' })] as const,
    [`load${suffix}_acquire_pc`, loading(bytes, { acquire: 'processorConsistent' })] as const,
    [`store${suffix}_release`, storing(bytes, { release: true })] as const,
    [`ldxr${suffix}`, loading(bytes, { exclusive: true })] as const,
    [`ldaxr${suffix}`, loading(bytes, { exclusive: true, acquire: 'full' })] as const,
    [`stxr${suffix}`, exclusiveStore(bytes, false)] as const,
    [`stlxr${suffix}`, exclusiveStore(bytes, true)] as const,
  ]),
  ['READ_ONCE', readOnce],
  ['WRITE_ONCE', writeOnce],
  ['nofault_load', nofaultLoad],
];
