/**
 * Where things lie in physical memory. The user chooses where huge pages and named pages are; the kernel's own memory
 * (variables, page tables, pages to allocate, the frames behind vmemmap) gets fixed places in sections that the user
 * left free, so that every run of a scenario has the same addresses.
 */

import { entrySpan, type Granule } from '../../../simulator/machine/granule';
import { sectionBytes } from '../../../simulator/machine/vmemmapLayout';

/** Physical memory that somebody claimed: [start, end). */
export interface Claimed {
  readonly start: bigint;
  readonly end: bigint;
}

/** Offsets in the kernel's first section, all of them multiples of 64 KiB, the largest page. */
const offsets = { data: 0x10_0000n, tails: 0x40_0000n, tables: 0x80_0000n, pool: 0x400_0000n } as const;

/** Page tables that fit between their offset and the pool's; 64 KiB each at most. */
export const maximumTables = 512;
/** Pages of the allocator at the start: half of them for allocations that take any, half for those that get a certain one. */
export const maximumPool = 128;
/** The same for a program that runs once: as many as fit behind the pool's offset with 16K pages. */
export const maximumPoolInOneRun = 4096;
/** Parts of vmemmap, PMD_SIZE each, that a scenario may use. */
export const maximumVmemmapParts = 48;

export interface MemoryPlan {
  readonly data: bigint;
  /** Pages of tails that huge pages of a size share: one for each size. */
  readonly tails: bigint;
  readonly tables: bigint;
  readonly pool: bigint;
  /** Frames behind vmemmap: PMD_SIZE for each part that is in use. */
  readonly vmemmap: bigint;
  /** Everything that the kernel may use: [start, end). */
  readonly kernel: Claimed;
}

/** The kernel's places: the first run of free sections behind the first one, which the image takes. */
export function planMemory(granule: Granule, memstart: bigint, claimed: readonly Claimed[]): MemoryPlan {
  const section = sectionBytes(granule);
  const part = entrySpan(granule, 2);
  const vmemmapBytes = BigInt(maximumVmemmapParts) * part;
  // A section holds whole parts, but with 64K pages, where both have 512 MiB.
  const align = section;
  const bytes = section + align + vmemmapBytes;
  let start = memstart + section;
  for (let moved = true; moved; ) {
    moved = false;
    for (const other of claimed) {
      if (other.start < start + bytes && start < other.end) {
        start = ((other.end + section - 1n) / section) * section;
        moved = true;
      }
    }
  }
  return {
    data: start + offsets.data,
    tails: start + offsets.tails,
    tables: start + offsets.tables,
    pool: start + offsets.pool,
    vmemmap: ((start + section + align - 1n) / align) * align,
    kernel: { start, end: start + bytes },
  };
}
