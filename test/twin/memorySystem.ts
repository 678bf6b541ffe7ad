/** What happens by itself, at any time: stores leave their buffer, TLBIs arrive, TLBs fill. */
import type { ProtocolStep } from './protocolAction';
import type { Generation, State } from './protocolState';

export function memorySystemSteps(state: State, cpu: number): ProtocolStep[] {
  const steps: ProtocolStep[] = [];
  const writer = state.writers[cpu];
  if (writer?.buffer) {
    const { page, value } = writer.buffer;
    const drained = { ...state, writers: state.writers.with(cpu, { ...writer, buffer: null }) };
    steps.push({ action: { cpu, what: 'store reaches memory', page }, next: withEntry(drained, page, value) });
  }
  for (let page = 0; page < state.entries.length; page++) {
    if (state.invalidations[cpu]![page]) {
      steps.push({ action: { cpu, what: 'TLBI takes effect', page }, next: invalidated(state, cpu, page) });
    }
    if (canWalk(state, cpu, page)) {
      steps.push({ action: { cpu, what: 'speculative walk', page, fills: true }, next: filled(state, cpu, page) });
    }
  }
  return steps;
}

/** The TLB has no copy and memory has a valid entry. */
export function canWalk(state: State, cpu: number, page: number): boolean {
  return state.tlbs[cpu]![page] === 0 && state.entries[page] !== 0;
}

export function filled(state: State, cpu: number, page: number): State {
  return withCached(state, cpu, page, state.entries[page]!);
}

/** A store: into the buffer of the CPU, or at once to memory where there is none. */
export function stored(state: State, cpu: number, page: number, value: Generation, buffered: boolean): State {
  if (!buffered) return withEntry(state, page, value);
  const buffer = { page, value };
  return { ...state, writers: state.writers.with(cpu, { ...state.writers[cpu]!, buffer }) };
}

/** A broadcast TLBI of a page: every CPU will act upon it, each in its own time. */
export function broadcast(state: State, page: number): State {
  return { ...state, invalidations: state.invalidations.map((pending) => pending.with(page, true)) };
}

export function allInvalidated(state: State): boolean {
  return state.invalidations.every((pending) => !pending.includes(true));
}

function invalidated(state: State, cpu: number, page: number): State {
  const pending = state.invalidations[cpu]!.with(page, false);
  return { ...withCached(state, cpu, page, 0), invalidations: state.invalidations.with(cpu, pending) };
}

function withCached(state: State, cpu: number, page: number, value: Generation): State {
  return { ...state, tlbs: state.tlbs.with(cpu, state.tlbs[cpu]!.with(page, value)) };
}

function withEntry(state: State, page: number, value: Generation): State {
  return { ...state, entries: state.entries.with(page, value) };
}
