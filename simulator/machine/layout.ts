/**
 * Where everything stands in a state record: one Int32Array, fully described here. A record is a memory block and then
 * one block a CPU; a block's fixed words come first, what varies in length comes last, so that only what is in use is
 * stored and compared. Unused words are 0.
 *
 * A value word holds a value number (0 and up). A register or operand word below 0 is a reference: -(slot + 1) stands
 * for the result of that slot of the CPU's window.
 */

import { type Learned, LIMITS } from './learned';
import type { Program } from './program';

/** Depth of nested exceptions that a record can hold. */
export const MAX_NESTING = 4;

/** Interrupts of one CPU: those that were sent are a bit each of one word. */
export const MAX_INTERRUPTS = 32;

/** Fixed words of a CPU's block, by offset. */
export const CPU = {
  /** Next instruction to fetch. */
  PC: 0,
  /** 0 running, 1 dead (its task was killed, or the machine panicked). */
  DEAD: 1,
  /** Exceptions that are being handled. */
  DEPTH: 2,
  /** Bit 0: IRQs masked, bit 1: NMIs masked, from bit 2: the preemption count, from bit 16: nested RCU read-side sections. */
  MASKS: 3,
  /** Slot of the last load-exclusive + 1. */
  EXCLUSIVE: 4,
  /** Backward branches taken so far (litmus `unroll`). */
  BACK: 5,
  /** One of STALL. */
  STALL: 6,
  /** retryOnce: what is fetched comes after a fault that was tried again; then the descriptor (location + 1) and value that must be the last. */
  RETRIED: 7,
  FINAL_CELL: 8,
  FINAL_VALUE: 9,
  /** Committed to take interrupt n - 1 as soon as everything older is translated. */
  TAKING: 10,
  /** The interrupt decision at this PC has been made: not here. */
  DECLINED: 11,
  /** Interrupts that were sent and not yet taken, a bit each; MAX_INTERRUPTS of them. */
  PENDING: 12,
  /** The read-side section that the oldest instruction in flight is in, where somebody waits for a grace period. */
  SECTION: 13,
  /** Accesses of other CPUs that the next DSB waits for. */
  WAITS: 14,
  /** Slots in use. */
  COUNT: 15,
  /** Stray TLB entries: what walks do not find any more. */
  STRAYS: 16,
  /** What TLBIs lack that were not completed (LACKS): a DSB that completes them never comes on this way. */
  LACKS: 17,
  /** Depth of the exception stack that is in use starts here: NESTED words a level. */
  STACK: 18,
} as const;

/** Where some TLBI of the CPU has not happened. */
export const LACKS = { NOTHING: 0, ELSEWHERE: 1, EVERYWHERE: 2 } as const;

/** Why fetching waits: not at all, for the operand of a backward branch, for ever (a loop that nothing ends). */
export const STALL = { NONE: 0, BRANCH: 1, FOREVER: 2 } as const;

/** Words of one level of the exception stack. */
export const NEST = { ELR: 0, ESR: 1, FAR: 2, MASKS: 3, WORDS: 4 } as const;

/** Words of a stray TLB entry: first VA, descriptor, level + 1 with the limits of the tables above. */
export const STRAY = { BASE: 0, VALUE: 1, HOW: 2, WORDS: 3 } as const;

/** Words of a window slot. */
export const SLOT = {
  /** Code index. */
  IP: 0,
  /** One of ENTRY. */
  KIND: 1,
  /** Bits of FLAG. */
  FLAGS: 2,
  /** Operand words. */
  A: 3,
  B: 4,
  C: 5,
  D: 6,
  /** Physical address as a value number + 1, once translated. */
  PA: 7,
  /** Virtual address as a value number + 1, once translated by a walk. */
  VA: 8,
  /** What was read: index + 1 into the word's history, and the value. */
  READ_INDEX: 9,
  READ_VALUE: 10,
  /** Slot + 1 of the older store whose value was forwarded. */
  FORWARD: 11,
  /** Slot + 1 of the load-exclusive that belongs to this store-exclusive. */
  EXCLUSIVE: 12,
  /** Pending hardware update: location + 1 of the descriptor and the index + 1 of its value that was walked. */
  UPDATE_CELL: 13,
  UPDATE_INDEX: 14,
  /** Masks before this instruction, for the squash by a fault. */
  MASKS: 15,
  /** A fault: which one (FAULT kinds in the low 4 bits, level + 1 above). */
  FAULT: 16,
  WORDS: 17,
} as const;

/** What a slot holds. */
export const ENTRY = {
  DEAD: 0,
  ACCESS: 1,
  DMB: 2,
  DSB: 3,
  ISB: 4,
  TLBI: 5,
  ARITHMETIC: 6,
  /** A guessed branch, waiting for its condition. */
  BRANCH: 7,
  /** A guessed select. */
  PICK: 8,
  /** Something to be told once nothing older can squash it. */
  CALL: 9,
  /** The beginning or end of a read-side section. */
  SECTION: 10,
  LOCK: 11,
} as const;

export const FLAG = {
  WALKED: 1,
  /** An access: has read. A TLBI of two parts: has happened on its own CPU. */
  READ: 2,
  /** An access: has written. A TLBI of two parts: has happened on the others. A non-shareable DSB: something behind it has. */
  WRITTEN: 4,
  FAULTED: 8,
  UPDATE_PENDING: 16,
  UPDATED: 32,
  /** The hardware update sets the dirty state too. */
  UPDATE_DIRTY: 64,
  IN_HANDLER: 128,
  /** The store-exclusive failed. */
  EXCLUSIVE_FAILED: 256,
  /** This CAS was walked as one that must fail. */
  MUST_FAIL: 512,
  /** The guess: taken; for a pick the guessed condition. Of a lock for writing: waits in its queue. */
  TAKEN: 1024,
  /** A pick that no branch or address depends on. */
  PICK_FREE: 2048,
  /** A pick whose two results agree. */
  PICK_SAME: 4096,
  /** A TLBI: done. The beginning of a read-side section: something behind it has happened. */
  DONE: 8192,
  /** The access used a translation that had been replaced. */
  STALE: 16384,
  /** The access touched a page that had been freed. */
  FREED: 32768,
  /** The access is translated (its VA was walked), as opposed to direct. */
  TRANSLATED: 65536,
  /** The fault event has happened: it may come later than the walk that found the fault. */
  FAULT_DONE: 131072,
  /** A wait that an interrupt may undo: it carries the registers as they were before it. */
  UNDOABLE: 262144,
  /** When the access was translated, its TLB may have held two entries for it that must not live together. */
  CONFLICTED: 524288,
  /** The access read a word that nobody has written since its page was allocated. */
  UNINITIALISED: 1 << 20,
  /** The access comes after a fault that was tried again, or is that access: its own fault is the last. */
  RETRY: 1 << 21,
  /** From this bit on: how many exceptions were being handled when the instruction was fetched. */
  DEPTH: 1 << 22,
} as const;

export interface Layout {
  readonly words: number;
  readonly cpus: number;
  /** First word of each CPU's block. */
  readonly base: readonly number[];
  /** Offsets inside a CPU's block. Registers differ in number from CPU to CPU, so these are per CPU. */
  readonly registers: readonly number[];
  /** Sticky observed events, one bit each, MARKS_PER_WORD in a word. */
  readonly marks: readonly number[];
  readonly leafBounds: readonly number[];
  readonly tableBounds: readonly number[];
  readonly remaining: readonly number[];
  readonly strays: readonly number[];
  /** For each lock how often the CPU has taken it for reading beyond the first time; none where it takes none so. */
  readonly rereads: readonly number[];
  readonly waits: readonly number[];
  readonly slots: readonly number[];
  readonly slotWords: readonly number[];
  readonly registerCount: readonly number[];
  readonly interruptCount: readonly number[];
  /** Memory block. */
  readonly locations: number;
  readonly historyWords: number;
  readonly history: number;
  readonly locks: number;
  readonly lockCount: number;
  /** For each lock how many CPUs wait in its queue to write; none where nobody tries to read. */
  readonly queues: number;
  readonly queueCount: number;
  readonly frames: number;
  readonly frameCount: number;
  /** For each pair of CPUs the sections of the second that a grace period of the first waits for. */
  readonly graces: number;
  readonly graceCount: number;
  readonly memoryWords: number;
  readonly windowSlots: number;
  readonly waitsCapacity: number;
  readonly straysCapacity: number;
  readonly historyCapacity: number;
}

/** Words of a record are integers of 32 bits. */
export const MARKS_PER_WORD = 32;

/** The layout of a record for a program and what has been learned about it. */
export function makeLayout(program: Program, learned: Learned): Layout {
  const locations = learned.locations.length;
  const historyCapacity = learned.historyLength;
  const historyWords = 1 + historyCapacity;
  const observedEvents = program.observe.filter(({ kind }) => kind === 'event').length;
  const windowSlots = Math.min(learned.windowSlots, LIMITS.windowSlots);
  let next = 0;
  const take = (words: number): number => {
    const at = next;
    next += words;
    return at;
  };
  const history = take(locations * historyWords);
  const locks = take(program.locks.length);
  const queueCount = triesToRead(program) ? program.locks.length : 0;
  const queues = take(queueCount);
  const frames = take(learned.frames.length);
  const graceCount = waitsForReaders(program) ? program.cpus.length ** 2 : 0;
  const graces = take(graceCount);
  const memoryWords = next;
  const perCpu = program.cpus.map((cpu) => {
    const base = take(CPU.STACK + MAX_NESTING * NEST.WORDS);
    const registers = take(cpu.registers);
    const marks = take(Math.ceil(observedEvents / MARKS_PER_WORD));
    const leafBounds = take(locations);
    const tableBounds = take(locations);
    const remaining = take(cpu.interrupts.length);
    const strays = take(learned.strays * STRAY.WORDS);
    const readsLocks = cpu.code.some((i) => i.kind === 'lock' && i.mode === 'shared');
    const rereads = take(readsLocks ? program.locks.length : 0);
    const waits = take(learned.waits);
    const slotWords = SLOT.WORDS + cpu.registers;
    const slots = take(windowSlots * slotWords);
    return { base, registers, marks, leafBounds, tableBounds, remaining, strays, rereads, waits, slots, slotWords };
  });
  return {
    words: next,
    cpus: program.cpus.length,
    base: perCpu.map((c) => c.base),
    registers: perCpu.map((c) => c.registers),
    marks: perCpu.map((c) => c.marks),
    leafBounds: perCpu.map((c) => c.leafBounds),
    tableBounds: perCpu.map((c) => c.tableBounds),
    remaining: perCpu.map((c) => c.remaining),
    strays: perCpu.map((c) => c.strays),
    rereads: perCpu.map((c) => c.rereads),
    waits: perCpu.map((c) => c.waits),
    slots: perCpu.map((c) => c.slots),
    slotWords: perCpu.map((c) => c.slotWords),
    registerCount: program.cpus.map((c) => c.registers),
    interruptCount: program.cpus.map((c) => c.interrupts.length),
    locations,
    historyWords,
    history,
    locks,
    lockCount: program.locks.length,
    queues,
    queueCount,
    frames,
    frameCount: learned.frames.length,
    graces,
    graceCount,
    memoryWords,
    windowSlots,
    waitsCapacity: learned.waits,
    straysCapacity: learned.strays,
    historyCapacity,
  };
}

/** Some CPU may go on without a lock that it wants for reading: a writer that waits already makes it. */
function triesToRead(program: Program): boolean {
  return program.cpus.some(({ code }) =>
    code.some((i) => i.kind === 'lock' && i.mode === 'shared' && i.taken !== undefined),
  );
}

/** Some CPU waits for a grace period. */
function waitsForReaders(program: Program): boolean {
  return program.cpus.some(({ code }) => code.some((i) => i.kind === 'rcu' && i.operation === 'synchronize'));
}
