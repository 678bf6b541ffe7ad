/**
 * Granule geometry: how a virtual address is cut into table indices (VMSAv8-64 stage 1, Arm ARM D8.2).
 *
 * Levels are the architecture's, -1 (only with 52-bit addresses and 4K pages) to 3. Linux names them from the bottom:
 * PTE is level 3, PMD 2, PUD 1, P4D 0, whatever the number of levels.
 */

import { assert } from './assert';

export type Granule = '4K' | '16K' | '64K';

export type Level = -1 | 0 | 1 | 2 | 3;

export const granules: readonly Granule[] = ['4K', '16K', '64K'];

/** Bytes of a translation table descriptor. */
export const descriptorBytes = 8n;

const shifts: Readonly<Record<Granule, number>> = { '4K': 12, '16K': 14, '64K': 16 };

/** log2 of the page size: 12, 14 or 16. */
export function pageShift(granule: Granule): number {
  return shifts[granule];
}

/** Bytes of a page, which is also the size of a full table. */
export function pageBytes(granule: Granule): bigint {
  return 1n << BigInt(pageShift(granule));
}

/** Virtual address bits that one full table resolves: 9, 11 or 13. */
export function bitsPerLevel(granule: Granule): number {
  return pageShift(granule) - 3;
}

/** Descriptors in a full table: 512, 2048 or 8192. */
export function entriesPerTable(granule: Granule): number {
  return 1 << bitsPerLevel(granule);
}

/** Lowest virtual address bit that a level resolves; an entry of the level maps 2^levelShift bytes. */
export function levelShift(granule: Granule, level: Level): number {
  return pageShift(granule) + bitsPerLevel(granule) * (3 - level);
}

/** Bytes of virtual address space below one entry of a level. */
export function entrySpan(granule: Granule, level: Level): bigint {
  return 1n << BigInt(levelShift(granule, level));
}

/** Adjacent entries that the Contiguous bit joins (Arm ARM D8.7); 1 at levels where the bit has no meaning. */
export function contiguousEntries(granule: Granule, level: Level): number {
  switch (granule) {
    case '4K':
      return level >= 1 ? 16 : 1;
    case '16K':
      return level === 3 ? 128 : level === 2 ? 32 : 1;
    case '64K':
      return level >= 2 ? 32 : 1;
  }
}

/** How many virtual address bits are cut at which levels. */
export interface Geometry {
  readonly granule: Granule;
  readonly vaBits: number;
  readonly topLevel: Level;
  /** Number of levels, top level and level 3 included: 1 to 5. */
  readonly levels: number;
}

/** Fewest and most virtual address bits of the architecture: TxSZ from 48 (47 with 64K pages, FEAT_TTST) down to 12. */
export const minimumVaBits: Readonly<Record<Granule, number>> = { '4K': 16, '16K': 16, '64K': 17 };
export const maximumVaBits = 52;

/**
 * What is wrong with a virtual address size for a granule, as a sentence for the user; undefined when it is usable.
 * 49 to 52 bits need FEAT_LVA with 64K pages, TCR.DS (FEAT_LPA2) with the others: `wide` says that the CPU has it.
 */
export function geometryProblem(granule: Granule, vaBits: number, wide = true): string | undefined {
  const most = wide ? maximumVaBits : 48;
  if (!Number.isInteger(vaBits) || vaBits < minimumVaBits[granule] || vaBits > most) {
    return `${vaBits} virtual address bits are not possible with ${granule} pages; use ${minimumVaBits[granule]} to ${most}`;
  }
  return undefined;
}

/** The geometry of a granule and a virtual address size that `geometryProblem` accepts. */
export function geometry(granule: Granule, vaBits: number): Geometry {
  assert(geometryProblem(granule, vaBits) === undefined, `the caller checks the size: ${granule}, ${vaBits} bits`);
  const levels = Math.floor((vaBits - 1 - pageShift(granule)) / bitsPerLevel(granule)) + 1;
  return { granule, vaBits, levels, topLevel: (4 - levels) as Level };
}

/** The levels of a walk in order, top level first. */
export function levelsOf(shape: Geometry): readonly Level[] {
  const levels: Level[] = [];
  for (let level = shape.topLevel; level <= 3; level++) {
    levels.push(level as Level);
  }
  return levels;
}

/** Descriptors in the table of a level: fewer than a full table at the top level. */
export function tableEntries(shape: Geometry, level: Level): number {
  assert(level >= shape.topLevel, 'only levels of the walk have tables');
  return level > shape.topLevel
    ? entriesPerTable(shape.granule)
    : 1 << (shape.vaBits - levelShift(shape.granule, level));
}

/** Index into the table of a level; the bits of the address above `vaBits` do not take part. */
export function tableIndex(shape: Geometry, level: Level, va: bigint): number {
  return Number((va >> BigInt(levelShift(shape.granule, level))) & BigInt(tableEntries(shape, level) - 1));
}

const linuxNames: Readonly<Record<Level, string>> = { [-1]: 'PGD', 0: 'P4D', 1: 'PUD', 2: 'PMD', 3: 'PTE' };

/** Linux's name for the entries of a level: the top level is PGD, the others PTE, PMD, PUD, P4D from the bottom. */
export function linuxLevelName(shape: Geometry, level: Level): string {
  return level === shape.topLevel && level !== 3 ? 'PGD' : linuxNames[level];
}
