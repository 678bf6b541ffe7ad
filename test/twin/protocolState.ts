/**
 * What there is in the protocol's world: the state of a few CPUs that share one table of vmemmap entries.
 * Everything is a plain immutable object; a step makes a new one.
 */

/** The size of a system, and how it departs from the correct protocol. */
export interface Protocol {
  /** CPUs 0..writers-1 each remap every page once, with break-before-make. */
  readonly writers: number;
  /** The CPUs after them access arbitrary pages for ever. */
  readonly readers: number;
  readonly pages: number;
  readonly omit: {
    readonly tlbi?: boolean;
    /** The DSB between the clearing store and the TLBI. */
    readonly firstDsb?: boolean;
    /** The wait for the TLBI to take effect everywhere. */
    readonly secondDsb?: boolean;
    /** The invalid value: the new entry is written over the old one. */
    readonly break?: boolean;
    /** The lock in the fault handler: it looks at the entry at once. */
    readonly handlerLock?: boolean;
    /** Store buffers: a store reaches memory at once. */
    readonly storeBuffer?: boolean;
  };
  /** Interrupts on the writers' CPUs whose handler touches a page: none, at any time, or masked while the lock is held. */
  readonly interrupts: 'none' | 'always' | 'maskedByLock';
  /** The number of accesses after which a reader stops; without it, it never does. */
  readonly boundAccesses?: number;
}

/** An entry or a cached copy of one: the generation that it maps, 0 when it is invalid or absent. */
export type Generation = number;

export const writerSteps = ['lock', 'clear', 'firstDsb', 'tlbi', 'secondDsb', 'set', 'unlock', 'done'] as const;
export type WriterStep = (typeof writerSteps)[number];

export interface Writer {
  readonly at: WriterStep;
  readonly page: number;
  /** The generation that was read before the entry was cleared; 0 outside clear..set. */
  readonly old: Generation;
  /** The one store that has not reached memory yet. */
  readonly buffer: { readonly page: number; readonly value: Generation } | null;
}

export const visitorSteps = ['idle', 'lock', 'check', 'unlock', 'retry'] as const;
export type VisitorStep = (typeof visitorSteps)[number];

/** Somebody who accesses pages and whose faults are handled: a reader, or the interrupt handler of a writer's CPU. */
export interface Visitor {
  readonly at: VisitorStep;
  /** The page whose access faulted; 0 when idle. */
  readonly page: number;
  /** Accesses begun, counted only when they are bounded. */
  readonly accesses: number;
}

export interface State {
  /** The entries as memory holds them. */
  readonly entries: readonly Generation[];
  /** For each page the newest generation whose invalidation has been waited for: using it, or an older one, is stale. */
  readonly retired: readonly Generation[];
  /** tlbs[cpu][page] */
  readonly tlbs: readonly (readonly Generation[])[];
  /** invalidations[cpu][page]: a broadcast TLBI that has not taken effect on this CPU yet. */
  readonly invalidations: readonly (readonly boolean[])[];
  /** The CPU that holds the page table lock. */
  readonly lockedBy: number | null;
  readonly writers: readonly Writer[];
  readonly readers: readonly Visitor[];
  /** The interrupt handler of each writer's CPU; that CPU does nothing else while its handler is not idle. */
  readonly handlers: readonly Visitor[];
}

export function initialState({ writers, readers, pages, interrupts, boundAccesses = 0 }: Protocol): State {
  const cpus = writers + readers;
  if (cpus > 9 || pages > 9 || boundAccesses > 9) throw new Error('the state key gives each number one digit');
  const idle: Visitor = { at: 'idle', page: 0, accesses: 0 };
  return {
    entries: Array(pages).fill(1),
    retired: Array(pages).fill(0),
    tlbs: Array.from({ length: cpus }, () => Array(pages).fill(0)),
    invalidations: Array.from({ length: cpus }, () => Array(pages).fill(false)),
    lockedBy: null,
    writers: Array.from({ length: writers }, () => ({ at: 'lock', page: 0, old: 0, buffer: null })),
    readers: Array.from({ length: readers }, () => idle),
    handlers: interrupts === 'none' ? [] : Array.from({ length: writers }, () => idle),
  };
}

/** Equal for equal states: every field, in order. The protocol fixes all lengths, and every number is one digit. */
export function stateKey(state: State): string {
  const visitor = (v: Visitor) => `${visitorSteps.indexOf(v.at)}${v.page}${v.accesses}`;
  return [
    state.entries.join(''),
    state.retired.join(''),
    state.tlbs.map((tlb) => tlb.join('')).join(''),
    state.invalidations.map((pending) => pending.map(Number).join('')).join(''),
    state.lockedBy ?? '-',
    ...state.writers.map(
      (w) => `${writerSteps.indexOf(w.at)}${w.page}${w.old}${w.buffer ? `${w.buffer.page}${w.buffer.value}` : '--'}`,
    ),
    ...state.readers.map(visitor),
    ...state.handlers.map(visitor),
  ].join(' ');
}
