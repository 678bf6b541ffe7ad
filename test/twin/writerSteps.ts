/** A writer remaps every page once: lock, clear, dsb, tlbi, dsb, set, unlock. */
import { allInvalidated, broadcast, stored } from './memorySystem';
import type { ProtocolStep } from './protocolAction';
import type { Protocol, State, Writer, WriterStep } from './protocolState';

/** The writer's next step, if it is enabled; never more than one. */
export function writerSteps(protocol: Protocol, state: State, cpu: number): ProtocolStep[] {
  const { omit, pages } = protocol;
  const writer = state.writers[cpu]!;
  const { page, old } = writer;
  const interrupted = state.handlers[cpu] !== undefined && state.handlers[cpu].at !== 'idle';
  if (interrupted) return [];

  const buffered = !omit.storeBuffer;
  const drained = writer.buffer === null;
  const step = (what: string, next: State): ProtocolStep[] => [{ action: { cpu, what, page }, next }];
  const become = (changes: Partial<Writer>, from: State = state): State => ({
    ...from,
    writers: from.writers.with(cpu, { ...from.writers[cpu]!, ...changes }),
  });

  switch (writer.at) {
    case 'lock':
      return state.lockedBy === null ? step('lock', become({ at: 'clear' }, { ...state, lockedBy: cpu })) : [];
    case 'clear': {
      const before = state.entries[page]!;
      const value = omit.break ? before + 1 : 0;
      return step('clear', become({ at: afterClear(omit), old: before }, stored(state, cpu, page, value, buffered)));
    }
    case 'firstDsb':
      return drained ? step('dsb', become({ at: omit.tlbi ? 'secondDsb' : 'tlbi' })) : [];
    case 'tlbi':
      return step('tlbi', become({ at: 'secondDsb' }, broadcast(state, page)));
    case 'secondDsb': {
      const waited = drained && (omit.secondDsb || allInvalidated(state));
      return waited ? step('dsb', become({ at: 'set' }, { ...state, retired: state.retired.with(page, old) })) : [];
    }
    case 'set': {
      const next = omit.break ? state : stored(state, cpu, page, old + 1, buffered);
      return step('set', become({ at: 'unlock', old: 0 }, next));
    }
    case 'unlock': {
      // A store-release: it waits for the one buffered store.
      const last = page === pages - 1;
      const after: Partial<Writer> = last ? { at: 'done', page: 0 } : { at: 'lock', page: page + 1 };
      return drained ? step('unlock', become(after, { ...state, lockedBy: null })) : [];
    }
    case 'done':
      return [];
  }
}

function afterClear(omit: Protocol['omit']): WriterStep {
  if (!omit.firstDsb) return 'firstDsb';
  return omit.tlbi ? 'secondDsb' : 'tlbi';
}
