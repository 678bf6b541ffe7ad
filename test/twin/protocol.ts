/**
 * Break-before-make of vmemmap entries against concurrent accesses, as a transition system: the protocol of the patch
 * "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (vmemmap_update_pte, vmemmap_handle_page_fault). One step is one
 * thing that others can see; a walk reads one entry of coherent memory; nothing is evicted, since not having filled is the same.
 */
import type { Assertion, TransitionSystem } from './explore';
import { memorySystemSteps } from './memorySystem';
import type { Action, ProtocolStep } from './protocolAction';
import { initialState, type Protocol, type State, stateKey } from './protocolState';
import { visitorSteps } from './visitorSteps';
import { writerSteps } from './writerSteps';

export function protocolSystem(protocol: Protocol): TransitionSystem<State, Action> {
  return {
    initial: initialState(protocol),
    successors: (state) => successors(protocol, state),
    key: stateKey,
    assertions,
    mayEnd: (state) =>
      state.writers.every((writer) => writer.at === 'done') &&
      state.readers.every((reader) => reader.at === 'idle') &&
      state.handlers.every((handler) => handler.at === 'idle'),
  };
}

/** The protocol as it should be, of some size. */
export function correctProtocol(writers: number, readers: number, pages: number): Protocol {
  return { writers, readers, pages, omit: {}, interrupts: 'none' };
}

function successors(protocol: Protocol, state: State): ProtocolStep[] {
  return [
    ...state.writers.flatMap((_, cpu) => writerSteps(protocol, state, cpu)),
    ...state.readers.flatMap((_, reader) => readerSteps(protocol, state, reader)),
    ...state.tlbs.flatMap((_, cpu) => memorySystemSteps(state, cpu)),
    ...state.handlers.flatMap((_, cpu) => interruptSteps(protocol, state, cpu)),
  ];
}

function readerSteps({ writers, boundAccesses, omit }: Protocol, state: State, reader: number): ProtocolStep[] {
  const visitor = state.readers[reader]!;
  return visitorSteps(state, {
    cpu: writers + reader,
    visitor,
    become: (from, next) => ({ ...from, readers: from.readers.with(reader, next) }),
    mayBegin: boundAccesses === undefined || visitor.accesses < boundAccesses,
    counts: boundAccesses !== undefined,
    handlerLocks: !omit.handlerLock,
  });
}

function interruptSteps({ interrupts }: Protocol, state: State, cpu: number): ProtocolStep[] {
  return visitorSteps(state, {
    cpu,
    visitor: state.handlers[cpu]!,
    become: (from, next) => ({ ...from, handlers: from.handlers.with(cpu, next) }),
    mayBegin: interrupts === 'always' || state.lockedBy !== cpu,
    counts: false,
    handlerLocks: true,
  });
}

const assertions: readonly Assertion<State, Action>[] = [
  {
    name: 'conflict',
    // Break-before-make: no TLB takes a generation while another TLB, or itself, has a different one.
    holds: (before, { action }) =>
      !action.fills || before.tlbs.every((tlb) => [0, before.entries[action.page!]].includes(tlb[action.page!])),
  },
  {
    name: 'stale',
    holds: (_, { action, next }) => !action.uses || next.tlbs[action.cpu]![action.page!]! > next.retired[action.page!]!,
  },
  {
    name: 'unhandled',
    // The handler has nothing to wait for when it sees the invalid entry under the lock: the kernel dies.
    holds: (before, { action }) => !action.expectsValid || before.entries[action.page!] !== 0,
  },
  { name: 'selfLock', holds: (_, { action }) => !action.waitsForItself },
];
