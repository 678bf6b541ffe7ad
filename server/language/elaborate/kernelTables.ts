/**
 * The kernel's page tables at the start: swapper_pg_dir and what hangs below it, with real descriptors. Only vmemmap
 * is in them; the linear map is direct (`Translation.direct`). A table is a page whose entries are given by index.
 */

import { assert } from '../../../simulator/machine/assert';
import {
  descriptorBytes,
  entrySpan,
  type Geometry,
  geometry,
  type Level,
  levelsOf,
  pageBytes,
  tableIndex,
} from '../../../simulator/machine/granule';
import { protectionBits } from '../../../simulator/machine/linuxProtection';
import type { Configuration } from './configuration';
import { maximumTables } from './memoryPlan';

/** How one PMD_SIZE part of vmemmap is mapped, and where its frames are. */
export interface VmemmapPart {
  /** First virtual address, aligned to PMD_SIZE. */
  readonly start: bigint;
  readonly mapping: 'pages' | 'blocks';
  /** Physical address of the frames behind it, PMD_SIZE bytes. */
  readonly frames: bigint;
}

/** One table: its physical address and its entries; an entry that is not there is 0. */
interface Table {
  readonly at: bigint;
  readonly level: Level;
  /** The first address that it translates. */
  readonly base: bigint;
  readonly entries: Map<number, bigint>;
  /** Of a level 3 table: the part of vmemmap that it maps. Its entries are computed when they are asked for. */
  readonly part?: VmemmapPart;
}

export interface KernelTables {
  readonly geometry: Geometry;
  readonly root: bigint;
  /** The descriptor in the word at a physical address; undefined when no table is there. */
  descriptorAt(physical: bigint): bigint | undefined;
  /** Physical address of the descriptor that a walk of `va` reads at a level; undefined when there is no such table. */
  cellOf(va: bigint, level: Level): bigint | undefined;
  readonly tables: readonly { readonly at: bigint; readonly level: Level; readonly base: bigint }[];
}

/** Protection bits of a configuration; TCR.DS takes the shareability bits for the address. */
export function protectionOf(configuration: Configuration, name: string): bigint {
  const bits = protectionBits(name, { release: configuration.kernel });
  assert(bits !== undefined, 'the protection is in the table of protections');
  const ds = configuration.va_bits === 52 && configuration.granule !== '64K';
  return ds && name !== 'PMD_TABLE_KERNEL' ? bits & ~0x300n : bits;
}

/**
 * Builds the tables. `leafOf` tells the level 3 descriptor of a page of vmemmap where it differs from "the frame of
 * the part, PAGE_KERNEL"; tables are placed one behind the other from `at`.
 */
export function buildKernelTables(
  configuration: Configuration,
  at: bigint,
  parts: readonly VmemmapPart[],
  leafOf: (va: bigint) => bigint | undefined,
): KernelTables {
  const { granule } = configuration;
  const shape = geometry(granule, configuration.va_bits);
  const page = pageBytes(granule);
  const tables: Table[] = [];
  const table = (level: Level, base: bigint, part?: VmemmapPart): Table => {
    assert(tables.length < maximumTables, 'the number of vmemmap parts bounds the number of tables');
    const made = {
      at: at + BigInt(tables.length) * page,
      level,
      base,
      entries: new Map<number, bigint>(),
      ...(part && { part }),
    };
    tables.push(made);
    return made;
  };
  const tableBits = protectionOf(configuration, 'PMD_TABLE_KERNEL');
  const root = table(shape.topLevel, (-1n << BigInt(configuration.va_bits)) & 0xffff_ffff_ffff_ffffn);
  const below = (parent: Table, va: bigint, part?: VmemmapPart): Table => {
    const index = tableIndex(shape, parent.level, va);
    const present = parent.entries.get(index);
    if (present !== undefined) return tables[Number((present & ~tableBits & addressMask) - at) / Number(page)] as Table;
    const child = table((parent.level + 1) as Level, va & -entrySpan(granule, parent.level), part);
    parent.entries.set(index, child.at | tableBits);
    return child;
  };
  for (const part of parts) {
    let parent = root;
    for (const level of levelsOf(shape)) {
      if (level === 2) break;
      parent = below(parent, part.start);
    }
    if (part.mapping === 'blocks') {
      const block = part.frames | protectionOf(configuration, 'PROT_SECT_NORMAL');
      parent.entries.set(tableIndex(shape, 2, part.start), block);
      continue;
    }
    below(parent, part.start, part);
  }
  const kernel = protectionOf(configuration, 'PAGE_KERNEL');
  const entryOf = (holder: Table, index: number): bigint => {
    const { part } = holder;
    if (part === undefined) return holder.entries.get(index) ?? 0n;
    const offset = BigInt(index) * page;
    return leafOf(part.start + offset) ?? (part.frames + offset) | kernel;
  };
  const byAddress = new Map(tables.map((one) => [one.at, one]));
  const inPage = page - 1n;
  const descriptorAt = (physical: bigint): bigint | undefined => {
    const offset = physical & inPage;
    const holder = byAddress.get(physical - offset);
    return holder && entryOf(holder, Number(offset) >> 3);
  };
  const cellOf = (va: bigint, level: Level): bigint | undefined => {
    let holder: Table | undefined = root;
    while (holder !== undefined && holder.level < level) {
      const descriptor: bigint = entryOf(holder, tableIndex(shape, holder.level, va));
      holder = (descriptor & 3n) === 3n ? byAddress.get(descriptor & ~tableBits & addressMask) : undefined;
    }
    return holder === undefined || holder.level !== level
      ? undefined
      : holder.at + BigInt(tableIndex(shape, level, va)) * descriptorBytes;
  };
  return {
    geometry: shape,
    root: root.at,
    descriptorAt,
    cellOf,
    tables: tables.map(({ at, level, base }) => ({ at, level, base })),
  };
}

/** Output address bits of the descriptors here: all physical addresses of a scenario are below 2^48. */
const addressMask = 0xffff_ffff_f000n;
