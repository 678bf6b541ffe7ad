/** Exception entry and return, supervisor calls, and the registers that describe the exception being handled. */

import { type Compiled, operandWord } from '../machine/code';
import { FAULT, packFault } from '../machine/faults';
import { CPU, ENTRY, FLAG, MAX_NESTING, NEST, SLOT, STALL } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { FaultMode, ReturnInstruction, SystemRegisterInstruction } from '../machine/program';
import { EFFECT } from './choices';
import { setMasks } from './readSections';
import { anyUntranslated, hasRoom, pushEntry, type StepKind, setRegister } from './step';

/** Bits of what is masked, units of what is counted; fewer than 2^14 of PREEMPTION. */
export const MASK = { IRQ: 1, NMI: 2, PREEMPTION: 4, READ: 1 << 16 } as const;

/** Preemption is off where these are the masks. */
export function isPreemptionOff(masks: number): boolean {
  return masks % MASK.READ >= MASK.PREEMPTION;
}

/** Whether sleeping is forbidden at the fetch point of CPU t: interrupts are masked, as in a handler, or preemption is off. */
export function isAtomic(m: Machine, t: number): boolean {
  const masks = m.w[m.base(t) + CPU.MASKS] as number;
  return (masks & MASK.IRQ) !== 0 || isPreemptionOff(masks);
}

/** No more instructions are fetched at this PC. */
export function endOfCode(m: Machine, t: number): number {
  return m.cpus[t]?.code.length ?? 0;
}

/** At the end of a round of an endless loop: the jump to its beginning. */
export function isAtRoundEnd(m: Machine, t: number): boolean {
  const ip = m.w[m.base(t) + CPU.PC] as number;
  if (ip >= endOfCode(m, t)) return false;
  const { instruction } = m.compiled(t, ip);
  return instruction.kind === 'jump' && instruction.drains === true;
}

/**
 * Takes an exception: the exception stack gets the return address and syndrome, interrupts are masked, the PC goes to
 * the handler's copy for this depth. False when the nesting is too deep for a record (the bound `nesting`).
 */
export function enterException(
  m: Machine,
  t: number,
  entries: readonly number[],
  returnTo: number,
  esr: bigint,
  far: number,
  masks: number,
  synchronises: boolean,
): boolean {
  const base = m.base(t);
  const depth = (m.w[base + CPU.DEPTH] as number) + 1;
  const entry = entries[depth - 1];
  if (depth > MAX_NESTING || entry === undefined) {
    if (m.program.switches.unroll !== undefined) {
      leaveOut(m, t, returnTo);
      return false;
    }
    m.learned.exceeded ??= 'nesting';
    m.dropped = true;
    return false;
  }
  m.w[base + CPU.DEPTH] = depth;
  const nest = m.nest(t, depth);
  m.w[nest + NEST.ELR] = returnTo;
  m.w[nest + NEST.ESR] = m.values.of(esr);
  m.w[nest + NEST.FAR] = far;
  m.w[nest + NEST.MASKS] = m.w[base + CPU.MASKS] as number;
  if (m.rules.entryMasks && !setMasks(m, t, (m.w[base + CPU.MASKS] as number) | masks)) return false;
  m.w[base + CPU.PC] = entry;
  m.w[base + CPU.DECLINED] = 0;
  if (synchronises && m.rules.entrySynchronises) {
    if (!hasRoom(m, t, 1)) return false;
    pushEntry(m, t, ENTRY.ISB, entry);
  }
  return true;
}

/**
 * A litmus test's handler is not entered twice: the CPU never goes on from `at`, so that the execution has no end and is left out. The
 * others still do, so that what they write is learned.
 */
function leaveOut(m: Machine, t: number, at: number): void {
  m.w[m.base(t) + CPU.PC] = at;
  m.w[m.base(t) + CPU.STALL] = STALL.FOREVER;
}

export const supervisorCall: StepKind = {
  kinds: ['svc'],
  doc: 'SVC: a synchronous exception, and so a context synchronisation (without FEAT_ExS).',
  fetch(m, t) {
    if (!hasRoom(m, t, 2)) return 'wait';
    const base = m.base(t);
    const ip = m.w[base + CPU.PC] as number;
    const slot = pushEntry(m, t, ENTRY.CALL, ip);
    m.w[slot + SLOT.FAULT] = packFault(FAULT.CALL, 0);
    const faults: FaultMode = m.cpus[t]?.program.faults ?? { kind: 'fatal' };
    if (faults.kind === 'handler') {
      if ((m.w[base + CPU.DEPTH] as number) > 0) {
        leaveOut(m, t, ip);
        return 'wait';
      }
      enterException(
        m,
        t,
        faults.entries,
        ip + 1,
        0x15n << 26n,
        0,
        MASK.IRQ | MASK.NMI,
        m.program.switches.exceptionEntrySynchronises,
      );
      return 'moved';
    }
    if (m.program.switches.exceptionEntrySynchronises && m.rules.entrySynchronises) pushEntry(m, t, ENTRY.ISB, ip);
    m.w[base + CPU.RETRIED] = 0;
    if (faults.kind === 'fatal') {
      m.w[base + CPU.PC] = endOfCode(m, t);
      return 'moved';
    }
    return 'next';
  },
};

/**
 * The return from a fault is a step of its own: the access is tried again, so a handler that repairs nothing makes a
 * cycle of states, which is found as a livelock, and other CPUs may act between two tries.
 */
export const exceptionReturn: StepKind = {
  kinds: ['eret'],
  doc: 'ERET: back to where the exception was taken; a context synchronisation.',
  interleaves: true,
  fetch(m, t, c) {
    const base = m.base(t);
    const depth = m.w[base + CPU.DEPTH] as number;
    if (depth === 0) {
      m.w[base + CPU.PC] = endOfCode(m, t);
      return 'moved';
    }
    if (!mayReturn(m, t)) return 'wait';
    if (m.w[m.nest(t, depth) + NEST.ESR] !== 0) return 'decide';
    return returnFrom(m, t, c) ? 'moved' : 'wait';
  },
  offerFetch(m, t, _c, choices) {
    const depth = m.w[m.base(t) + CPU.DEPTH] as number;
    if (depth > 0 && m.w[m.nest(t, depth) + NEST.ESR] !== 0 && mayReturn(m, t)) choices.add(t, -1, EFFECT.FETCH, 0);
  },
  takeFetch(m, t, c) {
    returnFrom(m, t, c);
  },
};

/** A CPU goes past at most this many faults of one instruction whose fault events are still to come. */
const MAX_SPECULATED_FAULTS = 2;

function returnSynchronises(m: Machine): boolean {
  return m.program.switches.exceptionReturnSynchronises && m.rules.returnSynchronises;
}

function mayReturn(m: Machine, t: number): boolean {
  if (!returnSynchronises(m)) return true;
  if (anyUntranslated(m, t)) return false;
  const elr = m.w[m.nest(t, m.w[m.base(t) + CPU.DEPTH] as number) + NEST.ELR];
  let pending = 0;
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    if (m.flag(slot, FLAG.FAULTED) && !m.flag(slot, FLAG.FAULT_DONE) && m.w[slot + SLOT.IP] === elr) pending++;
  }
  return pending < MAX_SPECULATED_FAULTS;
}

/** Goes back; false when the window has no room. */
function returnFrom(m: Machine, t: number, c: Compiled): boolean {
  const base = m.base(t);
  const depth = m.w[base + CPU.DEPTH] as number;
  const nest = m.nest(t, depth);
  if (!setMasks(m, t, m.w[nest + NEST.MASKS] as number)) return false;
  if (returnSynchronises(m) && m.count(t) > 0) {
    if (!hasRoom(m, t, 1)) return false;
    pushEntry(m, t, ENTRY.ISB, m.w[base + CPU.PC] as number);
  }
  const elr = m.w[nest + NEST.ELR] as number;
  m.w[base + CPU.PC] = (c.instruction as ReturnInstruction).toFixup ? fixupOf(m, t, elr) : elr;
  m.w[base + CPU.DEPTH] = depth - 1;
  m.w[base + CPU.DECLINED] = 0;
  // An exception return clears the exclusive monitor (Arm ARM B2.12).
  m.w[base + CPU.EXCLUSIVE] = 0;
  m.w.fill(0, nest, nest + NEST.WORDS);
  return true;
}

function fixupOf(m: Machine, t: number, ip: number): number {
  const i = m.compiled(t, ip).instruction;
  return i.kind === 'access' && i.fixup !== undefined ? i.fixup : ip;
}

export const systemRegister: StepKind = {
  kinds: ['systemRegister'],
  doc: 'MRS and MSR of ESR_EL1, FAR_EL1, ELR_EL1 and what the exception path asks of the interrupted context.',
  fetch(m, t, c: Compiled) {
    const i = c.instruction as SystemRegisterInstruction;
    const depth = Math.max(1, m.w[m.base(t) + CPU.DEPTH] as number);
    const nest = m.nest(t, depth);
    if (i.write !== undefined) {
      const word = operandWord(c.operands[0] as number, m.w, m.register(t, 0));
      if (word < 0) return 'wait';
      if (i.name === 'elr') m.w[nest + NEST.ELR] = Number(m.values.get(word));
      return 'next';
    }
    const elr = m.w[nest + NEST.ELR] as number;
    switch (i.name) {
      case 'esr':
        setRegister(m, t, c.destination, m.w[nest + NEST.ESR] as number);
        break;
      case 'far':
        setRegister(m, t, c.destination, m.w[nest + NEST.FAR] as number);
        break;
      case 'elr':
        setRegister(m, t, c.destination, m.values.of(BigInt(elr)));
        break;
      case 'fixup':
        setRegister(m, t, c.destination, m.values.of(fixupOf(m, t, elr) !== elr ? 1n : 0n));
        break;
      case 'irqsMasked':
        setRegister(m, t, c.destination, m.values.of(((m.w[nest + NEST.MASKS] as number) & MASK.IRQ) !== 0 ? 1n : 0n));
        break;
    }
    return 'next';
  },
};
