/** Where the kernel's virtual addresses lie: the linear map and vmemmap of a configuration. */

import { type Granule, pageShift } from '../../../simulator/machine/granule';
import {
  pfnOfStructPage,
  structPageAddress,
  type VmemmapLayout,
  vmemmapLayout,
} from '../../../simulator/machine/vmemmapLayout';
import type { Configuration } from './configuration';

export const all64 = (1n << 64n) - 1n;

export interface AddressSpace {
  readonly granule: Granule;
  readonly layout: VmemmapLayout;
  readonly memstart: bigint;
  /** The linear map: [pageOffset, pageEnd) is physical memory from memstart on. */
  readonly pageOffset: bigint;
  readonly pageEnd: bigint;
  readonly vmemmapStart: bigint;
  readonly vmemmapEnd: bigint;
}

export function addressSpace(configuration: Configuration): AddressSpace {
  const { granule, memstart } = configuration;
  const layout = vmemmapLayout(granule, configuration.va_bits, configuration.kernel);
  const { pageOffset, pageEnd, start: vmemmapStart, end: vmemmapEnd } = layout;
  return { granule, layout, memstart, pageOffset, pageEnd, vmemmapStart, vmemmapEnd };
}

/** Virtual address of the struct page of a physical address. It may lie outside vmemmap. */
export function structPageOf(space: AddressSpace, physical: bigint): bigint {
  return structPageAddress(space.layout, space.memstart, physical >> BigInt(pageShift(space.granule)));
}

/** Physical address of the page that a struct page describes. */
export function describedPage(space: AddressSpace, structPage: bigint): bigint {
  return pfnOfStructPage(space.layout, space.memstart, structPage) << BigInt(pageShift(space.granule));
}

/** __va: the linear map's address of a physical address. */
export function linearOf(space: AddressSpace, physical: bigint): bigint {
  return (physical - space.memstart + space.pageOffset) & all64;
}

/** __pa: the physical address of an address of the linear map; undefined outside it. */
export function physicalOf(space: AddressSpace, virtual: bigint): bigint | undefined {
  if (virtual < space.pageOffset || virtual >= space.pageEnd) return undefined;
  return virtual - space.pageOffset + space.memstart;
}

/** The first physical address that the linear map and vmemmap have no room for. */
export function physicalEnd(space: AddressSpace): bigint {
  return space.memstart + (space.pageEnd - space.pageOffset);
}
