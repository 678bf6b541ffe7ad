/** PAR_EL1: the result of an address translation instruction (Arm ARM D24, PAR_EL1), built and decoded. */

import { decodeFaultStatus, type Fault, type FaultStatus, faultStatusCode } from './faultStatus';
import { decodeAttribute, forcedOuterShareable } from './memoryAttributes';

const addressMask = ((1n << 52n) - 1n) & ~0xfffn;
/** Bit 11 reads as 1; bit 9 is NS, 1 in the Non-secure state. */
const fixedBits = (1n << 11n) | (1n << 9n);

/**
 * The value for a translation that succeeded: address bits 51:12, the MAIR byte, and the shareability, which is
 * outer shareable for Device and for Normal non-cacheable memory whatever the descriptor says.
 */
export function translatedPar(pa: bigint, attribute: number, shareability: number): bigint {
  const sh = forcedOuterShareable(decodeAttribute(attribute)) ? 0b10 : shareability;
  return (BigInt(attribute) << 56n) | (pa & addressMask) | fixedBits | (BigInt(sh) << 7n);
}

/** The value for a translation that faulted in stage 1: F is 1, FST the fault status code, PTW and S are 0. */
export function faultPar(fault: Fault): bigint {
  return (1n << 11n) | (BigInt(faultStatusCode(fault)) << 1n) | 1n;
}

export type DecodedPar =
  | { readonly kind: 'translated'; readonly pa: bigint; readonly attribute: number; readonly shareability: number }
  | { readonly kind: 'fault'; readonly status: FaultStatus; readonly stage2: boolean; readonly stage2OnWalk: boolean };

/** Decodes any 64-bit value as a PAR_EL1. `pa` has its low 12 bits clear. */
export function decodePar(raw: bigint): DecodedPar {
  if ((raw & 1n) === 0n) {
    return {
      kind: 'translated',
      pa: raw & addressMask,
      attribute: Number((raw >> 56n) & 0xffn),
      shareability: Number((raw >> 7n) & 3n),
    };
  }
  return {
    kind: 'fault',
    status: decodeFaultStatus(Number((raw >> 1n) & 0x3fn)),
    stage2: ((raw >> 9n) & 1n) === 1n,
    stage2OnWalk: ((raw >> 8n) & 1n) === 1n,
  };
}
