/** The system registers that say where translation tables are and how they look. */

import { type DescriptorFormat, descriptorFormat } from '../../simulator/machine/descriptor';
import {
  bitsPerLevel,
  descriptorBytes,
  type Granule,
  geometry,
  geometryProblem,
  type Level,
  levelShift,
} from '../../simulator/machine/granule';
import type { TlbiRegime } from '../../simulator/machine/tlbiReach';

export interface RootRegister {
  readonly name: string;
  readonly stage: 1 | 2;
  readonly regime: TlbiRegime;
  readonly tables: string;
  readonly control: string;
  /** What bits 63:48 are. */
  readonly identifier: 'VMID' | 'ASID';
  /** The identifier must be 0 (unless HCR_EL2.E2H is set). */
  readonly noIdentifier?: boolean;
  /** The tables translate the top of the address space, and mostly global addresses. */
  readonly high?: boolean;
}

export const rootRegisters: readonly RootRegister[] = [
  { name: 'vttbr_el2', stage: 2, regime: 'el1', tables: 'stage 2', control: 'vtcr_el2', identifier: 'VMID' },
  {
    name: 'ttbr0_el2',
    stage: 1,
    regime: 'el2',
    tables: 'EL2 stage 1',
    control: 'tcr_el2',
    identifier: 'ASID',
    noIdentifier: true,
  },
  { name: 'ttbr0_el1', stage: 1, regime: 'el1', tables: 'EL1 stage 1', control: 'tcr_el1', identifier: 'ASID' },
  {
    name: 'ttbr1_el1',
    stage: 1,
    regime: 'el1',
    tables: 'EL1 stage 1',
    control: 'tcr_el1',
    identifier: 'ASID',
    high: true,
  },
];

/** Registers whose writes change nothing that is checked. */
export const otherRegisters: readonly string[] = [
  ...new Set(rootRegisters.map((register) => register.control)),
  'hcr_el2',
  'sctlr_el1',
  'sctlr_el2',
  'mair_el1',
  'mair_el2',
];

/** How the tables of a root look. */
export interface TableShape {
  readonly format: DescriptorFormat;
  readonly startLevel: Level;
  /** Entries of the root; more than one table holds when stage 2 concatenates tables. */
  readonly rootEntries: number;
  /** The first input address. */
  readonly first: bigint;
  /** The hardware manages the dirty state. */
  readonly hardwareDirty: boolean;
}

/** 4K pages and 48 bits: what an absent or unusable control register is taken to say. */
const usual = { granule: '4K' as Granule, addressBits: 48 };

/** Decodes TCR_ELx or VTCR_EL2 for a root register; an unusable address size gives the usual one and a problem. */
export function tableShape(
  register: RootRegister,
  control: bigint | undefined,
): { readonly shape: TableShape; readonly problem?: string } {
  const fields = control === undefined ? usual : controlFields(register, control);
  const problem = geometryProblem(fields.granule, fields.addressBits);
  const { granule, addressBits } = problem ? usual : fields;
  const { topLevel } = geometry(granule, addressBits);
  const startLevel = register.stage === 2 ? stage2StartLevel(granule, addressBits, topLevel, control ?? 0n) : topLevel;
  const wide = addressBits > 48;
  const dirtyBit = register.control === 'tcr_el1' ? 40 : 22;
  const shape: TableShape = {
    format: descriptorFormat(granule, wide, wide || granule === '64K' ? 52 : 48),
    startLevel,
    rootEntries: 2 ** (addressBits - levelShift(granule, startLevel)),
    first: register.high ? (1n << 64n) - (1n << BigInt(addressBits)) : 0n,
    hardwareDirty: bits(control ?? 0n, dirtyBit, dirtyBit) === 1,
  };
  return problem ? { shape, problem: `${register.control}: ${problem}; taken as 48 bits of 4K pages` } : { shape };
}

/** The address of the root: bits 47:1, aligned to the size of the root (at least 64 bytes). */
export function rootAddress(value: bigint, shape: TableShape): bigint {
  const size = BigInt(shape.rootEntries) * descriptorBytes;
  const alignment = size > 64n ? size : 64n;
  return value & 0xffff_ffff_ffffn & ~(alignment - 1n);
}

export function rootIdentifier(value: bigint): number {
  return bits(value, 63, 48);
}

function controlFields({ high }: RootRegister, control: bigint): { granule: Granule; addressBits: number } {
  const granules: readonly Granule[] = high ? ['4K', '16K', '4K', '64K'] : ['4K', '64K', '16K', '4K'];
  const granule = granules[high ? bits(control, 31, 30) : bits(control, 15, 14)]!;
  return { granule, addressBits: 64 - (high ? bits(control, 21, 16) : bits(control, 5, 0)) };
}

/** VTCR_EL2.SL0 may start a level lower, where up to 16 tables stand side by side. One that cannot be is not obeyed. */
function stage2StartLevel(granule: Granule, addressBits: number, topLevel: Level, control: bigint): Level {
  const startLevel = (granule === '4K' ? 2 : 3) - bits(control, 7, 6);
  const tables = addressBits - levelShift(granule, startLevel as Level) - bitsPerLevel(granule);
  return startLevel >= topLevel && tables <= 4 ? (startLevel as Level) : topLevel;
}

function bits(value: bigint, high: number, low: number): number {
  return Number((value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
}
