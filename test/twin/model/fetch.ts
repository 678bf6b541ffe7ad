/** Fetching: each CPU takes its instructions into the window in program order, as far as it knows where to go on. */

import type { FaultMode } from '../../../simulator/machine/program';
import type { Context } from './program';
import type { ExceptionLevel, Fault, Instance, TwinCpu, TwinState, Word } from './state';
import { addressOf, operandValue } from './values';

function push(cpu: TwinCpu, ip: number, how: Partial<Instance>): void {
  cpu.window.push({
    serial: cpu.window.length,
    ip,
    synchronises: false,
    exceptions: cpu.exceptions,
    known: null,
    guess: null,
    physical: null,
    translation: null,
    read: null,
    written: null,
    fault: null,
    answer: null,
    performed: null,
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
      cpu.pc = (condition === 0) === i.whenZero ? i.target : ip + 1;
      return true;
    }
    case 'eret': {
      const level = cpu.exceptions[cpu.exceptions.length - 1];
      if (level === undefined) {
        cpu.pc = codeLength(context, t);
        return true;
      }
      push(cpu, ip, {});
      cpu.exceptions = cpu.exceptions.slice(0, -1);
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
      } else push(cpu, ip, { known: level[i.name as keyof ExceptionLevel] });
      cpu.pc = ip + 1;
      return true;
    }
    case 'access':
    case 'wait':
    case 'translate':
    case 'dmb':
    case 'dsb':
    case 'isb':
    case 'tlbi':
    case 'arithmetic':
    case 'lock':
    case 'unlock':
      push(cpu, ip, {});
      cpu.pc = ip + 1;
      return true;
    default:
      throw new Error(`the second machine has no ${i.kind}`);
  }
}

/** A branch whose condition is not known is next: it may be guessed either way. */
export function mayGuess(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  const i = context.program.cpus[t]!.code[cpu.pc];
  return i?.kind === 'branch' && operandValue(context, state, t, cpu.window.length, i.condition) === null;
}

export function guess(context: Context, state: TwinState, t: number, taken: boolean): void {
  const cpu = state.cpus[t]!;
  const i = context.program.cpus[t]!.code[cpu.pc]!;
  if (i.kind !== 'branch') return;
  if (i.target <= cpu.pc) throw new Error('the second machine has no backward branches');
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
  for (const other of state.cpus)
    for (const o of other.window) o.awaits = o.awaits.filter((a) => a.cpu !== t || a.serial <= instance.serial);
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
      const entry = faults.entries[cpu.exceptions.length];
      if (entry === undefined) throw new Error('a fault inside a handler');
      cpu.exceptions = [...cpu.exceptions, { elr: instance.ip, esr: syndrome(fault, write), far: address }];
      push(cpu, instance.ip, { synchronises: true });
      cpu.pc = entry;
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

/** ESR_EL1 of a data abort taken from EL1: EC 0x25, IL, WnR, DFSC. */
function syndrome(fault: Fault, write: boolean): Word {
  return 0x25 * 2 ** 26 + 2 ** 25 + (write ? 64 : 0) + faultStatus(fault);
}
