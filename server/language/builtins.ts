/**
 * Names that have a value without being declared: constants of the machine, pure functions, and the members of huge
 * pages, pages, `init_mm` and struct pages. One row each. What reads or writes memory is a primitive or library text.
 */

export interface Constant {
  readonly name: string;
  readonly doc: string;
}

export interface BuiltinFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly doc: string;
}

/** A member of a name: `H.head`, or with `parameters` `H.tail(1)`. */
export interface Member {
  readonly name: string;
  readonly parameters?: readonly string[];
  readonly doc: string;
}

const geometry: readonly Constant[] = [
  { name: 'PAGE_SHIFT', doc: 'Logarithm of PAGE_SIZE to base 2: 12, 14 or 16.' },
  { name: 'PAGE_SIZE', doc: 'Bytes of a page: the granule.' },
  { name: 'PAGE_MASK', doc: 'Mask that clears the offset in a page.' },
  { name: 'PMD_SHIFT', doc: 'Logarithm of PMD_SIZE to base 2: 21, 25 or 29.' },
  { name: 'PMD_SIZE', doc: 'Bytes that one level 2 entry maps: 2 MiB, 32 MiB or 512 MiB.' },
  { name: 'PMD_MASK', doc: 'Mask that clears the offset below a level 2 entry.' },
  { name: 'PUD_SHIFT', doc: 'Logarithm of PUD_SIZE to base 2: 30, 36 or 42.' },
  { name: 'PUD_SIZE', doc: 'Bytes that one level 1 entry maps.' },
  { name: 'PUD_MASK', doc: 'Mask that clears the offset below a level 1 entry.' },
  { name: 'P4D_SHIFT', doc: 'Logarithm to base 2 of the bytes that one level 0 entry maps.' },
  { name: 'PGDIR_SHIFT', doc: 'Logarithm to base 2 of the bytes that one entry of the top table maps.' },
  { name: 'PTRS_PER_PTE', doc: 'Entries of a table: 512, 2048 or 8192.' },
  { name: 'PTRS_PER_PMD', doc: 'Entries of a level 2 table.' },
  { name: 'PTRS_PER_PGD', doc: 'Entries of the top table.' },
  { name: 'NR_CPUS', doc: 'Number of CPUs of the scenario.' },
  { name: 'NR_OPTIMISED', doc: 'Number of huge pages that are `optimised` from the start.' },
  { name: 'VA_BITS', doc: 'Width of kernel virtual addresses.' },
  { name: 'PAGE_OFFSET', doc: 'First virtual address of the linear map.' },
  { name: 'PHYS_OFFSET', doc: 'Physical address of the start of memory (`memstart_addr`).' },
  { name: 'VMEMMAP_START', doc: 'First virtual address of vmemmap.' },
  { name: 'VMEMMAP_END', doc: 'The address behind the last of vmemmap.' },
  { name: 'STRUCT_PAGE_SIZE', doc: 'Bytes of a struct page: 64.' },
];

const descriptors: readonly Constant[] = [
  { name: 'none', doc: 'A descriptor that maps nothing: 0.' },
  { name: 'PAGE_KERNEL', doc: 'Protection of writable kernel pages.' },
  { name: 'PAGE_KERNEL_RO', doc: 'Protection of read-only kernel pages.' },
  { name: 'PROT_SECT_NORMAL', doc: 'Protection of writable kernel blocks.' },
  { name: 'PMD_TABLE_KERNEL', doc: 'A table descriptor of the kernel without its address.' },
  { name: 'PTE_VALID', doc: 'Bit 0: the descriptor is valid.' },
  { name: 'PTE_TYPE_MASK', doc: 'Bits 1:0 of a level 3 descriptor.' },
  { name: 'PTE_TYPE_PAGE', doc: 'Bits 1:0 of a page: 0b11.' },
  { name: 'PMD_TYPE_MASK', doc: 'Bits 1:0 of a level 2 descriptor.' },
  { name: 'PMD_TYPE_TABLE', doc: 'Bits 1:0 of a table: 0b11.' },
  { name: 'PMD_TYPE_SECT', doc: 'Bits 1:0 of a block: 0b01.' },
  { name: 'PTE_AF', doc: 'Bit 10: the access flag.' },
  { name: 'PTE_RDONLY', doc: 'Bit 7, AP[2]: read-only.' },
  { name: 'PTE_WRITE', doc: 'Bit 51, DBM: Linux uses it as "writable".' },
  { name: 'PTE_DBM', doc: 'Bit 51: hardware may make the entry writable.' },
  { name: 'PTE_CONT', doc: 'Bit 52: contiguous.' },
  { name: 'PTE_NG', doc: 'Bit 11: not global.' },
  { name: 'PTE_PXN', doc: 'Bit 53: no execution by the kernel.' },
  { name: 'PTE_UXN', doc: 'Bit 54: no execution by user space.' },
  { name: 'PTE_USER', doc: 'Bit 6, AP[1]: user space may access it.' },
  { name: 'PMD_SECT_NT', doc: 'Bit 16 of a block, nT: no new TLB entries (FEAT_BBM level 1).' },
  { name: 'PTE_ADDR_MASK', doc: 'The bits of a descriptor that hold the output address.' },
];

const syndromes: readonly Constant[] = [
  { name: 'ESR_ELx_EC_SHIFT', doc: '26: where the exception class is.' },
  { name: 'ESR_ELx_EC_DABT_CUR', doc: '0x25: data abort from the current level.' },
  { name: 'ESR_ELx_WNR', doc: 'Bit 6: the access was a write.' },
  { name: 'ESR_ELx_FSC', doc: '0x3f: the fault status.' },
  { name: 'ESR_ELx_FSC_TYPE', doc: '0x3c: the fault status without its level.' },
  { name: 'ESR_ELx_FSC_LEVEL', doc: '0x03: the level of the fault.' },
  { name: 'ESR_ELx_FSC_FAULT', doc: '0x04: translation fault.' },
  { name: 'ESR_ELx_FSC_FAULT_L0', doc: '0x04: translation fault, level 0.' },
  { name: 'ESR_ELx_FSC_FAULT_L1', doc: '0x05: translation fault, level 1.' },
  { name: 'ESR_ELx_FSC_FAULT_L2', doc: '0x06: translation fault, level 2.' },
  { name: 'ESR_ELx_FSC_FAULT_L3', doc: '0x07: translation fault, level 3.' },
  { name: 'ESR_ELx_FSC_ACCESS', doc: '0x08: access flag fault.' },
  { name: 'ESR_ELx_FSC_PERM', doc: '0x0c: permission fault.' },
  { name: 'ESR_ELx_FSC_TLB_CONFLICT', doc: '0x30: TLB conflict abort.' },
  { name: 'SYS_PAR_EL1_F', doc: 'Bit 0 of PAR_EL1: the translation failed.' },
  { name: 'SYS_PAR_EL1_FST', doc: '0x7e: the fault status in PAR_EL1, shifted left by one.' },
];

const numbers: readonly Constant[] = [
  { name: 'true', doc: '1.' },
  { name: 'false', doc: '0.' },
  { name: 'NULL', doc: '0.' },
  { name: 'EFAULT', doc: '14: bad address.' },
  { name: 'ENOMEM', doc: '12: out of memory.' },
  { name: 'EAGAIN', doc: '11: try again.' },
  { name: 'EBUSY', doc: '16: in use.' },
  { name: 'EINVAL', doc: '22: invalid argument.' },
  { name: 'ENOTSUPP', doc: '524: not supported.' },
  { name: 'GFP_KERNEL', doc: 'An allocation that may sleep.' },
  { name: 'GFP_ATOMIC', doc: 'An allocation that does not sleep.' },
  { name: 'GFP_NOWAIT', doc: 'An allocation that does not sleep.' },
  { name: 'GFP_PGTABLE_KERNEL', doc: 'GFP_KERNEL with __GFP_ZERO: a page for a table.' },
  { name: '__GFP_ZERO', doc: '0x100: the page is filled with zeroes.' },
  { name: '__GFP_DIRECT_RECLAIM', doc: '0x400: the allocation may sleep.' },
];

export const constants: readonly Constant[] = [...geometry, ...descriptors, ...syndromes, ...numbers];

export const constantByName: ReadonlyMap<string, Constant> = new Map(constants.map((row) => [row.name, row]));

export const builtinFunctions: readonly BuiltinFunction[] = [
  {
    name: 'mk_pte',
    parameters: ['pa', 'prot'],
    result: 'a level 3 descriptor',
    doc: 'The descriptor of a page at a physical address: `mk_pte(H.head, PAGE_KERNEL_RO)`.',
  },
  {
    name: 'mk_pmd_block',
    parameters: ['pa', 'prot'],
    result: 'a level 2 descriptor',
    doc: 'The descriptor of a block at a physical address: `mk_pmd_block(pa, PROT_SECT_NORMAL)`.',
  },
  {
    name: 'mk_pmd_table',
    parameters: ['pa'],
    result: 'a level 2 descriptor',
    doc: 'The descriptor that points to a table at a physical address.',
  },
  {
    name: 'descriptor_pa',
    parameters: ['descriptor'],
    result: 'the physical address in a descriptor',
    doc: 'The output address of a descriptor, or the address of the next table.',
  },
  {
    name: '__va',
    parameters: ['pa'],
    result: 'a virtual address',
    doc: 'Where the linear map has a physical address.',
  },
  {
    name: '__pa',
    parameters: ['va'],
    result: 'a physical address',
    doc: 'The physical address of an address of the linear map.',
  },
  {
    name: 'pgd_offset_k',
    parameters: ['va'],
    result: 'a pointer (linear map)',
    doc: 'The entry of the top table of the kernel that maps an address.',
  },
  { name: 'likely', parameters: ['e'], result: 'e', doc: 'Its argument; a hint to a compiler.' },
  { name: 'unlikely', parameters: ['e'], result: 'e', doc: 'Its argument; a hint to a compiler.' },
];

export const builtinFunctionByName: ReadonlyMap<string, BuiltinFunction> = new Map(
  builtinFunctions.map((row) => [row.name, row]),
);

/** Final values that only expectations read. */
export const finalFunctions: readonly BuiltinFunction[] = [
  {
    name: 'load',
    parameters: ['address'],
    result: 'the 64 bits at an address',
    doc: 'The word that a fresh walk finds at a virtual address when the execution is over.',
  },
  {
    name: 'load32',
    parameters: ['address'],
    result: 'the 32 bits at an address',
    doc: 'As `load`, 32 bits.',
  },
  {
    name: 'pte',
    parameters: ['va'],
    result: 'a descriptor',
    doc: 'The level 3 descriptor of an address when the execution is over; 0 when there is no level 3 table.',
  },
  {
    name: 'pmd',
    parameters: ['va'],
    result: 'a descriptor',
    doc: 'The level 2 descriptor of an address when the execution is over.',
  },
  {
    name: 'initial',
    parameters: ['address'],
    result: 'the 64 bits at an address',
    doc: 'The word that was at a virtual address before anything ran, through the tables as they were then.',
  },
];

export const finalFunctionByName: ReadonlyMap<string, BuiltinFunction> = new Map(
  finalFunctions.map((row) => [row.name, row]),
);

export const hugePageMembers: readonly Member[] = [
  { name: 'head', doc: "Physical address of the frame behind the head's vmemmap page." },
  {
    name: 'tail',
    parameters: ['i'],
    doc: "Virtual address of vmemmap page i; 0 is the head's, 1 and up are the tails that HVO frees.",
  },
  { name: 'vmemmap', parameters: ['i'], doc: "Virtual address of vmemmap page i; 0 is the head's." },
  { name: 'frame', parameters: ['i'], doc: 'Physical address of the frame that backs vmemmap page i at the start.' },
  { name: 'page', parameters: ['k'], doc: 'Virtual address of struct page k; its fields follow: `H.page(64).flags`.' },
  {
    name: 'shared_tail',
    doc: 'Physical address of the page of tails that all huge pages of its size share since v7.2. Before, 0.',
  },
  { name: 'start', doc: 'First virtual address of its vmemmap.' },
  { name: 'end', doc: 'The virtual address behind its vmemmap.' },
  { name: 'block', parameters: ['i'], doc: 'Virtual address of the i-th PMD_SIZE part that maps its vmemmap.' },
  { name: 'nr_pages', doc: 'Number of base pages.' },
  { name: 'nr_vmemmap', doc: 'Number of vmemmap pages.' },
  { name: 'pa', doc: 'Physical address of the huge page itself.' },
];

export const pageMembers: readonly Member[] = [
  { name: 'pa', doc: 'Physical address of the page.' },
  { name: 'va', doc: 'Where the linear map has the page.' },
  { name: 'struct', doc: 'Virtual address of its struct page; the fields follow: `P.struct.flags`.' },
];

export interface Field extends Member {
  /** Offset in the struct page. */
  readonly offset: number;
  readonly bytes: 4 | 8;
}

/** Fields of struct page of 64 bytes (include/linux/mm_types.h). `p.FIELD` is the address `p` plus the offset. */
export const pageFields: readonly Field[] = [
  { name: 'flags', offset: 0x00, bytes: 8, doc: 'Page flags.' },
  { name: 'compound_head', offset: 0x08, bytes: 8, doc: 'Of a tail: the head plus 1. The same word as `lru`.' },
  {
    name: 'compound_info',
    offset: 0x08,
    bytes: 8,
    doc: 'Since v7.2 the name of `compound_head`. Of a tail: a mask that leads from its address to the head, plus 1.',
  },
  { name: 'lru', offset: 0x08, bytes: 8, doc: 'List links; the same word as `compound_head`.' },
  { name: 'mapping', offset: 0x18, bytes: 8, doc: 'Owner of the page.' },
  { name: 'index', offset: 0x20, bytes: 8, doc: 'Offset within the owner.' },
  { name: 'private', offset: 0x28, bytes: 8, doc: "The owner's data." },
  { name: 'mapcount', offset: 0x30, bytes: 4, doc: '32 bits: number of mappings less one (`_mapcount`).' },
  { name: 'refcount', offset: 0x34, bytes: 4, doc: '32 bits: number of references (`_refcount`).' },
];

export const pageFieldByName: ReadonlyMap<string, Field> = new Map(pageFields.map((row) => [row.name, row]));
