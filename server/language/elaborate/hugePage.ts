/** A HugeTLB page of a scenario: where it is, and where its struct pages are. */

import { pageBytes } from '../../../simulator/machine/granule';
import { structPageBytes } from '../../../simulator/machine/vmemmapLayout';
import { type AddressSpace, structPageOf } from './addressSpace';

export interface HugePage {
  readonly name: string;
  readonly bytes: bigint;
  /** Physical address. */
  readonly at: bigint;
  readonly mapping: 'pages' | 'blocks';
  /** HVO was done: every tail page of its vmemmap is mapped read-only to the head's frame. */
  readonly optimised: boolean;
  readonly refcount: bigint;
  readonly basePages: bigint;
  /** Virtual address of struct page 0, and the one behind the last. */
  readonly start: bigint;
  readonly end: bigint;
  /** Pages of vmemmap that hold its struct pages; a small huge page shares one with others. */
  readonly vmemmapPages: bigint;
}

export function makeHugePage(
  space: AddressSpace,
  given: Pick<HugePage, 'name' | 'bytes' | 'at' | 'mapping' | 'optimised' | 'refcount'>,
): HugePage {
  const page = pageBytes(space.granule);
  const basePages = given.bytes / page;
  const start = structPageOf(space, given.at);
  const end = start + basePages * structPageBytes;
  const vmemmapPages = (end - (start & ~(page - 1n)) + page - 1n) / page;
  return { ...given, basePages, start, end, vmemmapPages };
}

/** Virtual address of vmemmap page i. */
export function vmemmapPage(space: AddressSpace, huge: HugePage, i: bigint): bigint {
  return (huge.start & ~(pageBytes(space.granule) - 1n)) + i * pageBytes(space.granule);
}
