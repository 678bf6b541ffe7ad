/** Kinds of fault that a walk of the explorer can end in, their ESR_EL1 and their names as outcomes. */

export const FAULT = { NONE: 0, TRANSLATION: 1, ACCESS_FLAG: 2, PERMISSION: 3, CALL: 4, TLB_CONFLICT: 5 } as const;

const outcomes = [
  '',
  'translation-fault',
  'access-flag-fault',
  'permission-fault',
  'supervisor-call',
  'tlb-conflict-fault',
];

export function faultOutcome(kind: number): string {
  return outcomes[kind] as string;
}

/** Data fault status code (ESR_EL1.DFSC) for a kind and level -1..3 (Arm ARM, ISS encoding for a Data Abort). */
export function dataFaultStatus(kind: number, level: number): bigint {
  if (kind === FAULT.TRANSLATION) return level < 0 ? 0x2bn : 0x04n + BigInt(level);
  if (kind === FAULT.ACCESS_FLAG) return 0x08n + BigInt(level);
  if (kind === FAULT.TLB_CONFLICT) return 0x30n;
  return 0x0cn + BigInt(level);
}

/** The level of a data abort's syndrome; undefined where it has none (alignment, TLB conflict, no abort). */
export function levelOfSyndrome(esr: bigint): number | undefined {
  if (esr >> 26n !== 0x24n && esr >> 26n !== 0x25n) return undefined;
  const status = Number(esr & 0x3fn);
  if (status === 0x2b || status === 0x29) return -1;
  return status < 0x10 ? status & 3 : undefined;
}

/** ESR_EL1 of a data abort taken from EL1 (EC 0x25) or EL0 (0x24), 32-bit instruction, ISV 0. */
export function dataAbortSyndrome(kind: number, level: number, write: boolean, fromEl0: boolean): bigint {
  return ((fromEl0 ? 0x24n : 0x25n) << 26n) | (1n << 25n) | (write ? 1n << 6n : 0n) | dataFaultStatus(kind, level);
}

/** PAR_EL1 of an AT that failed: F, FST (and RES1 bit 11). */
export function failedTranslation(kind: number, level: number): bigint {
  return 1n | (dataFaultStatus(kind, level) << 1n) | (1n << 11n);
}

/** FAULT kind and level in one slot word; 0: none. */
export function packFault(kind: number, level: number): number {
  return kind | ((level + 2) << 4);
}

export function faultKind(word: number): number {
  return word & 15;
}

export function faultLevel(word: number): number {
  return (word >> 4) - 2;
}
