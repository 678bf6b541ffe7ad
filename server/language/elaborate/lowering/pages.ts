/** Pages: allocation, copies, and which of them the scenario looks at. */

import { pageBytes } from '../../../../simulator/machine/granule';
import { load, store } from '../access';
import { type Compiler, complain, emit, operandOf } from '../compiler';
import { elaborationCodes } from '../source';
import { fork } from '../state';
import { inRegister, one, plus, zero } from '../value';
import { type Lowering, withNothing, withNumbers } from './call';

const allocate: Lowering = withNothing((compiler, frame, state) => {
  const destination = compiler.graph.register();
  compiler.counters.allocations++;
  emit(compiler, frame, state, { kind: 'allocate', destination });
  return inRegister(destination);
});

const tryAllocate: Lowering = ({ compiler, frame, state }) => {
  const { graph } = compiler;
  const [found, failed] = [graph.block(), graph.block()];
  graph.end(state.block, { kind: 'choose', to: [found, failed], site: frame.site });
  const with_ = fork(state, found);
  const destination = graph.register();
  compiler.counters.allocations++;
  emit(compiler, frame, with_, { kind: 'allocate', destination });
  // The two ways stay apart: what follows an allocation that failed is other code anyway.
  return [
    { state: with_, value: inRegister(destination) },
    { state: fork(state, failed), value: zero },
  ];
};

const free: Lowering = withNumbers((compiler, frame, state, [page = zero]) => {
  emit(compiler, frame, state, { kind: 'free', address: operandOf(compiler, frame, state, page) });
  return undefined;
}, 1);

/** Offsets of the words of a page of vmemmap that somebody in the scenario accesses; a copy moves only these. */
function wordsThatMatter(compiler: Compiler): readonly bigint[] {
  return [...compiler.known.offsets].sort((a, b) => (a < b ? -1 : 1));
}

const copyPage: Lowering = withNumbers((compiler, frame, state, [to = zero, from = zero]) => {
  for (const offset of wordsThatMatter(compiler)) {
    const value = load(compiler, frame, state, plus(from, offset), 8);
    store(compiler, frame, state, plus(to, offset), value, 8);
  }
  return undefined;
}, 2);

const clearPage: Lowering = withNumbers((compiler, frame, state, [to = zero]) => {
  for (const offset of wordsThatMatter(compiler)) store(compiler, frame, state, plus(to, offset), zero, 8);
  return undefined;
}, 1);

/** Whether anybody in the scenario accesses the page of vmemmap at an address: text may leave others out. */
const touched: Lowering = withNumbers((compiler, frame, _state, [va = zero]) => {
  if (va.kind !== 'number') {
    complain(compiler, frame, elaborationCodes.notConstant, frame.span, 'the address of touched() must be known here');
    return one;
  }
  const page = pageBytes(compiler.world.environment.configuration.granule);
  return compiler.known.pages.has(va.value & ~(page - 1n)) ? one : zero;
}, 1);

export const pageLowerings: readonly (readonly [string, Lowering])[] = [
  ['alloc_page', allocate],
  ['try_alloc_page', tryAllocate],
  ['free_page', free],
  ['copy_page', copyPage],
  ['clear_page', clearPage],
  ['touched', touched],
];
