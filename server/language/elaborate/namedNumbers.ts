/** Values of the names that need no declaration: constants of the machine, and its switches. */

import { entriesPerTable, type Geometry, pageBytes, pageShift } from '../../../simulator/machine/granule';
import { structPageBytes } from '../../../simulator/machine/vmemmapLayout';
import { type AddressSpace, all64 } from './addressSpace';
import type { Configuration } from './configuration';
import { levelShifts } from './environment';
import { protectionOf } from './kernelTables';

const fixed: Readonly<Record<string, bigint>> = {
  none: 0n,
  true: 1n,
  false: 0n,
  NULL: 0n,
  EFAULT: 14n,
  ENOMEM: 12n,
  EAGAIN: 11n,
  EBUSY: 16n,
  EINVAL: 22n,
  ENOTSUPP: 524n,
  STRUCT_PAGE_SIZE: structPageBytes,
  PTE_VALID: 1n,
  PTE_TYPE_MASK: 3n,
  PTE_TYPE_PAGE: 3n,
  PMD_TYPE_MASK: 3n,
  PMD_TYPE_TABLE: 3n,
  PMD_TYPE_SECT: 1n,
  PTE_USER: 1n << 6n,
  PTE_RDONLY: 1n << 7n,
  PTE_AF: 1n << 10n,
  PTE_NG: 1n << 11n,
  PMD_SECT_NT: 1n << 16n,
  PTE_WRITE: 1n << 51n,
  PTE_DBM: 1n << 51n,
  PTE_CONT: 1n << 52n,
  PTE_PXN: 1n << 53n,
  PTE_UXN: 1n << 54n,
  ESR_ELx_EC_SHIFT: 26n,
  ESR_ELx_EC_DABT_CUR: 0x25n,
  ESR_ELx_WNR: 1n << 6n,
  ESR_ELx_FSC: 0x3fn,
  ESR_ELx_FSC_TYPE: 0x3cn,
  ESR_ELx_FSC_LEVEL: 0x03n,
  ESR_ELx_FSC_FAULT: 0x04n,
  ESR_ELx_FSC_FAULT_L0: 0x04n,
  ESR_ELx_FSC_FAULT_L1: 0x05n,
  ESR_ELx_FSC_FAULT_L2: 0x06n,
  ESR_ELx_FSC_FAULT_L3: 0x07n,
  ESR_ELx_FSC_ACCESS: 0x08n,
  ESR_ELx_FSC_PERM: 0x0cn,
  ESR_ELx_FSC_TLB_CONFLICT: 0x30n,
  SYS_PAR_EL1_F: 1n,
  SYS_PAR_EL1_FST: 0x7en,
  __GFP_ZERO: 0x100n,
  __GFP_DIRECT_RECLAIM: 0x400n,
  GFP_KERNEL: 0xcc0n,
  GFP_PGTABLE_KERNEL: 0xdc0n,
  GFP_ATOMIC: 0x820n,
  GFP_NOWAIT: 0x800n,
};

/** Every constant that `builtins.ts` lists, for one machine. */
export function namedNumbers(
  configuration: Configuration,
  space: AddressSpace,
  shape: Geometry,
  cpus: number,
  optimised: number,
): ReadonlyMap<string, bigint> {
  const { granule } = configuration;
  const shift = BigInt(pageShift(granule));
  const { pmd, pud, p4d, pgd } = levelShifts(shape);
  const mask = (bits: number) => all64 & ~((1n << BigInt(bits)) - 1n);
  const entries = BigInt(entriesPerTable(granule));
  const top = 1n << BigInt(configuration.va_bits - pgd);
  return new Map<string, bigint>([
    ...Object.entries(fixed),
    ['NR_CPUS', BigInt(cpus)],
    ['NR_OPTIMISED', BigInt(optimised)],
    ['PAGE_SHIFT', shift],
    ['PAGE_SIZE', pageBytes(granule)],
    ['PAGE_MASK', mask(pageShift(granule))],
    ['PMD_SHIFT', BigInt(pmd)],
    ['PMD_SIZE', 1n << BigInt(pmd)],
    ['PMD_MASK', mask(pmd)],
    ['PUD_SHIFT', BigInt(pud)],
    ['PUD_SIZE', 1n << BigInt(pud)],
    ['PUD_MASK', mask(pud)],
    ['P4D_SHIFT', BigInt(p4d)],
    ['PGDIR_SHIFT', BigInt(pgd)],
    ['PTRS_PER_PTE', entries],
    ['PTRS_PER_PMD', pmd === pgd ? top : entries],
    ['PTRS_PER_PGD', top],
    ['VA_BITS', BigInt(configuration.va_bits)],
    ['PAGE_OFFSET', space.pageOffset],
    ['PHYS_OFFSET', space.memstart],
    ['VMEMMAP_START', space.vmemmapStart],
    ['VMEMMAP_END', space.vmemmapEnd],
    ['PAGE_KERNEL', protectionOf(configuration, 'PAGE_KERNEL')],
    ['PAGE_KERNEL_RO', protectionOf(configuration, 'PAGE_KERNEL_RO')],
    ['PROT_SECT_NORMAL', protectionOf(configuration, 'PROT_SECT_NORMAL')],
    ['PMD_TABLE_KERNEL', protectionOf(configuration, 'PMD_TABLE_KERNEL')],
    ['PTE_ADDR_MASK', 0xffff_ffff_ffffn & mask(pageShift(granule))],
  ]);
}

/** Values of `machine.NAME`. */
export function switchNumbers(configuration: Configuration, shape: Geometry): ReadonlyMap<string, bigint> {
  const truth = (value: boolean) => (value ? 1n : 0n);
  const [major, minor] = configuration.kernel.slice(1).split('.').map(Number) as [number, number];
  const { bbm } = configuration;
  return new Map<string, bigint>([
    ['kernel', BigInt(major * 256 + minor)],
    ['granule', pageBytes(configuration.granule)],
    ['va_bits', BigInt(configuration.va_bits)],
    ['memstart', configuration.memstart],
    ['bbm', bbm === '2-noabort' ? 2n : BigInt(bbm)],
    ['bbm_noabort', truth(bbm === '2-noabort' || bbm === 3)],
    ['levels', BigInt(shape.levels)],
    ['ets2', truth(configuration.ets2)],
    ['ets3', truth(configuration.ets3)],
    ['lse', truth(configuration.lse)],
    ['hw_af', truth(configuration.hw_af)],
    ['hw_dbm', truth(configuration.hw_dbm)],
    ['pseudo_nmi', truth(configuration.pseudo_nmi)],
    ['preempt_rt', truth(configuration.preempt_rt)],
    ['stolen_time', truth(configuration.stolen_time)],
    ['panic_on_warn', truth(configuration.panic_on_warn)],
    ['hvo', truth(configuration.hvo)],
    ['debug_vm', truth(configuration.debug_vm)],
    ['lockdep', truth(configuration.lockdep)],
  ]);
}
