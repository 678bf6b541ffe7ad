import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blocksAt,
  decodeDescriptor,
  descriptorFormat,
  type LeafFields,
  mkBlock,
  mkPage,
  mkTable,
  plainFormat,
  targetAddress,
} from '../../simulator/machine/descriptor';
import { type Granule, granules, type Level, levelShift } from '../../simulator/machine/granule';
import { protectionBits, writeProtect } from '../../simulator/machine/linuxProtection';

const format4K = plainFormat('4K');

/** The leaf that a value decodes to; anything else fails the test. */
function leaf(raw: bigint, level: Level = 3, format = format4K) {
  const descriptor = decodeDescriptor(format, level, raw);
  if (descriptor.kind !== 'leaf') throw new Error(`expected a leaf, found ${descriptor.kind}`);
  return descriptor;
}

describe('descriptors', () => {
  it('an entry of zeros is none, other values without bit 0 are invalid', () => {
    expect(decodeDescriptor(format4K, 3, 0n)).toEqual({ kind: 'invalid', raw: 0n, none: true });
    expect(decodeDescriptor(format4K, 2, 0x68000090000700n)).toMatchObject({ kind: 'invalid', none: false });
  });

  it('a page without bit 1 is reserved', () => {
    expect(decodeDescriptor(format4K, 3, 0x68000090000701n)).toMatchObject({
      kind: 'reserved',
      why: 'pageWithoutBit1',
    });
  });

  it('blocks exist where the granule, TCR.DS and the address size have them', () => {
    const levels = (granule: Granule, ds: boolean, bits: number) =>
      ([-1, 0, 1, 2] as const).filter((level) => blocksAt(descriptorFormat(granule, ds, bits), level));
    expect(levels('4K', false, 48)).toEqual([1, 2]);
    expect(levels('4K', true, 52)).toEqual([0, 1, 2]);
    expect(levels('16K', false, 48)).toEqual([2]);
    expect(levels('16K', true, 52)).toEqual([1, 2]);
    expect(levels('64K', false, 48)).toEqual([2]);
    expect(levels('64K', false, 52)).toEqual([1, 2]);
    expect(decodeDescriptor(format4K, 0, 0x701n)).toMatchObject({ kind: 'reserved', why: 'noBlocksAtThisLevel' });
  });

  it('reads the fields of a page', () => {
    expect(leaf(0x68000102004713n)).toMatchObject({
      shape: 'page',
      outputAddress: 0x102004000n,
      attrIndex: 4,
      ap: 0,
      sh: 3,
      af: true,
      nG: false,
      dbm: true,
      contiguous: false,
      pxn: true,
      uxn: true,
    });
  });

  it('reads the limits of a table', () => {
    expect(decodeDescriptor(format4K, 2, 0x10000000a0003003n)).toMatchObject({
      kind: 'table',
      nextTable: 0xa0003000n,
      uxn: true,
      pxn: false,
      readOnly: false,
    });
  });

  it('bits below the size of a block are no address', () => {
    expect(leaf(0x4800_0bf3_3806_0dn, 2).outputAddress).toBe(0xbf3_3800_00n & ~0x1f_ffffn);
  });

  it('finds address bits 51:48 where the format has them', () => {
    const lpa2 = descriptorFormat('4K', true, 52);
    expect(decodeDescriptor(lpa2, 2, 0x3_1111_2222_2303n)).toMatchObject({ nextTable: 0xf_1111_2222_2000n });
    expect(decodeDescriptor(format4K, 2, 0x3_1111_2222_2303n)).toMatchObject({ nextTable: 0x1111_2222_2000n });
    const lpa = descriptorFormat('64K', false, 52);
    expect(decodeDescriptor(lpa, 2, 0x1111_2222_a003n)).toMatchObject({ nextTable: 0xa_1111_2222_0000n });
    const plain = descriptorFormat('64K', false, 48);
    expect(decodeDescriptor(plain, 2, 0x1111_2222_a003n)).toMatchObject({ nextTable: 0x1111_2222_0000n });
  });

  it('TCR.DS does not change 64K descriptors', () => {
    expect(descriptorFormat('64K', true, 52).ds).toBe(false);
  });
});

describe('the builders invert the decoder', () => {
  const flag = fc.boolean();
  const fields: fc.Arbitrary<LeafFields> = fc.record({
    attrIndex: fc.nat(7),
    ns: flag,
    ap: fc.nat(3),
    sh: fc.nat(3),
    af: flag,
    nG: flag,
    nT: fc.constant(false),
    gp: flag,
    dbm: flag,
    contiguous: flag,
    pxn: flag,
    uxn: flag,
    software: fc.nat(15),
    high: fc.nat(31),
  });
  const formats = granules.flatMap((granule) => [
    descriptorFormat(granule, false, granule === '64K' ? 52 : 48),
    descriptorFormat(granule, true, 52),
  ]);

  it('for pages and blocks', () => {
    fc.assert(
      fc.property(fc.constantFrom(...formats), fields, fc.bigInt(0n, (1n << 52n) - 1n), (format, chosen, address) => {
        const wide = format.ds || format.granule === '64K';
        const asked = format.ds ? { ...chosen, sh: 0 } : chosen;
        for (const level of [1, 2, 3] as const) {
          if (level < 3 && !blocksAt(format, level)) continue;
          const shift = BigInt(levelShift(format.granule, level));
          const aligned = ((wide ? address : address & ((1n << 48n) - 1n)) >> shift) << shift;
          const raw = level === 3 ? mkPage(format, aligned, asked) : mkBlock(format, level, aligned, asked);
          expect(leaf(raw, level, format)).toMatchObject({ ...asked, outputAddress: aligned });
        }
      }),
    );
  });

  it('for tables', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.bigInt(0n, (1n << 48n) - 1n),
        flag,
        flag,
        (format, address, pxn, uxn) => {
          const shift = BigInt(levelShift(format.granule, 3));
          const aligned = (address >> shift) << shift;
          const raw = mkTable(format, aligned, { pxn, uxn });
          expect(decodeDescriptor(format, 2, raw)).toMatchObject({ kind: 'table', nextTable: aligned, pxn, uxn });
        },
      ),
    );
  });

  it('and the address alone is that of the whole', () => {
    const levels = fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const);
    fc.assert(
      fc.property(fc.constantFrom(...formats), levels, fc.bigInt(0n, (1n << 64n) - 1n), (format, level, raw) => {
        const decoded = decodeDescriptor(format, level, raw);
        const target =
          decoded.kind === 'table' ? decoded.nextTable : decoded.kind === 'leaf' ? decoded.outputAddress : undefined;
        expect(targetAddress(format, level, raw)).toBe(target);
      }),
    );
  });
});

describe("Linux's protections", () => {
  const v67 = { release: 'v6.7' } as const;

  it('have the values of the kernel', () => {
    expect(protectionBits('PAGE_KERNEL', v67)).toBe(0x0068000000000703n);
    expect(protectionBits('PAGE_KERNEL_RO', v67)).toBe(0x0060000000000783n);
    expect(protectionBits('PROT_SECT_NORMAL', v67)).toBe(0x0068000000000701n);
    expect(protectionBits('PMD_TABLE_KERNEL', v67)).toBe(0x1000000000000003n);
    expect(protectionBits('PMD_TABLE_KERNEL', { release: 'v7.2' })).toBe(0x1000000000000403n);
  });

  it('may have the software dirty bit, and be non-global', () => {
    const dirty = { ...v67, softwareDirty: true };
    expect(protectionBits('PAGE_KERNEL', dirty)).toBe(0x00e8000000000703n);
    expect(protectionBits('PAGE_KERNEL_RO', dirty)).toBe(0x00e0000000000783n);
    expect(protectionBits('PROT_SECT_NORMAL', dirty)).toBe(0x0068000000000701n);
    expect(protectionBits('PAGE_KERNEL', { ...v67, nonGlobal: true })).toBe(0x0068000000000f03n);
  });

  it('writable to read-only clears bit 51 and sets bit 7', () => {
    expect(writeProtect(0x0068000090199703n)).toBe(0x0060000090199783n);
  });

  it('knows no other names', () => {
    expect(protectionBits('PAGE_NOWHERE', v67)).toBeUndefined();
  });
});
