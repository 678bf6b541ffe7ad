/**
 * Where Linux puts vmemmap, the array of struct pages, and how page frame numbers, struct pages and vmemmap pages
 * relate (arch/arm64/include/asm/memory.h, pgtable.h; mm/sparse-vmemmap.c).
 */

import { assert } from './assert';
import { contiguousEntries, entriesPerTable, entrySpan, type Granule, pageBytes, pageShift } from './granule';
import { type KernelRelease, releaseAtLeast } from './kernelRelease';

/** sizeof(struct page). */
export const structPageBytes = 64n;

/** Offset of _refcount in struct page, as on arm64 with default options. */
export const refcountOffset = 0x34n;

/** The release that moved vmemmap to end 1 GiB below the top, and brought 52-bit addresses to 4K and 16K pages. */
export const newLayout: KernelRelease = 'v6.9';

const vaSizes: Readonly<Record<Granule, readonly number[]>> = {
  '4K': [39, 48],
  '16K': [36, 47, 48],
  '64K': [42, 48, 52],
};

/** Virtual address sizes that a kernel can be built for. */
export function linuxVaSizes(granule: Granule, release: KernelRelease): readonly number[] {
  return granule !== '64K' && releaseAtLeast(release, newLayout) ? [...vaSizes[granule], 52] : vaSizes[granule];
}

/** Why there is no such kernel, as a sentence for the user; undefined when there is. */
export function layoutProblem(granule: Granule, vaBits: number, release: KernelRelease): string | undefined {
  const sizes = linuxVaSizes(granule, release);
  if (sizes.includes(vaBits)) return undefined;
  const later = vaBits === 52 && granule !== '64K' ? `; 52 bits came with ${newLayout}` : '';
  return `Linux ${release} with ${granule} pages has ${sizes.join(', ')} virtual address bits, not ${vaBits}${later}`;
}

export interface VmemmapLayout {
  readonly granule: Granule;
  readonly vaBits: number;
  readonly release: KernelRelease;
  /** The linear map: [pageOffset, pageEnd). */
  readonly pageOffset: bigint;
  readonly pageEnd: bigint;
  /** vmemmap: [start, end). */
  readonly start: bigint;
  readonly end: bigint;
}

/** -x as an unsigned 64-bit address. */
function below(x: bigint): bigint {
  return BigInt.asUintN(64, -x);
}

/** The layout of a kernel that `layoutProblem` accepts. */
export function vmemmapLayout(granule: Granule, vaBits: number, release: KernelRelease): VmemmapLayout {
  assert(layoutProblem(granule, vaBits, release) === undefined, 'the caller checks that there is such a kernel');
  const minimumBits = vaBits <= 48 ? vaBits : granule === '16K' ? 47 : 48;
  const pageOffset = below(1n << BigInt(vaBits));
  const pageEnd = below(1n << BigInt(minimumBits - 1));
  const base = { granule, vaBits, release, pageOffset, pageEnd };
  const size = ((pageEnd - pageOffset) >> BigInt(pageShift(granule))) * structPageBytes;
  if (releaseAtLeast(release, newLayout)) {
    const end = below(1n << 30n);
    return { ...base, start: end - size, end };
  }
  const start = below(1n << BigInt(vaBits - (pageShift(granule) - 6)));
  return { ...base, start, end: start + size };
}

/** memstart_addr: the start of DRAM, rounded down to 1 GiB, or 512 MiB with 64K pages. */
export function memstartOf(granule: Granule, dramStart: bigint): bigint {
  const alignment = granule === '64K' ? 29n : 30n;
  return (dramStart >> alignment) << alignment;
}

/** Virtual address of the struct page of a page frame. */
export function structPageAddress(layout: VmemmapLayout, memstart: bigint, pfn: bigint): bigint {
  const first = memstart >> BigInt(pageShift(layout.granule));
  return BigInt.asUintN(64, layout.start + (pfn - first) * structPageBytes);
}

/** The page frame whose struct page holds an address of vmemmap. */
export function pfnOfStructPage(layout: VmemmapLayout, memstart: bigint, address: bigint): bigint {
  const first = memstart >> BigInt(pageShift(layout.granule));
  return (address - layout.start) / structPageBytes + first;
}

/** Whether an address lies in vmemmap. */
export function inVmemmap(layout: VmemmapLayout, address: bigint): boolean {
  return address >= layout.start && address < layout.end;
}

/** Bytes of a memory section (SECTION_SIZE_BITS): the unit in which vmemmap is populated. */
export function sectionBytes(granule: Granule): bigint {
  return 1n << (granule === '64K' ? 29n : 27n);
}

/** Whether Linux maps vmemmap with level 2 blocks: only with 4K pages, where a section fills one exactly. */
export function blockMapsVmemmap(granule: Granule): boolean {
  return granule === '4K';
}

export interface Coverage {
  readonly structPages: number;
  /** Bytes of memory that these struct pages describe. */
  readonly memoryBytes: bigint;
}

/** What one leaf of a level covers when it maps vmemmap: level 3 a page, level 2 a block. */
export function leafCoverage(granule: Granule, level: 2 | 3): Coverage {
  const structPages = Number(entrySpan(granule, level) / structPageBytes);
  return { structPages, memoryBytes: BigInt(structPages) * pageBytes(granule) };
}

export interface HugePageSize {
  readonly name: string;
  readonly bytes: bigint;
  /** How Linux maps it: contiguous PTEs, a PMD, contiguous PMDs, a PUD. */
  readonly kind: 'cont PTE' | 'PMD' | 'cont PMD' | 'PUD';
}

/** The HugeTLB page sizes of a granule. */
export function hugePageSizes(granule: Granule): readonly HugePageSize[] {
  const contPte = BigInt(contiguousEntries(granule, 3)) * pageBytes(granule);
  const pmd = entrySpan(granule, 2);
  const contPmd = BigInt(contiguousEntries(granule, 2)) * pmd;
  const sizes: readonly Omit<HugePageSize, 'name'>[] = [
    { kind: 'cont PTE', bytes: contPte },
    { kind: 'PMD', bytes: pmd },
    { kind: 'cont PMD', bytes: contPmd },
    ...(granule === '4K' ? [{ kind: 'PUD' as const, bytes: entrySpan(granule, 1) }] : []),
  ];
  return sizes.map((size) => ({ name: sizeWords(size.bytes), ...size }));
}

/** A size with its largest fitting unit: 64K, 2M, 16G, 2T. */
export function sizeWords(bytes: bigint): string {
  const units = ['', 'K', 'M', 'G', 'T', 'P'];
  let unit = 0;
  let rest = bytes;
  while (rest >= 1024n && rest % 1024n === 0n && unit < units.length - 1) {
    rest /= 1024n;
    unit++;
  }
  return `${rest}${units[unit] ?? ''}`;
}

export interface VmemmapSavings {
  readonly basePages: number;
  readonly vmemmapBytes: bigint;
  /** Whole vmemmap pages; 0 when the struct pages fill less than one. */
  readonly vmemmapPages: number;
  readonly optimisable: boolean;
  /** Pages that stay (one, RESERVE), and pages that go back to the allocator. */
  readonly kept: number;
  readonly freed: number;
  /** Level 2 blocks of vmemmap that belong to one huge page; below 1 where several huge pages share a block. */
  readonly blocks: number;
}

/** What HVO saves for one huge page (mm/hugetlb_vmemmap.c, hugetlb_vmemmap_optimizable_size). */
export function vmemmapSavings(granule: Granule, hugeBytes: bigint): VmemmapSavings {
  const basePages = Number(hugeBytes / pageBytes(granule));
  const vmemmapBytes = BigInt(basePages) * structPageBytes;
  const vmemmapPages = Number(vmemmapBytes / pageBytes(granule));
  const optimisable = vmemmapPages > 1;
  return {
    basePages,
    vmemmapBytes,
    vmemmapPages,
    optimisable,
    kept: optimisable ? 1 : 0,
    freed: optimisable ? vmemmapPages - 1 : 0,
    blocks: blockMapsVmemmap(granule) ? vmemmapPages / entriesPerTable(granule) : 0,
  };
}
