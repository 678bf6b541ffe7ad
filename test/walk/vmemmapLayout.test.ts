import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Granule, pageShift } from '../../simulator/machine/granule';
import type { KernelRelease } from '../../simulator/machine/kernelRelease';
import {
  blockMapsVmemmap,
  hugePageSizes,
  inVmemmap,
  layoutProblem,
  leafCoverage,
  linuxVaSizes,
  memstartOf,
  pfnOfStructPage,
  refcountOffset,
  sectionBytes,
  sizeWords,
  structPageAddress,
  vmemmapLayout,
  vmemmapSavings,
} from '../../simulator/machine/vmemmapLayout';

const M = 1n << 20n;
const G = 1n << 30n;
const T = 1n << 40n;
const memstart = 0x4000_0000n;

describe('where vmemmap lies', () => {
  it.each<[Granule, number, bigint, bigint, bigint]>([
    ['4K', 39, 0xfffffffe00000000n, 0xffffffff00000000n, 4n * G],
    ['4K', 48, 0xfffffc0000000000n, 0xfffffe0000000000n, 2n * T],
    ['16K', 36, 0xfffffffff0000000n, 0xfffffffff8000000n, 128n * M],
    ['16K', 47, 0xffffff8000000000n, 0xffffffc000000000n, 256n * G],
    ['16K', 48, 0xffffff0000000000n, 0xffffff8000000000n, 512n * G],
    ['64K', 42, 0xffffffff00000000n, 0xffffffff80000000n, 2n * G],
    ['64K', 48, 0xffffffc000000000n, 0xffffffe000000000n, 128n * G],
    ['64K', 52, 0xfffffc0000000000n, 0xffffffe000000000n, (31n * T) / 8n],
  ])('v6.7 and v6.8, %s with %i bits', (granule, vaBits, start, end, size) => {
    for (const release of ['v6.7', 'v6.8'] as const) {
      expect(vmemmapLayout(granule, vaBits, release)).toMatchObject({ start, end });
    }
    expect(end - start).toBe(size);
  });

  it.each<[Granule, number, bigint, bigint]>([
    ['4K', 39, 0xfffffffec0000000n, 4n * G],
    ['4K', 48, 0xfffffdffc0000000n, 2n * T],
    ['4K', 52, 0xffffc1ffc0000000n, 62n * T],
    ['16K', 36, 0xffffffffb8000000n, 128n * M],
    ['16K', 47, 0xffffffbfc0000000n, 256n * G],
    ['16K', 48, 0xffffff7fc0000000n, 512n * G],
    ['16K', 52, 0xfffff03fc0000000n, (63n * T) / 4n],
    ['64K', 42, 0xffffffff40000000n, 2n * G],
    ['64K', 48, 0xffffffdfc0000000n, 128n * G],
    ['64K', 52, 0xfffffc1fc0000000n, (31n * T) / 8n],
  ])('v6.9 and later, %s with %i bits', (granule, vaBits, start, size) => {
    for (const release of ['v6.9', 'v7.2'] as const) {
      expect(vmemmapLayout(granule, vaBits, release)).toMatchObject({ start, end: 0xffffffffc0000000n });
    }
    expect(0xffffffffc0000000n - start).toBe(size);
  });

  it('52 bits came to 4K and 16K pages with v6.9', () => {
    expect(layoutProblem('4K', 52, 'v6.8')).toContain('52 bits came with v6.9');
    expect(layoutProblem('16K', 52, 'v6.9')).toBeUndefined();
    expect(layoutProblem('64K', 52, 'v6.7')).toBeUndefined();
    expect(layoutProblem('4K', 47, 'v6.9')).toContain('39, 48, 52');
    expect(linuxVaSizes('16K', 'v6.7')).toEqual([36, 47, 48]);
  });
});

describe('struct pages of physical 4 GiB', () => {
  it.each<[Granule, number, KernelRelease, bigint, bigint]>([
    ['4K', 48, 'v6.7', 0x100000n, 0xfffffc0003000000n],
    ['4K', 48, 'v6.9', 0x100000n, 0xfffffdffc3000000n],
    ['4K', 39, 'v6.7', 0x100000n, 0xfffffffe03000000n],
    ['16K', 47, 'v6.7', 0x40000n, 0xffffff8000c00000n],
    ['16K', 47, 'v6.9', 0x40000n, 0xffffffbfc0c00000n],
    ['64K', 48, 'v6.7', 0x10000n, 0xffffffc000300000n],
    ['64K', 48, 'v6.9', 0x10000n, 0xffffffdfc0300000n],
  ])('%s, %i bits, %s', (granule, vaBits, release, pfn, address) => {
    const layout = vmemmapLayout(granule, vaBits, release);
    expect(0x1_0000_0000n >> BigInt(pageShift(granule))).toBe(pfn);
    expect(structPageAddress(layout, memstart, pfn)).toBe(address);
    expect(pfnOfStructPage(layout, memstart, address)).toBe(pfn);
  });

  it('the refcount of tail 64 of a 2 MiB page lies in the second vmemmap page', () => {
    const layout = vmemmapLayout('4K', 48, 'v6.7');
    expect(structPageAddress(layout, memstart, 0x100000n + 64n) + refcountOffset).toBe(0xfffffc0003001034n);
    expect(structPageAddress(layout, memstart, 0x100000n + 512n)).toBe(0xfffffc0003008000n);
  });

  it('addresses and frames are inverse', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 27n) - 1n), fc.bigInt(0n, 63n), (frame, byte) => {
        const layout = vmemmapLayout('4K', 48, 'v6.9');
        const pfn = frame + (memstart >> 12n);
        const address = structPageAddress(layout, memstart, pfn);
        expect(inVmemmap(layout, address)).toBe(true);
        expect(pfnOfStructPage(layout, memstart, address + byte)).toBe(pfn);
      }),
    );
  });

  it('memstart is rounded down', () => {
    expect(memstartOf('4K', 0x8123_4567n)).toBe(0x8000_0000n);
    expect(memstartOf('16K', 0x7fff_ffffn)).toBe(0x4000_0000n);
    expect(memstartOf('64K', 0x6123_4567n)).toBe(0x6000_0000n);
  });
});

describe('what a leaf of vmemmap covers', () => {
  it.each<[Granule, 2 | 3, number, bigint]>([
    ['4K', 3, 64, 256n << 10n],
    ['4K', 2, 32768, 128n * M],
    ['16K', 3, 256, 4n * M],
    ['16K', 2, 524288, 8n * G],
    ['64K', 3, 1024, 64n * M],
    ['64K', 2, 8388608, 512n * G],
  ])('%s, level %i', (granule, level, structPages, memoryBytes) => {
    expect(leafCoverage(granule, level)).toEqual({ structPages, memoryBytes });
  });

  it('a section of 4K pages fills one block; the other granules use no blocks', () => {
    expect(leafCoverage('4K', 2).memoryBytes).toBe(sectionBytes('4K'));
    expect([sectionBytes('4K'), sectionBytes('16K'), sectionBytes('64K')]).toEqual([128n * M, 128n * M, 512n * M]);
    expect([blockMapsVmemmap('4K'), blockMapsVmemmap('16K'), blockMapsVmemmap('64K')]).toEqual([true, false, false]);
  });
});

describe('vmemmap pages freed per huge page', () => {
  it.each<[Granule, string, string, number, number, number, number, number]>([
    ['4K', '64K', 'cont PTE', 16, 0, 0, 0, 0],
    ['4K', '2M', 'PMD', 512, 8, 1, 7, 1 / 64],
    ['4K', '32M', 'cont PMD', 8192, 128, 1, 127, 1 / 4],
    ['4K', '1G', 'PUD', 262144, 4096, 1, 4095, 8],
    ['16K', '2M', 'cont PTE', 128, 0, 0, 0, 0],
    ['16K', '32M', 'PMD', 2048, 8, 1, 7, 0],
    ['16K', '1G', 'cont PMD', 65536, 256, 1, 255, 0],
    ['64K', '2M', 'cont PTE', 32, 0, 0, 0, 0],
    ['64K', '512M', 'PMD', 8192, 8, 1, 7, 0],
    ['64K', '16G', 'cont PMD', 262144, 256, 1, 255, 0],
  ])('%s pages, %s', (granule, name, kind, basePages, vmemmapPages, kept, freed, blocks) => {
    const size = hugePageSizes(granule).find((each) => each.name === name);
    expect(size?.kind).toBe(kind);
    const savings = vmemmapSavings(granule, size?.bytes ?? 0n);
    expect(savings).toMatchObject({ basePages, vmemmapPages, kept, freed, blocks, optimisable: freed > 0 });
  });

  it('lists exactly these sizes', () => {
    expect(hugePageSizes('4K').map((size) => size.name)).toEqual(['64K', '2M', '32M', '1G']);
    expect(hugePageSizes('16K').map((size) => size.name)).toEqual(['2M', '32M', '1G']);
    expect(hugePageSizes('64K').map((size) => size.name)).toEqual(['2M', '512M', '16G']);
    expect(sizeWords(1536n * M)).toBe('1536M');
  });
});
