/** Names of addresses and descriptors, as the scenario would write them. */

import { type DescriptorFormat, decodeDescriptor, plainFormat } from '../../simulator/machine/descriptor';
import { entrySpan, type Geometry, type Level, linuxLevelName, pageBytes } from '../../simulator/machine/granule';
import { descriptorWords } from '../../simulator/machine/ptdump';
import { structPageBytes } from '../../simulator/machine/vmemmapLayout';
import { pageFields } from '../language/builtins';
import { describedPage, linearOf, structPageOf } from '../language/elaborate/addressSpace';
import { type HugePage, vmemmapPage } from '../language/elaborate/hugePage';
import type { World } from '../language/elaborate/world';

export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** `H.page(64).flags`, `slab.struct.refcount`, the name of a variable, or the address itself. */
export function addressName(world: World, address: bigint): string {
  const { space, hugePages, pages } = world.environment;
  const huge = hugePages.find((one) => address >= one.start && address < one.end);
  if (huge !== undefined) {
    const offset = address - huge.start;
    return `${huge.name}.page(${offset / structPageBytes})${fieldName(offset % structPageBytes)}`;
  }
  const page = pages.find((one) => {
    const struct = structPageOf(space, one.at);
    return address >= struct && address < struct + structPageBytes;
  });
  if (page !== undefined) return `${page.name}.struct${fieldName(address - structPageOf(space, page.at))}`;
  if (address >= space.vmemmapStart && address < space.vmemmapEnd)
    return `the struct page of ${hex(describedPage(space, address))}`;
  for (const [name, value] of world.objects) if (value.kind === 'number' && value.value === address) return name;
  return hex(address);
}

/** The name of a word of memory by its physical address, as the linear map has it. */
export function wordName(world: World, physical: bigint): string {
  const { environment } = world;
  for (const part of environment.parts) {
    const span = entrySpan(environment.configuration.granule, 2);
    if (physical >= part.frames && physical < part.frames + span)
      return `${addressName(world, part.start + (physical - part.frames))} (frame ${hex(physical)})`;
  }
  return addressName(world, linearOf(environment.space, physical));
}

function fieldName(offset: bigint): string {
  if (offset === 0n) return '.flags';
  const field = pageFields.find((one) => BigInt(one.offset) === offset && one.name !== 'lru');
  return field === undefined ? ` + ${hex(offset)}` : `.${field.name}`;
}

/** `H.tail(1)`, `H.block(0)`: what the entry at a level maps, by its first virtual address. */
export function mappedName(world: World, level: number, base: bigint): string {
  const { space, hugePages, pages, configuration } = world.environment;
  const bytes = entrySpan(configuration.granule, level as Level);
  const overlaps = (huge: HugePage) => base < huge.end && huge.start < base + bytes;
  const huge = hugePages.find(overlaps);
  if (huge === undefined) {
    const page = pages.find((one) => {
      const struct = structPageOf(space, one.at);
      return struct >= base && struct < base + bytes;
    });
    return page === undefined ? hex(base) : `${page.name}.struct`;
  }
  if (level === 3) {
    const index = (base - vmemmapPage(space, huge, 0n)) / pageBytes(configuration.granule);
    return index === 0n ? `${huge.name}.vmemmap(0)` : `${huge.name}.tail(${index})`;
  }
  const first = huge.start & ~(bytes - 1n);
  return level === 2 ? `${huge.name}.block(${(base - first) / bytes})` : hex(base);
}

export function shapeOf(world: World): Geometry {
  return world.environment.tables.geometry;
}

/** The layout of descriptors that the machine walks with. */
export function formatOf(world: World): DescriptorFormat {
  return plainFormat(world.environment.configuration.granule);
}

/** `PTE of H.tail(1)`. */
export function entryName(world: World, level: number, base: bigint): string {
  return `${linuxLevelName(shapeOf(world), level as Level)} of ${mappedName(world, level, base)}`;
}

/** `page 0x41f3c000 ro NX SHD AF UXN MEM/NORMAL`, `none`. */
export function descriptorName(world: World, level: number, value: bigint): string {
  return descriptorWords(decodeDescriptor(formatOf(world), level as Level, value));
}
