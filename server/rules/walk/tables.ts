/**
 * Which words of physical memory are translation table entries that a walk may reach, and where they stand: the kernel's
 * tables at the start, and those that code links later.
 */

import {
  type Descriptor,
  type DescriptorFormat,
  decodeDescriptor,
  plainFormat,
} from '../../../simulator/machine/descriptor';
import type { Entry } from '../../../simulator/machine/entryProtocol';
import {
  descriptorBytes,
  entrySpan,
  type Geometry,
  geometry,
  type Level,
  pageBytes,
  tableEntries,
  tableIndex,
} from '../../../simulator/machine/granule';
import type { Program } from '../../../simulator/machine/program';
import { MASK64 } from './word';

/** Where a table stands: its level, and the first virtual address that goes through it. */
export interface TablePlace {
  readonly level: Level;
  readonly first: bigint;
}

/** Tables that are looked at to find those below them; the rest is as if it were no table. */
export const MAX_TABLES = 2048;

export interface Tables {
  readonly format: DescriptorFormat;
  readonly shape: Geometry;
  readonly pageBytes: bigint;
  readonly root: bigint;
  /** The tables that are linked at the start, by physical address. */
  readonly initial: ReadonlyMap<bigint, TablePlace>;
  /** The entries of those above level 3 that are not 0 at the start. */
  readonly entries: readonly { readonly word: bigint; readonly level: Level; readonly raw: bigint }[];
  /** What the automaton of an entry needs to know beside its place. */
  readonly entryOf: (place: TablePlace, table: bigint, word: bigint) => Entry;
}

/** Reads a program's tables. The translation is that of kernel addresses (TTBR1). */
export function tablesOf(program: Program): Tables {
  const { granule, virtualAddressBits, root } = program.translation;
  const shape = geometry(granule, virtualAddressBits);
  const format = plainFormat(granule);
  const page = pageBytes(granule);
  const first = MASK64 - ((1n << BigInt(virtualAddressBits)) - 1n);
  const initial = new Map<bigint, TablePlace>([[root, { level: shape.topLevel, first }]]);
  const entries: { word: bigint; level: Level; raw: bigint }[] = [];
  for (const [table, place] of initial) {
    const { level } = place;
    if (level >= 3) continue;
    for (let i = 0; i < tableEntries(shape, level); i++) {
      const word = table + BigInt(i) * descriptorBytes;
      const raw = program.initialWord(word);
      if (raw === 0n) continue;
      entries.push({ word, level, raw });
      const descriptor = decodeDescriptor(format, level, raw);
      if (descriptor.kind !== 'table' || initial.size >= MAX_TABLES) continue;
      initial.set(descriptor.nextTable, below(shape, place, i));
    }
  }
  const hardwareAccessFlag = program.cpus.some((cpu) => cpu.hardwareAccessFlag);
  const hardwareDirty = program.cpus.some((cpu) => cpu.hardwareDirtyState);
  const { bbm } = program.switches;
  const entryOf = (place: TablePlace, table: bigint, word: bigint): Entry => {
    const index = Number((word - table) / descriptorBytes);
    const start = below(shape, place, index).first;
    const last = start + entrySpan(granule, place.level) - 1n;
    return {
      place: { stage: 1, regime: 'el1', level: place.level, first: start, last },
      format,
      bbm,
      hardwareAccessFlag,
      hardwareDirty,
    };
  };
  return { format, shape, pageBytes: page, root, initial, entries, entryOf };
}

/** The place of the table that an entry of a table points to. */
export function below(shape: Geometry, { level, first }: TablePlace, index: number): TablePlace {
  return { level: Math.min(level + 1, 3) as Level, first: first + BigInt(index) * entrySpan(shape.granule, level) };
}

/** Where in a table the descriptor of a virtual address is. */
export function descriptorWord(tables: Tables, table: bigint, level: Level, va: bigint): bigint {
  return table + BigInt(tableIndex(tables.shape, level, va)) * descriptorBytes;
}

/** The physical addresses that a descriptor leads to: the bytes that a leaf maps, or the page that holds a table. */
export function reachOf(
  tables: Tables,
  level: Level,
  descriptor: Descriptor,
): { readonly first: bigint; readonly end: bigint } | undefined {
  switch (descriptor.kind) {
    case 'leaf':
      return {
        first: descriptor.outputAddress,
        end: descriptor.outputAddress + entrySpan(tables.shape.granule, level),
      };
    case 'table':
      return { first: descriptor.nextTable, end: descriptor.nextTable + tables.pageBytes };
    case 'invalid':
    case 'reserved':
      return undefined;
  }
}
