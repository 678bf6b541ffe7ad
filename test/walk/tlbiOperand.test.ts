import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { granules } from '../../simulator/machine/granule';
import {
  decodeAddressOperand,
  decodeRangeOperand,
  encodeAddressOperand,
  encodeRangeOperand,
} from '../../simulator/machine/tlbiOperand';

describe('TLBI operands', () => {
  it('by address: VA[55:12] in bits 43:0 whatever the granule', () => {
    expect(encodeAddressOperand({ va: 0xfffffc0001198000n, asid: 0 })).toBe(0xfffc0001198n);
    expect(decodeAddressOperand(0xfffc0001198n)).toEqual({ va: 0xfffffc0001198000n, asid: 0 });
  });

  it('by address, with an ASID and a level hint', () => {
    const operand = { va: 0x1234_5000n, asid: 7, hint: { granule: '4K', level: 3 } } as const;
    expect(encodeAddressOperand(operand)).toBe(0x0007_7000_0001_2345n);
    expect(decodeAddressOperand(0x0007_7000_0001_2345n)).toEqual(operand);
  });

  it('by address: any address of the lower 56 bits comes back, cut to 4 KiB', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.nat(0xffff), (address, asid) => {
        const va = BigInt.asUintN(64, BigInt.asIntN(56, address));
        const decoded = decodeAddressOperand(encodeAddressOperand({ va, asid }));
        expect(decoded).toEqual({ va: va & ~0xfffn, asid });
      }),
    );
  });

  it('by range: (NUM + 1) << (5 * SCALE + 1) pages', () => {
    const operand = { granule: '4K', va: 0xfffffc0001198000n, asid: 0, scale: 0, num: 3, ttl: 0 } as const;
    expect(decodeRangeOperand(encodeRangeOperand(operand))).toEqual({ ...operand, pages: 8 });
    expect(decodeRangeOperand(encodeRangeOperand({ ...operand, scale: 3, num: 31 }))?.pages).toBe(2 ** 21);
  });

  it('by range: any fields come back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...granules),
        fc.nat(31),
        fc.nat(3),
        fc.nat(3),
        fc.bigInt(0n, (1n << 31n) - 1n),
        fc.boolean(),
        (granule, num, scale, ttl, page, ds) => {
          const va = page << 16n;
          const operand = { granule, va, asid: 5, scale, num, ttl };
          expect(decodeRangeOperand(encodeRangeOperand(operand, ds), ds)).toMatchObject(operand);
        },
      ),
    );
  });

  it('by range: a reserved granule is said to be reserved', () => {
    expect(decodeRangeOperand(0x1234n)).toBeUndefined();
  });
});
