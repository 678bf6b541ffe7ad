/**
 * `struct page` as the scenarios see it: 64 bytes (include/linux/mm_types.h, 64-bit, Linux v6.7), and what its words
 * hold at the start. The values tell pages apart: bits 63:16 of `flags` hold the page frame number, where the kernel
 * has section, node and zone, so that a read through a stale or a wrong translation shows. Only the tails of kernels
 * that let huge pages share them have none, for all tails of a size have the same bytes there.
 */

/** Bits of `flags` (include/linux/page-flags.h, v6.7). */
export const pageFlag = { locked: 0n, uptodate: 3n, lru: 5n, head: 6n, reserved: 14n } as const;

/** HPG_vmemmap_optimized and HPG_freed in `private` of a HugeTLB head (include/linux/hugetlb.h). */
export const hugePageFlag = { freed: 3n, vmemmapOptimized: 4n } as const;

/** TAIL_MAPPING: the poison in `mapping` of tails (include/linux/poison.h). */
export const tailMapping = 0xdead_0000_0000_0400n;

/** What a struct page describes. */
export type PageUse =
  | { readonly kind: 'head'; readonly refcount: bigint; readonly optimised: boolean }
  /** `head`: virtual address of the head's struct page. */
  | { readonly kind: 'tail'; readonly head: bigint }
  /** A tail that leads to its head by a mask (v7.2). `bytes`: of the vmemmap of its huge page. */
  | { readonly kind: 'maskedTail'; readonly bytes: bigint }
  /** A page with a name, in use. */
  | { readonly kind: 'named' }
  /** Memory of the kernel from before the page allocator ran: tables, vmemmap, data. */
  | { readonly kind: 'reserved' }
  | { readonly kind: 'free' };

/** The aligned 64-bit word at an offset of the struct page of a page frame, at the start. */
export function initialStructPageWord(frameNumber: bigint, use: PageUse, offset: bigint): bigint {
  switch (offset) {
    case 0x00n:
      return use.kind === 'maskedTail' ? 0n : (frameNumber << 16n) | initialFlags(use);
    case 0x08n:
      return compoundInfo(use);
    case 0x18n:
      return use.kind === 'tail' || use.kind === 'maskedTail' ? tailMapping : 0n;
    case 0x28n:
      return use.kind === 'head' ? initialPrivate(use.refcount, use.optimised) : 0n;
    case 0x30n:
      return (initialRefcount(use) << 32n) | 0xffff_ffffn;
    default:
      return 0n;
  }
}

/** prep_compound_tail: what `compound_head`, since v7.2 `compound_info`, holds. */
function compoundInfo(use: PageUse): bigint {
  if (use.kind === 'tail') return use.head | 1n;
  return use.kind === 'maskedTail' ? BigInt.asUintN(64, -use.bytes) | 1n : 0n;
}

function initialFlags(use: PageUse): bigint {
  switch (use.kind) {
    case 'head':
      return 1n << pageFlag.head;
    case 'reserved':
      return 1n << pageFlag.reserved;
    case 'named':
      return 1n << pageFlag.uptodate;
    case 'tail':
    case 'maskedTail':
    case 'free':
      return 0n;
  }
}

function initialRefcount(use: PageUse): bigint {
  switch (use.kind) {
    case 'head':
      return use.refcount & 0xffff_ffffn;
    case 'named':
    case 'reserved':
      return 1n;
    case 'tail':
    case 'maskedTail':
    case 'free':
      return 0n;
  }
}

function initialPrivate(refcount: bigint, optimised: boolean): bigint {
  const freed = refcount === 0n ? 1n << hugePageFlag.freed : 0n;
  return freed | (optimised ? 1n << hugePageFlag.vmemmapOptimized : 0n);
}
