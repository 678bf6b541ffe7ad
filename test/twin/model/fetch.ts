/** Fetching: each CPU takes its instructions into the window in program order, as far as it knows where to go on. */

import type { FaultMode, MaskInstruction } from '../../../simulator/machine/program';
import { spins, type View, walkIsOpen } from './order';
import { type Context, isStoreExclusive } from './program';
import { setMasks } from './readSections';
import type { ExceptionLevel, Fault, Instance, Masks, TwinCpu, TwinState, Word } from './state';
import { addressOf, operandValue } from './values';

/** The next instruction of the window. */
export function push(cpu: TwinCpu, ip: number, how: Partial<Instance>): void {
  cpu.window.push({
    serial: cpu.window.length,
    ip,
    synchronises: false,
    exceptions: cpu.exceptions,
    masks: cpu.masks,
    border: null,
    known: null,
    guess: null,
    physical: null,
    translation: null,
    read: null,
    written: null,
    update: null,
    mustFail: false,
    reservation: null,
    fault: null,
    answer: null,
    performed: { own: 'open', others: 'open' },
    awaits: [],
    lock: null,
    ...how,
  });
}

function codeLength(context: Context, t: number): number {
  return context.program.cpus[t]!.code.length;
}

export function isAtEnd(context: Context, state: TwinState, t: number): boolean {
  return state.cpus[t]!.pc >= codeLength(context, t);
}

/** Takes in one instruction; false when there is none, or when it cannot be known where the program goes. */
export function fetchOne(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  if (isAtEnd(context, state, t)) return false;
  if (cpu.taking !== null) return enterInterrupt(context, state, t, cpu.taking);
  if (mayBeInterrupted(context, state, t)) return false;
  const fetched = fetchInstruction(context, state, t);
  if (fetched) cpu.undisturbed = false;
  return fetched;
}

function fetchInstruction(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  const ip = cpu.pc;
  const i = context.program.cpus[t]!.code[ip]!;
  switch (i.kind) {
    case 'end':
      cpu.pc = codeLength(context, t);
      return true;
    case 'jump':
      cpu.pc = i.target;
      return true;
    case 'branch': {
      const condition = operandValue(context, state, t, cpu.window.length, i.condition);
      if (condition === null) return false;
      const taken = (condition === 0) === i.whenZero;
      if (taken && i.target <= ip) cpu.back++;
      cpu.pc = taken ? i.target : ip + 1;
      return true;
    }
    case 'svc':
      return callSupervisor(context, state, t);
    case 'eret': {
      const level = cpu.exceptions[cpu.exceptions.length - 1];
      if (level === undefined) {
        cpu.pc = codeLength(context, t);
        return true;
      }
      push(cpu, ip, {});
      cpu.exceptions = cpu.exceptions.slice(0, -1);
      setMasks(cpu, level.masks);
      // An exception return clears the exclusive monitor.
      cpu.reservation = null;
      cpu.pc = level.elr;
      return true;
    }
    case 'systemRegister': {
      const level = cpu.exceptions[cpu.exceptions.length - 1];
      if (level === undefined) throw new Error('system registers are for handlers');
      if (i.write !== undefined) {
        const value = operandValue(context, state, t, cpu.window.length, i.write);
        if (value === null) return false;
        if (i.name === 'elr') cpu.exceptions = [...cpu.exceptions.slice(0, -1), { ...level, elr: value }];
      } else push(cpu, ip, { known: level[i.name as 'elr' | 'esr' | 'far'] });
      cpu.pc = ip + 1;
      return true;
    }
    case 'mask': {
      const from = i.from === undefined ? 0 : operandValue(context, state, t, cpu.window.length, i.from);
      if (from === null) return false;
      push(cpu, ip, { known: cpu.masks.irq ? 1 : 0 });
      const interrupted = cpu.exceptions[cpu.exceptions.length - 1]?.masks;
      setMasks(cpu, {
        irq: masked(i.irq, cpu.masks.irq, interrupted?.irq === true, from !== 0),
        nmi: masked(i.nmi, cpu.masks.nmi, interrupted?.nmi === true, from !== 0),
        preempt: Math.max(0, cpu.masks.preempt + (i.preemption ?? 0)),
        rcu: cpu.masks.rcu,
      });
      cpu.pc = ip + 1;
      return true;
    }
    case 'access':
      push(cpu, ip, { reservation: isStoreExclusive(i) ? cpu.reservation : null });
      if (i.exclusive === true)
        cpu.reservation = isStoreExclusive(i) ? null : { serial: cpu.window[cpu.window.length - 1]!.serial };
      cpu.pc = ip + 1;
      return true;
    case 'rcu': {
      if (i.operation === 'synchronize') return false;
      push(cpu, ip, {});
      const rcu = Math.max(0, cpu.masks.rcu + (i.operation === 'readLock' ? 1 : -1));
      setMasks(cpu, { ...cpu.masks, rcu });
      cpu.pc = ip + 1;
      return true;
    }
    case 'lock':
    case 'unlock': {
      push(cpu, ip, {});
      // A spin lock keeps its CPU from being preempted; a trylock leaves that to the code around it.
      const change = i.kind === 'unlock' ? -1 : i.taken === undefined ? 1 : 0;
      setMasks(cpu, { ...cpu.masks, preempt: Math.max(0, cpu.masks.preempt + change) });
      cpu.pc = ip + 1;
      return true;
    }
    case 'allocate':
    case 'free':
    case 'sendInterrupt':
      // Steps of their own, when everything older is of the past.
      return false;
    case 'wait':
    case 'translate':
    case 'dmb':
    case 'dsb':
    case 'isb':
    case 'tlbi':
    case 'arithmetic':
      push(cpu, ip, {});
      cpu.pc = ip + 1;
      return true;
    default:
      throw new Error(`the second machine has no ${i.kind}`);
  }
}

/** SVC: an exception of its own, which returns behind it. */
function callSupervisor(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  const ip = cpu.pc;
  const { faults } = context.program.cpus[t]!;
  if (faults.kind === 'handler') {
    if (cpu.exceptions.length > 0) throw new Error('a handler calls the supervisor');
    push(cpu, ip, {});
    takeException(cpu, faults.entries, { elr: ip + 1, esr: 0x15 * 2 ** 26, far: 0, masks: cpu.masks }, true);
    return true;
  }
  push(cpu, ip, {});
  push(cpu, ip, { synchronises: true });
  cpu.pc = faults.kind === 'fatal' ? codeLength(context, t) : ip + 1;
  return true;
}

function masked(how: MaskInstruction['irq'], now: boolean, interrupted: boolean, saved: boolean): boolean {
  switch (how) {
    case undefined:
      return now;
    case 'mask':
      return true;
    case 'unmask':
      return false;
    case 'inherit':
      return interrupted;
    case 'restore':
      return saved;
  }
}

/** An interrupt may come right before the next instruction, and whether one does is not decided. */
export function mayBeInterrupted(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  if (isAtEnd(context, state, t) || cpu.undisturbed || cpu.taking !== null) return false;
  // One that comes between two computations may as well come behind the last of them.
  if (['arithmetic', 'branch', 'jump', 'systemRegister'].includes(context.program.cpus[t]!.code[cpu.pc]!.kind))
    return false;
  return dueInterrupts(context, state, t).length > 0;
}

/** The interrupts that may come right before the next instruction of a CPU. */
export function dueInterrupts(context: Context, state: TwinState, t: number): number[] {
  const { interrupts, masks } = state.cpus[t]!;
  return [...interrupts.keys()].filter((n) => {
    return interrupts[n]! > 0 && isOpenFor(context, t, n, masks, state.cpus[t]!.exceptions.length);
  });
}

/** Whether interrupts of the CPU come when they are sent: how far it has got by then is a matter of time. */
export function isSentTo(context: Context, t: number): boolean {
  return context.program.cpus[t]!.interrupts.some(({ times }) => times === 0);
}

/** Nothing masks an interrupt where so many exceptions are being handled. */
function isOpenFor(context: Context, t: number, n: number, masks: Masks, exceptions: number): boolean {
  switch (context.program.cpus[t]!.interrupts[n]!.delivery) {
    case 'irq':
      return !masks.irq;
    case 'nmi':
      return !masks.nmi;
    case 'stopper':
      return !masks.irq && masks.preempt === 0 && exceptions === 0;
  }
}

/**
 * Where the interrupts that were sent may be taken: before any instruction (its place in the window, or the place behind
 * the youngest) of which, and of what is younger, nothing has happened that cannot be taken back.
 */
export function sentInterrupts(context: Context, state: TwinState, t: number): { n: number; k: number }[] {
  const cpu = state.cpus[t]!;
  if (cpu.pending.length === 0) return [];
  const places: number[] = [];
  for (let k = cpu.window.length; k >= 0; k--) {
    if (k < cpu.window.length && isForGood(cpu.window[k]!)) break;
    if (k < cpu.window.length && cpu.window[k]!.synchronises) continue;
    const v: View = { context, state, cpu: t };
    // Behind a wait that is not over it would be taken in the wait.
    if (!cpu.window.some((_, j) => j < k && (walkIsOpen(v, j) || spins(v, j)))) places.push(k);
  }
  return places.flatMap((k) => {
    const { masks, exceptions } = cpu.window[k] ?? cpu;
    return cpu.pending.filter((n) => isOpenFor(context, t, n, masks, exceptions.length)).map((n) => ({ n, k }));
  });
}

function isForGood({ written, performed, lock }: Instance): boolean {
  const { own, others } = performed;
  return (written !== null && written !== 0) || own !== 'open' || others !== 'open' || lock === 'done';
}

/** As if nothing from place `k` on had been fetched; then the handler. */
export function takeSent(context: Context, state: TwinState, t: number, n: number, k: number): void {
  const cpu = state.cpus[t]!;
  const instance = cpu.window[k];
  if (instance !== undefined) {
    squash(state, t, instance.serial - 1);
    // Whoever waited in the queue of a lock comes to it anew.
    state.locks = state.locks.map((lock) => ({ ...lock, queue: lock.queue.filter((u) => u !== t) }));
    cpu.window.length = k;
    cpu.pc = instance.ip;
    cpu.exceptions = instance.exceptions;
    cpu.masks = instance.masks;
  }
  cpu.pending = cpu.pending.filter((m) => m !== n);
  cpu.taking = null;
  cpu.undisturbed = false;
  const { entries, delivery } = context.program.cpus[t]!.interrupts[n]!;
  takeException(cpu, entries, { elr: cpu.pc, esr: 0, far: 0, masks: cpu.masks }, delivery === 'nmi');
}

/** Nobody waits for instructions of CPU t behind a serial number. */
function squash(state: TwinState, t: number, serial: number): void {
  for (const other of state.cpus)
    for (const o of other.window) o.awaits = o.awaits.filter((a) => a.cpu !== t || a.serial <= serial);
}

/** The handler is entered when everything older is translated: a fault of theirs would come first. */
function enterInterrupt(context: Context, state: TwinState, t: number, n: number): boolean {
  const cpu = state.cpus[t]!;
  if (cpu.window.some((_, k) => walkIsOpen({ context, state, cpu: t }, k))) return false;
  const { entries, delivery } = context.program.cpus[t]!.interrupts[n]!;
  cpu.interrupts[n]!--;
  cpu.taking = null;
  takeException(cpu, entries, { elr: cpu.pc, esr: 0, far: 0, masks: cpu.masks }, delivery === 'nmi');
  return true;
}

function takeException(cpu: TwinCpu, entries: readonly number[], saved: ExceptionLevel, masksNmi: boolean): void {
  const entry = entries[cpu.exceptions.length];
  if (entry === undefined) throw new Error('exceptions are nested too deeply');
  cpu.exceptions = [...cpu.exceptions, saved];
  const masks = { ...cpu.masks, irq: true, nmi: masksNmi || cpu.masks.nmi };
  push(cpu, entry, { synchronises: true, masks });
  setMasks(cpu, masks);
  cpu.pc = entry;
}

/** A branch whose condition is not known is next: it may be guessed either way. */
export function mayGuess(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  if (cpu.taking !== null) return false;
  const i = context.program.cpus[t]!.code[cpu.pc];
  return i?.kind === 'branch' && operandValue(context, state, t, cpu.window.length, i.condition) === null;
}

/** A CPU does not guess its way round a loop. */
export function mayGuessTaken(context: Context, state: TwinState, t: number): boolean {
  const { pc } = state.cpus[t]!;
  const i = context.program.cpus[t]!.code[pc];
  return i?.kind === 'branch' && i.target > pc;
}

export function guess(context: Context, state: TwinState, t: number, taken: boolean): void {
  const cpu = state.cpus[t]!;
  const i = context.program.cpus[t]!.code[cpu.pc]!;
  if (i.kind !== 'branch') return;
  push(cpu, cpu.pc, { guess: taken });
  cpu.pc = taken ? i.target : cpu.pc + 1;
}

/** The instruction at place `k` faults: nothing younger has happened, and the exception is taken. */
export function takeFault(
  context: Context,
  state: TwinState,
  t: number,
  k: number,
  fault: Fault,
  write: boolean,
): void {
  const cpu = state.cpus[t]!;
  const instance = cpu.window[k]!;
  const address = addressOf(context, state, t, k)!;
  instance.fault = fault;
  cpu.window.length = k + 1;
  cpu.exceptions = instance.exceptions;
  cpu.masks = instance.masks;
  cpu.taking = null;
  cpu.undisturbed = false;
  // The return from the exception clears the exclusive monitor.
  cpu.reservation = null;
  squash(state, t, instance.serial);
  const faults: FaultMode = context.program.cpus[t]!.faults;
  switch (faults.kind) {
    case 'fatal':
      cpu.pc = codeLength(context, t);
      return;
    case 'skip':
      push(cpu, instance.ip, { synchronises: true });
      cpu.pc = instance.ip + 1;
      return;
    case 'handler': {
      const fromEl0 = context.program.cpus[t]!.unprivileged === true && cpu.exceptions.length === 0;
      const saved = { elr: instance.ip, esr: syndrome(fault, write, fromEl0), far: address, masks: cpu.masks };
      takeException(cpu, faults.entries, saved, true);
      return;
    }
    case 'retryOnce':
      throw new Error('the second machine has no retryOnce');
  }
}

const status = { translation: 4, 'access-flag': 8, permission: 12 } as const;

/** DFSC: the kind and level of a fault (Arm ARM, ISS encoding of a Data Abort). */
export function faultStatus(fault: Fault): Word {
  return status[fault.kind] + fault.level;
}

/** ESR_EL1 of a data abort: EC 0x25, or 0x24 from EL0, IL, WnR, DFSC. */
function syndrome(fault: Fault, write: boolean, fromEl0: boolean): Word {
  return (fromEl0 ? 0x24 : 0x25) * 2 ** 26 + 2 ** 25 + (write ? 64 : 0) + faultStatus(fault);
}
