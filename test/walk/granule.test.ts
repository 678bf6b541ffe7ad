import { describe, expect, it } from 'vitest';
import {
  contiguousEntries,
  entriesPerTable,
  entrySpan,
  type Granule,
  geometry,
  geometryProblem,
  type Level,
  levelShift,
  levelsOf,
  linuxLevelName,
  tableEntries,
  tableIndex,
} from '../../simulator/machine/granule';

const K = 1n << 10n;
const M = 1n << 20n;
const G = 1n << 30n;
const T = 1n << 40n;

/** Granule, address bits, shifts from the top level, entries of the top table. */
const shapes: readonly (readonly [Granule, number, Level, readonly number[], number])[] = [
  ['4K', 39, 1, [30, 21, 12], 512],
  ['4K', 48, 0, [39, 30, 21, 12], 512],
  ['4K', 52, -1, [48, 39, 30, 21, 12], 16],
  ['16K', 36, 2, [25, 14], 2048],
  ['16K', 47, 1, [36, 25, 14], 2048],
  ['16K', 48, 0, [47, 36, 25, 14], 2],
  ['16K', 52, 0, [47, 36, 25, 14], 32],
  ['64K', 42, 2, [29, 16], 8192],
  ['64K', 48, 1, [42, 29, 16], 64],
  ['64K', 52, 1, [42, 29, 16], 1024],
];

describe('the geometry of a walk', () => {
  it.each(shapes)('%s with %i bits starts at level %i', (granule, vaBits, topLevel, shifts, topEntries) => {
    const shape = geometry(granule, vaBits);
    expect(shape.topLevel).toBe(topLevel);
    expect(shape.levels).toBe(shifts.length);
    expect(levelsOf(shape).map((level) => levelShift(granule, level))).toEqual(shifts);
    expect(tableEntries(shape, topLevel)).toBe(topEntries);
    expect(tableEntries(shape, 3)).toBe(entriesPerTable(granule));
  });

  it('spans of level 2 and level 1 entries', () => {
    expect(entrySpan('4K', 2)).toBe(2n * M);
    expect(entrySpan('4K', 1)).toBe(G);
    expect(entrySpan('16K', 2)).toBe(32n * M);
    expect(entrySpan('16K', 1)).toBe(64n * G);
    expect(entrySpan('64K', 2)).toBe(512n * M);
    expect(entrySpan('64K', 1)).toBe(4n * T);
  });

  it('what the Contiguous bit joins', () => {
    const joined = (granule: Granule, level: Level) =>
      BigInt(contiguousEntries(granule, level)) * entrySpan(granule, level);
    expect([joined('4K', 3), joined('4K', 2)]).toEqual([64n * K, 32n * M]);
    expect([joined('16K', 3), joined('16K', 2)]).toEqual([2n * M, G]);
    expect([joined('64K', 3), joined('64K', 2)]).toEqual([2n * M, 16n * G]);
  });

  it('cuts an address into indices', () => {
    const indices = (granule: Granule, vaBits: number, va: bigint) => {
      const shape = geometry(granule, vaBits);
      return levelsOf(shape).map((level) => tableIndex(shape, level, va));
    };
    expect(indices('4K', 48, 0xfffffc0003000000n)).toEqual([504, 0, 24, 0]);
    expect(indices('4K', 48, 0xfffffdffc3000000n)).toEqual([507, 511, 24, 0]);
    expect(indices('4K', 39, 0xfffffffe03000000n)).toEqual([504, 24, 0]);
    expect(indices('16K', 47, 0xffffff8000c00000n)).toEqual([2040, 0, 768]);
    expect(indices('16K', 47, 0xffffffbfc0c00000n)).toEqual([2043, 2016, 768]);
    expect(indices('64K', 48, 0xffffffc000300000n)).toEqual([63, 7680, 48]);
    expect(indices('64K', 48, 0xffffffdfc0300000n)).toEqual([63, 7934, 48]);
  });

  it('names levels as Linux does: the top level is PGD', () => {
    const names = (granule: Granule, vaBits: number) => {
      const shape = geometry(granule, vaBits);
      return levelsOf(shape).map((level) => linuxLevelName(shape, level));
    };
    expect(names('4K', 52)).toEqual(['PGD', 'P4D', 'PUD', 'PMD', 'PTE']);
    expect(names('4K', 48)).toEqual(['PGD', 'PUD', 'PMD', 'PTE']);
    expect(names('64K', 42)).toEqual(['PGD', 'PTE']);
  });

  it('says which sizes cannot be', () => {
    expect(geometryProblem('4K', 53)).toContain('use 16 to 52');
    expect(geometryProblem('4K', 52, false)).toContain('use 16 to 48');
    expect(geometryProblem('64K', 16)).toContain('use 17');
    expect(geometryProblem('4K', 39.5)).toBeDefined();
    expect(geometryProblem('4K', 48)).toBeUndefined();
  });
});
