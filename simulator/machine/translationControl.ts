/** TCR_EL1: what it says about one of the two halves of the address space (Arm ARM D24, TCR_EL1). */

import { assert } from './assert';
import type { CpuFeatures } from './cpuFeatures';
import { type DescriptorFormat, descriptorFormat } from './descriptor';
import { type Geometry, type Granule, geometry, minimumVaBits, tableEntries } from './granule';

/** The walk parameters of one half: the lower one is translated through TTBR0, the upper one through TTBR1. */
export interface TranslationControl {
  readonly upper: boolean;
  /** False when TxSZ is below its minimum: every access takes a Translation fault, level 0. */
  readonly sizeUsable: boolean;
  readonly geometry: Geometry;
  readonly format: DescriptorFormat;
  /** Effective IPS, limited by what the CPU has and, with 48-bit descriptors, to 48: bits of an output address. */
  readonly outputAddressBits: number;
  /** Whether TTBR holds address bits 51:48 in its bits 5:2. */
  readonly wideBase: boolean;
  readonly walkDisabled: boolean;
  readonly topByteIgnored: boolean;
  /** TBID: the top byte is ignored for data only. */
  readonly topByteIgnoredForDataOnly: boolean;
  readonly tablesLimitNothing: boolean;
  readonly hardwareAccessFlag: boolean;
  readonly hardwareDirtyState: boolean;
  /** SH of walks; with TCR.DS also of every leaf. */
  readonly shareability: number;
  /** E0PD: an EL0 access takes a Translation fault, level 0. */
  readonly el0Disabled: boolean;
}

const granuleOfTg0: readonly Granule[] = ['4K', '64K', '16K', '4K'];
const granuleOfTg1: readonly Granule[] = ['4K', '16K', '4K', '64K'];
const physicalSizes: readonly number[] = [32, 36, 40, 42, 44, 48, 52, 52];

/**
 * Decodes one half of TCR_EL1. The reserved granule encodings (TG0 0b11, TG1 0b00), whose meaning is up to the
 * implementation, count as 4K; IPS 0b111 counts as 52 bits; a TxSZ above its maximum counts as the maximum.
 */
export function translationControl(tcr: bigint, upper: boolean, cpu: CpuFeatures): TranslationControl {
  const bits = (high: bigint, low: bigint) => Number((tcr >> low) & ((1n << (high - low + 1n)) - 1n));
  const flag = (position: bigint) => ((tcr >> position) & 1n) === 1n;
  const half = (lowerPosition: bigint, upperPosition: bigint) => flag(upper ? upperPosition : lowerPosition);
  const granule = (upper ? granuleOfTg1[bits(31n, 30n)] : granuleOfTg0[bits(15n, 14n)]) ?? '4K';
  const ds = cpu.largePhysicalAddress2 && granule !== '64K' && flag(59n);
  const size = upper ? bits(21n, 16n) : bits(5n, 0n);
  const smallestSize = cpu.largeVirtualAddress && (granule === '64K' || ds) ? 12 : 16;
  const vaBits = 64 - Math.min(Math.max(size, smallestSize), 64 - minimumVaBits[granule]);
  const physicalSize = physicalSizes[bits(34n, 32n)] ?? 52;
  const most = granule === '64K' || ds ? 52 : 48;
  const ha = cpu.hardwareAccessFlag && flag(39n);
  return {
    upper,
    sizeUsable: size >= smallestSize,
    geometry: geometry(granule, vaBits),
    format: descriptorFormat(granule, ds, cpu.physicalAddressBits),
    outputAddressBits: Math.min(physicalSize, most, cpu.physicalAddressBits),
    wideBase: ds || (granule === '64K' && physicalSize === 52 && cpu.physicalAddressBits >= 52),
    walkDisabled: half(7n, 23n),
    topByteIgnored: half(37n, 38n),
    topByteIgnoredForDataOnly: half(51n, 52n),
    tablesLimitNothing: half(41n, 42n),
    hardwareAccessFlag: ha,
    hardwareDirtyState: ha && flag(40n),
    shareability: upper ? bits(29n, 28n) : bits(13n, 12n),
    el0Disabled: half(55n, 56n),
  };
}

/** What a kernel's TCR_EL1 says beyond granule and sizes. */
export interface KernelTcr {
  readonly granule: Granule;
  readonly vaBits: number;
  /** Bits of an output address: 32, 36, 40, 42, 44, 48 or 52. */
  readonly outputAddressBits: number;
  /** TCR.DS, which 4K and 16K pages need for more than 48 address bits. */
  readonly ds: boolean;
  readonly hardwareAccessFlag: boolean;
  readonly hardwareDirtyState: boolean;
}

const granuleBits: Readonly<Record<Granule, bigint>> = { '4K': 2n, '16K': 1n, '64K': 3n };

/** TCR_EL1 for the upper half as a kernel programs it: inner shareable write-back walks, the lower half disabled. */
export function kernelTcr(wanted: KernelTcr): bigint {
  const ips = physicalSizes.indexOf(wanted.outputAddressBits);
  assert(ips >= 0, 'the output address size is one that IPS can say');
  const flag = (value: boolean, position: bigint) => (value ? 1n << position : 0n);
  return (
    (1n << 7n) |
    (BigInt(64 - wanted.vaBits) << 16n) |
    (0b11_01_01n << 24n) |
    (granuleBits[wanted.granule] << 30n) |
    (BigInt(ips) << 32n) |
    flag(wanted.hardwareAccessFlag, 39n) |
    flag(wanted.hardwareDirtyState, 40n) |
    flag(wanted.ds, 59n)
  );
}

/** Whether an address belongs to the upper half: bit 55 decides, whatever the bits above it are. */
export function inUpperHalf(va: bigint): boolean {
  return ((va >> 55n) & 1n) === 1n;
}

/**
 * Whether the bits of an address above `vaBits` are not all copies of bit 55 (AArch64.VAIsOutOfRange); with TBI the
 * top byte does not take part.
 */
export function outOfRange(control: TranslationControl, va: bigint, fetch: boolean): boolean {
  const ignored = control.topByteIgnored && !(fetch && control.topByteIgnoredForDataOnly);
  const top = ignored ? 55 : 63;
  const count = BigInt(top - control.geometry.vaBits + 1);
  const high = (va >> BigInt(control.geometry.vaBits)) & ((1n << count) - 1n);
  return high !== (control.upper ? (1n << count) - 1n : 0n);
}

/** Physical address of the top-level table, aligned down to the size of that table (AArch64.S1TTBaseAddress). */
export function topTable(control: TranslationControl, ttbr: bigint): bigint {
  const low = ttbr & ((1n << 48n) - 2n);
  const address = control.wideBase ? (((ttbr >> 2n) & 15n) << 48n) | low : low;
  const { geometry: shape } = control;
  const tableShift = Math.log2(tableEntries(shape, shape.topLevel)) + 3;
  const alignment = BigInt(control.wideBase ? Math.max(tableShift, 6) : tableShift);
  return (address >> alignment) << alignment;
}
