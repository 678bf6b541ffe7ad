/**
 * Stage 1 translation table descriptors of VMSAv8-64, 64 bits wide (Arm ARM D8.3): decoded into plain unions, and built
 * from fields. Which bits hold the output address depends on the granule, on TCR.DS and on the physical address size.
 */

import { assert } from './assert';
import { descriptorBytes, type Granule, type Level, levelShift, pageShift } from './granule';

/** What decides the layout of a descriptor. */
export interface DescriptorFormat {
  readonly granule: Granule;
  /** Effective TCR.DS: bits 9:8 hold output address bits 51:50 instead of the shareability. Never with 64K. */
  readonly ds: boolean;
  /** Physical address size of the CPU; from 52 on a 64K descriptor holds output address bits 51:48 in bits 15:12. */
  readonly physicalAddressBits: number;
}

/** Bit positions of a leaf descriptor and, from 59 on, of a table descriptor. */
export const descriptorBit = {
  valid: 0n,
  tableOrPage: 1n,
  nonSecure: 5n,
  el0: 6n,
  readOnly: 7n,
  accessFlag: 10n,
  nonGlobal: 11n,
  noTranslation: 16n,
  guarded: 50n,
  dirtyBitModifier: 51n,
  contiguous: 52n,
  privilegedExecuteNever: 53n,
  unprivilegedExecuteNever: 54n,
  privilegedExecuteNeverTable: 59n,
  unprivilegedExecuteNeverTable: 60n,
  noEl0Table: 61n,
  readOnlyTable: 62n,
  nonSecureTable: 63n,
} as const;

/** Bit 0 is clear: every access takes a Translation fault. `none`: all 64 bits are clear, which Linux calls "none". */
export interface InvalidDescriptor {
  readonly kind: 'invalid';
  readonly raw: bigint;
  readonly none: boolean;
}

/** Bit 0 is set, but the encoding is not allowed at this level: it faults like an invalid one. */
export interface ReservedDescriptor {
  readonly kind: 'reserved';
  readonly raw: bigint;
  readonly why: 'pageWithoutBit1' | 'noBlocksAtThisLevel';
}

export interface TableDescriptor {
  readonly kind: 'table';
  readonly raw: bigint;
  readonly nextTable: bigint;
  /** APTable[0] (bit 61): no access from EL0 below. APTable[1] (bit 62): read-only below. */
  readonly noEl0: boolean;
  readonly readOnly: boolean;
  readonly pxn: boolean;
  readonly uxn: boolean;
  readonly nonSecure: boolean;
  /** Bit 10, the table's access flag of FEAT_HAFT; ignored without it. */
  readonly af: boolean;
}

/** The fields of a block or page descriptor, without the output address. */
export interface LeafFields {
  readonly attrIndex: number;
  readonly ns: boolean;
  /** AP[2:1]: bit 0 accessible from EL0, bit 1 read-only. */
  readonly ap: number;
  /** Bits 9:8; always 0 with TCR.DS, where the shareability comes from TCR. */
  readonly sh: number;
  readonly af: boolean;
  readonly nG: boolean;
  /** Blocks only (FEAT_BBM). */
  readonly nT: boolean;
  readonly gp: boolean;
  readonly dbm: boolean;
  readonly contiguous: boolean;
  readonly pxn: boolean;
  readonly uxn: boolean;
  /** Bits 58:55, which the hardware ignores. */
  readonly software: number;
  /** Bits 63:59: page-based hardware attributes and ignored bits. */
  readonly high: number;
}

export interface LeafDescriptor extends LeafFields {
  readonly kind: 'leaf';
  readonly shape: 'page' | 'block';
  readonly raw: bigint;
  readonly outputAddress: bigint;
}

export type Descriptor = InvalidDescriptor | ReservedDescriptor | TableDescriptor | LeafDescriptor;

/** The layout for a granule on a CPU; TCR.DS has no effect on 64K descriptors. */
export function descriptorFormat(granule: Granule, ds: boolean, physicalAddressBits: number): DescriptorFormat {
  return { granule, ds: ds && granule !== '64K', physicalAddressBits };
}

/** Layout of Linux kernels: bits 47:PAGE_SHIFT hold the address, and with 64K pages bits 15:12 its top. */
export function plainFormat(granule: Granule): DescriptorFormat {
  return { granule, ds: false, physicalAddressBits: granule === '64K' ? 52 : 48 };
}

function field(raw: bigint, high: bigint, low: bigint): bigint {
  return (raw >> low) & ((1n << (high - low + 1n)) - 1n);
}

function bit(raw: bigint, position: bigint): boolean {
  return ((raw >> position) & 1n) === 1n;
}

/** Output address bits 51:48 of a descriptor, in place. */
function highAddress(format: DescriptorFormat, raw: bigint): bigint {
  if (format.granule === '64K') return format.physicalAddressBits >= 52 ? field(raw, 15n, 12n) << 48n : 0n;
  return format.ds ? (field(raw, 9n, 8n) << 50n) | (field(raw, 49n, 48n) << 48n) : 0n;
}

/** Whether blocks exist at a level (Arm ARM, AArch64.BlockDescSupported). */
export function blocksAt(format: DescriptorFormat, level: Level): boolean {
  if (level === 2) return true;
  switch (format.granule) {
    case '4K':
      return level === 1 || (level === 0 && format.ds);
    case '16K':
      return level === 1 && format.ds;
    case '64K':
      return level === 1 && format.physicalAddressBits >= 52;
  }
}

/** Bits 47 to `low`; there are none where that is higher. They are asked for with every descriptor. */
const addressMasks = Array.from({ length: 64 }, (_, low) => ((1n << 48n) - 1n) & ~((1n << BigInt(low)) - 1n));

const addressMask = (low: number): bigint => addressMasks[low] ?? 0n;

/** Physical address of the table that a table descriptor points to. */
export function nextTable(format: DescriptorFormat, raw: bigint): bigint {
  return (raw & addressMask(pageShift(format.granule))) | highAddress(format, raw);
}

/** Physical address of the first byte that a block or page descriptor of a level maps. */
export function outputAddress(format: DescriptorFormat, level: Level, raw: bigint): bigint {
  return (raw & addressMask(levelShift(format.granule, level))) | highAddress(format, raw);
}

/**
 * Physical address of the table that a descriptor points to, or of the first byte that it maps; undefined where it is invalid
 * or reserved. What `decodeDescriptor` says, without the rest of it.
 */
export function targetAddress(format: DescriptorFormat, level: Level, raw: bigint): bigint | undefined {
  if (!bit(raw, descriptorBit.valid)) return undefined;
  const second = bit(raw, descriptorBit.tableOrPage);
  if (second) return level < 3 ? nextTable(format, raw) : outputAddress(format, level, raw);
  return level < 3 && blocksAt(format, level) ? outputAddress(format, level, raw) : undefined;
}

/** Decodes a descriptor that a walk found at a level. Every 64-bit value decodes. */
export function decodeDescriptor(format: DescriptorFormat, level: Level, raw: bigint): Descriptor {
  if (!bit(raw, descriptorBit.valid)) return { kind: 'invalid', raw, none: raw === 0n };
  const second = bit(raw, descriptorBit.tableOrPage);
  if (second && level < 3) {
    return {
      kind: 'table',
      raw,
      nextTable: nextTable(format, raw),
      noEl0: bit(raw, descriptorBit.noEl0Table),
      readOnly: bit(raw, descriptorBit.readOnlyTable),
      pxn: bit(raw, descriptorBit.privilegedExecuteNeverTable),
      uxn: bit(raw, descriptorBit.unprivilegedExecuteNeverTable),
      nonSecure: bit(raw, descriptorBit.nonSecureTable),
      af: bit(raw, descriptorBit.accessFlag),
    };
  }
  if (!second && level === 3) return { kind: 'reserved', raw, why: 'pageWithoutBit1' };
  if (!second && !blocksAt(format, level)) return { kind: 'reserved', raw, why: 'noBlocksAtThisLevel' };
  return {
    kind: 'leaf',
    shape: level === 3 ? 'page' : 'block',
    raw,
    outputAddress: outputAddress(format, level, raw),
    ...decodeLeafFields(format, level, raw),
  };
}

function decodeLeafFields(format: DescriptorFormat, level: Level, raw: bigint): LeafFields {
  return {
    attrIndex: Number(field(raw, 4n, 2n)),
    ns: bit(raw, descriptorBit.nonSecure),
    ap: Number(field(raw, 7n, 6n)),
    sh: format.ds ? 0 : Number(field(raw, 9n, 8n)),
    af: bit(raw, descriptorBit.accessFlag),
    nG: bit(raw, descriptorBit.nonGlobal),
    nT: level < 3 && bit(raw, descriptorBit.noTranslation),
    gp: bit(raw, descriptorBit.guarded),
    dbm: bit(raw, descriptorBit.dirtyBitModifier),
    contiguous: bit(raw, descriptorBit.contiguous),
    pxn: bit(raw, descriptorBit.privilegedExecuteNever),
    uxn: bit(raw, descriptorBit.unprivilegedExecuteNever),
    software: Number(field(raw, 58n, 55n)),
    high: Number(field(raw, 63n, 59n)),
  };
}

/** Physical address of the descriptor with an index in a table. */
export function descriptorAddress(table: bigint, index: number): bigint {
  return table + BigInt(index) * descriptorBytes;
}

/** An output address as descriptor bits. It must be aligned to the level and fit the format. */
function addressBits(format: DescriptorFormat, shift: number, address: bigint, sh = 0): bigint {
  assert(!format.ds || sh === 0, 'with TCR.DS a descriptor has no shareability');
  const low = address & ((1n << 48n) - 1n);
  const high = address >> 48n;
  assert(address >= 0n && (address & ((1n << BigInt(shift)) - 1n)) === 0n, 'an output address is aligned to its level');
  if (format.granule === '64K') {
    assert(high === 0n || (format.physicalAddressBits >= 52 && high < 16n), 'the output address fits 52 bits');
    return low | (high << 12n);
  }
  assert(high === 0n || (format.ds && high < 16n), 'only TCR.DS has room for more than 48 bits');
  return low | ((high & 3n) << 48n) | ((high >> 2n) << 8n);
}

/** The bits of a leaf apart from its type and address; fields that are not given are zero. */
export function leafBits(fields: Partial<LeafFields>): bigint {
  assert((fields.attrIndex ?? 0) < 8 && (fields.ap ?? 0) < 4 && (fields.sh ?? 0) < 4, 'a field fits its bits');
  assert((fields.software ?? 0) < 16 && (fields.high ?? 0) < 32, 'a field fits its bits');
  const flag = (value: boolean | undefined, position: bigint) => (value ? 1n << position : 0n);
  return (
    (BigInt(fields.attrIndex ?? 0) << 2n) |
    flag(fields.ns, descriptorBit.nonSecure) |
    (BigInt(fields.ap ?? 0) << 6n) |
    (BigInt(fields.sh ?? 0) << 8n) |
    flag(fields.af, descriptorBit.accessFlag) |
    flag(fields.nG, descriptorBit.nonGlobal) |
    flag(fields.nT, descriptorBit.noTranslation) |
    flag(fields.gp, descriptorBit.guarded) |
    flag(fields.dbm, descriptorBit.dirtyBitModifier) |
    flag(fields.contiguous, descriptorBit.contiguous) |
    flag(fields.pxn, descriptorBit.privilegedExecuteNever) |
    flag(fields.uxn, descriptorBit.unprivilegedExecuteNever) |
    (BigInt(fields.software ?? 0) << 55n) |
    (BigInt(fields.high ?? 0) << 59n)
  );
}

/** A page descriptor: level 3, bits 1:0 = 0b11. `fields` may be decoded fields or a protection's. */
export function mkPage(format: DescriptorFormat, address: bigint, fields: Partial<LeafFields>): bigint {
  return 0b11n | addressBits(format, pageShift(format.granule), address, fields.sh) | leafBits(fields);
}

/** A block descriptor of a level that has blocks: bits 1:0 = 0b01. */
export function mkBlock(format: DescriptorFormat, level: Level, address: bigint, fields: Partial<LeafFields>): bigint {
  assert(level < 3 && blocksAt(format, level), 'the granule has blocks at this level');
  return 0b01n | addressBits(format, levelShift(format.granule, level), address, fields.sh) | leafBits(fields);
}

/** The hierarchical fields of a table descriptor. */
export type TableFields = Partial<Pick<TableDescriptor, 'noEl0' | 'readOnly' | 'pxn' | 'uxn' | 'nonSecure' | 'af'>>;

/** A table descriptor: levels above 3, bits 1:0 = 0b11. */
export function mkTable(format: DescriptorFormat, address: bigint, fields: TableFields = {}): bigint {
  const flag = (value: boolean | undefined, position: bigint) => (value ? 1n << position : 0n);
  return (
    0b11n |
    addressBits(format, pageShift(format.granule), address) |
    flag(fields.af, descriptorBit.accessFlag) |
    flag(fields.pxn, descriptorBit.privilegedExecuteNeverTable) |
    flag(fields.uxn, descriptorBit.unprivilegedExecuteNeverTable) |
    flag(fields.noEl0, descriptorBit.noEl0Table) |
    flag(fields.readOnly, descriptorBit.readOnlyTable) |
    flag(fields.nonSecure, descriptorBit.nonSecureTable)
  );
}
