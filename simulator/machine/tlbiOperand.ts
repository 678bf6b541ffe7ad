/** Operands of the by-address TLB invalidations, encoded and decoded (Arm ARM C5.5, TLBI VAE1IS and RVAE1IS). */

import { assert } from './assert';
import { type Granule, granules, type Level, pageShift } from './granule';

const pageMask = (1n << 44n) - 1n;
const addressTop = (1n << 56n) - 1n;

/** What TTL says of the level that holds the entry: nothing (TTL 0), or a granule and a level. */
export interface LevelHint {
  readonly granule: Granule;
  readonly level: Level;
}

export interface AddressOperand {
  /** First byte of the 4 KiB unit that is named, sign-extended from VA[55]. */
  readonly va: bigint;
  readonly asid: number;
  readonly hint?: LevelHint;
}

/** VA with bit 55 copied upwards: what the operand cannot hold. */
function extend(va: bigint): bigint {
  return ((va >> 55n) & 1n) === 1n ? BigInt.asUintN(64, va | ~addressTop) : va & addressTop;
}

/** The operand of TLBI VAE1, VAAE1, VALE1, VAALE1: VA[55:12] in bits 43:0 whatever the granule, TTL, ASID from bit 48. */
export function encodeAddressOperand(operand: AddressOperand): bigint {
  assert(operand.asid >= 0 && operand.asid < 1 << 16, 'an ASID has 16 bits');
  return (BigInt(operand.asid) << 48n) | (BigInt(encodeHint(operand.hint)) << 44n) | ((operand.va >> 12n) & pageMask);
}

/** Decodes any 64-bit value as an operand by address. */
export function decodeAddressOperand(raw: bigint): AddressOperand {
  const hint = decodeHint(Number((raw >> 44n) & 15n));
  return {
    va: extend((raw & pageMask) << 12n),
    asid: Number((raw >> 48n) & 0xffffn),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** TTL[3:2] and TG of range operands: 1 is 4K, 2 is 16K, 3 is 64K. */
function encodeHint(hint: LevelHint | undefined): number {
  if (hint === undefined) return 0;
  return ((granules.indexOf(hint.granule) + 1) << 2) | (hint.level & 3);
}

function decodeHint(ttl: number): LevelHint | undefined {
  const granule = granules[(ttl >> 2) - 1];
  return granule === undefined ? undefined : { granule, level: (ttl & 3) as Level };
}

export interface RangeOperand {
  readonly granule: Granule;
  /** First byte of the range, sign-extended. */
  readonly va: bigint;
  readonly pages: number;
  readonly asid: number;
  readonly scale: number;
  readonly num: number;
  /** 1 to 3: the level that holds the entries; 0: no hint. */
  readonly ttl: number;
}

/**
 * Decodes any 64-bit value as the operand of TLBI RVAE1 and its kin (FEAT_TLBIRANGE): (NUM + 1) << (5 * SCALE + 1)
 * pages from BaseADDR, which counts pages, or 64 KiB units with TCR.DS. Undefined when TG, which must name the granule
 * in use, is the reserved 0.
 */
export function decodeRangeOperand(raw: bigint, ds = false): RangeOperand | undefined {
  const granule = granules[Number((raw >> 46n) & 3n) - 1];
  if (granule === undefined) return undefined;
  const shift = baseShift(granule, ds);
  const base = (raw & ((1n << 37n) - 1n)) << shift;
  const top = 37n + shift;
  const negative = ((base >> (top - 1n)) & 1n) === 1n;
  const scale = Number((raw >> 44n) & 3n);
  const num = Number((raw >> 39n) & 31n);
  return {
    granule,
    va: negative ? BigInt.asUintN(64, base | -(1n << top)) : base,
    pages: (num + 1) * 2 ** (5 * scale + 1),
    asid: Number((raw >> 48n) & 0xffffn),
    scale,
    num,
    ttl: Number((raw >> 37n) & 3n),
  };
}

function baseShift(granule: Granule, ds: boolean): bigint {
  return ds ? 16n : BigInt(pageShift(granule));
}

/** Encodes a range operand from its decoded fields; `pages` follows from `scale` and `num`. */
export function encodeRangeOperand(operand: Omit<RangeOperand, 'pages'>, ds = false): bigint {
  assert(operand.num >= 0 && operand.num < 32 && operand.scale >= 0 && operand.scale < 4, 'NUM and SCALE fit');
  const base = (operand.va >> baseShift(operand.granule, ds)) & ((1n << 37n) - 1n);
  return (
    (BigInt(operand.asid) << 48n) |
    (BigInt(granules.indexOf(operand.granule) + 1) << 46n) |
    (BigInt(operand.scale) << 44n) |
    (BigInt(operand.num) << 39n) |
    (BigInt(operand.ttl) << 37n) |
    base
  );
}
