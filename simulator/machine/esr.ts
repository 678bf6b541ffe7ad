/** ESR_EL1 for instruction and data aborts: built from a fault, and decoded (Arm ARM D24, ESR_EL1). */

import { decodeFaultStatus, type Fault, type FaultStatus, faultStatusCode } from './faultStatus';

export const exceptionClass = {
  instructionAbortLowerEl: 0x20,
  instructionAbortSameEl: 0x21,
  pcAlignment: 0x22,
  dataAbortLowerEl: 0x24,
  dataAbortSameEl: 0x25,
  spAlignment: 0x26,
  serror: 0x2f,
} as const;

export interface AbortDescription {
  readonly fault: Fault;
  /** An instruction fetch gives an instruction abort, which has no WnR. */
  readonly fetch: boolean;
  /** The exception level of the access: 0 gives the "lower EL" classes. */
  readonly el: 0 | 1;
  /** WnR. For a read-modify-write: whether the write alone is the reason. */
  readonly write: boolean;
  /** CM: the access was cache maintenance or an address translation instruction; WnR is then 1. */
  readonly maintenance?: boolean;
}

/**
 * ESR_EL1 of an abort that is taken to EL1. IL is 1 for every abort; ISV, SET, FnV, EA and S1PTW are 0, because stage 1
 * aborts that are taken to EL1 carry no instruction syndrome, and every address is valid.
 */
export function abortEsr(abort: AbortDescription): bigint {
  const ec = (abort.fetch ? 0x20 : 0x24) | abort.el;
  const maintenance = abort.maintenance === true;
  const write = !abort.fetch && (abort.write || maintenance);
  return (
    (BigInt(ec) << 26n) |
    (1n << 25n) |
    (maintenance ? 1n << 8n : 0n) |
    (write ? 1n << 6n : 0n) |
    BigInt(faultStatusCode(abort.fault))
  );
}

export interface DecodedEsr {
  readonly raw: bigint;
  readonly ec: number;
  readonly il: boolean;
  readonly iss: number;
  readonly iss2: number;
  /** The fields of the syndrome when EC is an instruction or a data abort. */
  readonly abort?: AbortSyndrome;
}

export interface AbortSyndrome {
  readonly data: boolean;
  readonly sameEl: boolean;
  readonly isv: boolean;
  readonly set: number;
  readonly fnv: boolean;
  readonly ea: boolean;
  readonly cm: boolean;
  readonly s1ptw: boolean;
  readonly wnr: boolean;
  readonly status: FaultStatus;
}

/** Decodes any 64-bit value as an ESR_EL1. */
export function decodeEsr(raw: bigint): DecodedEsr {
  const ec = Number((raw >> 26n) & 0x3fn);
  const iss = Number(raw & 0x1ff_ffffn);
  const decoded = { raw, ec, il: ((raw >> 25n) & 1n) === 1n, iss, iss2: Number((raw >> 32n) & 0xff_ffffn) };
  const data = ec === exceptionClass.dataAbortLowerEl || ec === exceptionClass.dataAbortSameEl;
  const fetch = ec === exceptionClass.instructionAbortLowerEl || ec === exceptionClass.instructionAbortSameEl;
  if (!data && !fetch) return decoded;
  const bit = (position: number) => ((iss >> position) & 1) === 1;
  return {
    ...decoded,
    abort: {
      data,
      sameEl: (ec & 1) === 1,
      isv: data && bit(24),
      set: (iss >> 11) & 3,
      fnv: bit(10),
      ea: bit(9),
      cm: data && bit(8),
      s1ptw: bit(7),
      wnr: data && bit(6),
      status: decodeFaultStatus(iss & 0x3f),
    },
  };
}

const classes: ReadonlyMap<number, string> = new Map([
  [0x00, 'Unknown/Uncategorized'],
  [0x01, 'WFI/WFE'],
  [0x07, 'FP/ASIMD'],
  [0x0d, 'BTI'],
  [0x0e, 'PSTATE.IL'],
  [0x15, 'SVC (AArch64)'],
  [0x16, 'HVC (AArch64)'],
  [0x17, 'SMC (AArch64)'],
  [0x18, 'MSR/MRS (AArch64)'],
  [0x1c, 'FPAC'],
  [0x20, 'IABT (lower EL)'],
  [0x21, 'IABT (current EL)'],
  [0x22, 'PC Alignment'],
  [0x24, 'DABT (lower EL)'],
  [0x25, 'DABT (current EL)'],
  [0x26, 'SP Alignment'],
  [0x2f, 'SError'],
  [0x30, 'Breakpoint (lower EL)'],
  [0x31, 'Breakpoint (current EL)'],
  [0x32, 'Software Step (lower EL)'],
  [0x33, 'Software Step (current EL)'],
  [0x34, 'Watchpoint (lower EL)'],
  [0x35, 'Watchpoint (current EL)'],
  [0x3c, 'BRK (AArch64)'],
]);

/** The kernel's name for an exception class (arch/arm64/kernel/traps.c, esr_get_class_string). */
export function className(ec: number): string {
  return classes.get(ec) ?? 'UNRECOGNIZED EC';
}
