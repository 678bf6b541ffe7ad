/** Faults of a translation or an access, and their fault status codes (ESR_EL1.DFSC and IFSC, PAR_EL1.FST). */

import type { Level } from './granule';

/** Faults that name the level of the walk. Address size and translation faults before the first level name level 0. */
export type WalkFaultClass = 'addressSize' | 'translation' | 'accessFlag' | 'permission' | 'externalAbortOnWalk';

export type Fault =
  | { readonly kind: WalkFaultClass; readonly level: Level }
  | { readonly kind: 'externalAbort' }
  | { readonly kind: 'alignment' }
  | { readonly kind: 'tlbConflict' }
  | { readonly kind: 'hardwareUpdate' };

const levelCode: Readonly<Record<WalkFaultClass, number>> = {
  addressSize: 0x00,
  translation: 0x04,
  accessFlag: 0x08,
  permission: 0x0c,
  externalAbortOnWalk: 0x14,
};

/** Codes at level -1; access flag and permission faults do not exist there, because there are no blocks. */
const codesAtMinusOne: Readonly<Partial<Record<WalkFaultClass, number>>> = {
  addressSize: 0x29,
  translation: 0x2b,
  externalAbortOnWalk: 0x13,
};

/** The six bits of DFSC, IFSC or FST. */
export function faultStatusCode(fault: Fault): number {
  switch (fault.kind) {
    case 'externalAbort':
      return 0x10;
    case 'alignment':
      return 0x21;
    case 'tlbConflict':
      return 0x30;
    case 'hardwareUpdate':
      return 0x31;
    case 'addressSize':
    case 'translation':
    case 'accessFlag':
    case 'permission':
    case 'externalAbortOnWalk':
      return fault.level === -1
        ? (codesAtMinusOne[fault.kind] ?? levelCode[fault.kind])
        : levelCode[fault.kind] + fault.level;
  }
}

/** What a fault status code says. `level` where the code names one. */
export interface FaultStatus {
  readonly code: number;
  readonly kind:
    | Fault['kind']
    | 'parityOnWalk'
    | 'parity'
    | 'tagCheck'
    | 'lockdown'
    | 'unsupportedExclusive'
    | 'reserved';
  readonly level?: Level;
}

/** Decodes the six bits of a fault status code; every value decodes. */
export function decodeFaultStatus(code: number): FaultStatus {
  const level = (code & 3) as Level;
  if (code < 0x10) {
    const kinds = ['addressSize', 'translation', 'accessFlag', 'permission'] as const;
    return { code, kind: kinds[code >> 2] ?? 'reserved', level };
  }
  if (code >= 0x14 && code <= 0x17) return { code, kind: 'externalAbortOnWalk', level };
  if (code >= 0x1c && code <= 0x1f) return { code, kind: 'parityOnWalk', level };
  switch (code) {
    case 0x10:
      return { code, kind: 'externalAbort' };
    case 0x11:
      return { code, kind: 'tagCheck' };
    case 0x13:
      return { code, kind: 'externalAbortOnWalk', level: -1 };
    case 0x18:
      return { code, kind: 'parity' };
    case 0x1b:
      return { code, kind: 'parityOnWalk', level: -1 };
    case 0x21:
      return { code, kind: 'alignment' };
    case 0x29:
      return { code, kind: 'addressSize', level: -1 };
    case 0x2b:
      return { code, kind: 'translation', level: -1 };
    case 0x30:
      return { code, kind: 'tlbConflict' };
    case 0x31:
      return { code, kind: 'hardwareUpdate' };
    case 0x34:
      return { code, kind: 'lockdown' };
    case 0x35:
      return { code, kind: 'unsupportedExclusive' };
    default:
      return { code, kind: 'reserved' };
  }
}

const words: Readonly<Record<FaultStatus['kind'], string>> = {
  addressSize: 'address size fault',
  translation: 'translation fault',
  accessFlag: 'access flag fault',
  permission: 'permission fault',
  externalAbortOnWalk: 'synchronous external abort on the translation table walk',
  externalAbort: 'synchronous external abort',
  alignment: 'alignment fault',
  tlbConflict: 'TLB conflict abort',
  hardwareUpdate: 'unsupported atomic hardware update fault',
  parityOnWalk: 'synchronous parity or ECC error on the translation table walk',
  parity: 'synchronous parity or ECC error',
  tagCheck: 'synchronous tag check fault',
  lockdown: 'implementation defined fault (lockdown)',
  unsupportedExclusive: 'implementation defined fault (unsupported exclusive or atomic)',
  reserved: 'reserved fault status code',
};

/** A fault status in the architecture's words: `translation fault, level 3`. */
export function faultStatusWords(status: FaultStatus): string {
  return status.level === undefined ? words[status.kind] : `${words[status.kind]}, level ${status.level}`;
}
