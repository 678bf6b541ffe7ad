/**
 * The protections that Linux gives to kernel mappings, as descriptor bits without an address
 * (arch/arm64/include/asm/pgtable-prot.h and pgtable-hwdef.h), and its MAIR indices (asm/memory.h).
 */

import { type KernelRelease, releaseAtLeast } from './kernelRelease';

/** MAIR index of a memory type in Linux. */
export const linuxMemoryTypes = [
  'MT_NORMAL',
  'MT_NORMAL_TAGGED',
  'MT_NORMAL_NC',
  'MT_DEVICE_nGnRnE',
  'MT_DEVICE_nGnRE',
] as const;

/** MAIR_EL1 as Linux programs it before memory tagging turns MT_NORMAL_TAGGED into 0xf0. */
export const linuxMair = 0x4_0044_ffffn;

export interface Protection {
  readonly name: string;
  readonly kind: 'page' | 'block' | 'table';
  /** Every bit but the address, type bits included. */
  readonly bits: bigint;
  readonly doc: string;
}

export const protections: readonly Protection[] = [
  {
    name: 'PAGE_KERNEL',
    kind: 'page',
    bits: 0x0068_0000_0000_0703n,
    doc: 'kernel data page, writable, never executed',
  },
  { name: 'PAGE_KERNEL_RO', kind: 'page', bits: 0x0060_0000_0000_0783n, doc: 'kernel page, read-only, never executed' },
  {
    name: 'PAGE_KERNEL_ROX',
    kind: 'page',
    bits: 0x0040_0000_0000_0783n,
    doc: 'kernel text page: read-only, executable',
  },
  { name: 'PAGE_KERNEL_EXEC', kind: 'page', bits: 0x0048_0000_0000_0703n, doc: 'kernel page, writable and executable' },
  {
    name: 'PROT_NORMAL',
    kind: 'page',
    bits: 0x0068_0000_0000_0703n,
    doc: 'normal write-back memory, the base of PAGE_KERNEL',
  },
  { name: 'PROT_NORMAL_TAGGED', kind: 'page', bits: 0x0068_0000_0000_0707n, doc: 'normal memory with allocation tags' },
  { name: 'PROT_NORMAL_NC', kind: 'page', bits: 0x0068_0000_0000_070bn, doc: 'normal non-cacheable memory' },
  { name: 'PROT_DEVICE_nGnRnE', kind: 'page', bits: 0x0068_0000_0000_070fn, doc: 'strongly ordered device memory' },
  { name: 'PROT_DEVICE_nGnRE', kind: 'page', bits: 0x0068_0000_0000_0713n, doc: 'device memory of ioremap' },
  {
    name: 'PROT_SECT_NORMAL',
    kind: 'block',
    bits: 0x0068_0000_0000_0701n,
    doc: 'block of kernel data, as vmemmap_populate uses',
  },
  {
    name: 'PROT_SECT_NORMAL_EXEC',
    kind: 'block',
    bits: 0x0040_0000_0000_0701n,
    doc: 'block of executable kernel memory',
  },
  {
    name: 'PMD_TABLE_KERNEL',
    kind: 'table',
    bits: 0x1000_0000_0000_0003n,
    doc: 'pointer to a kernel table: table type and UXNTable',
  },
];

/** Bits that kernels differ in. */
export interface ProtectionVariant {
  readonly release: KernelRelease;
  /** The software dirty bit 55 that stable kernels put into writable and read-only kernel pages. Default: no. */
  readonly softwareDirty?: boolean;
  /** Kernel mappings are non-global (nG, bit 11), as with kernel page table isolation. Default: no. */
  readonly nonGlobal?: boolean;
}

const softwareDirtyBit = 1n << 55n;
const nonGlobalBit = 1n << 11n;
const tableAccessFlagBit = 1n << 10n;

/** The bits of a named protection in a kernel; undefined when Linux has no such name here. */
export function protectionBits(name: string, variant: ProtectionVariant): bigint | undefined {
  const protection = protections.find((candidate) => candidate.name === name);
  if (protection === undefined) return undefined;
  switch (protection.kind) {
    case 'table':
      return releaseAtLeast(variant.release, 'v7.2') ? protection.bits | tableAccessFlagBit : protection.bits;
    case 'page':
      return (
        protection.bits |
        (variant.softwareDirty && name.startsWith('PAGE_KERNEL') ? softwareDirtyBit : 0n) |
        (variant.nonGlobal ? nonGlobalBit : 0n)
      );
    case 'block':
      return protection.bits | (variant.nonGlobal ? nonGlobalBit : 0n);
  }
}

const writeBit = 1n << 51n;
const readOnlyBit = 1n << 7n;

/** pte_wrprotect: clears PTE_WRITE (DBM) and sets AP[2]. */
export function writeProtect(raw: bigint): bigint {
  return (raw & ~writeBit) | readOnlyBit;
}

/** pte_mkwrite of a kernel page: the opposite. */
export function makeWritable(raw: bigint): bigint {
  return (raw | writeBit) & ~readOnlyBit;
}
