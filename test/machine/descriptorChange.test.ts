import { describe, expect, it } from 'vitest';
import { descriptorFormat, mkBlock, mkPage, mkTable, plainFormat } from '../../simulator/machine/descriptor';
import {
  type ChangeContext,
  type ChangeVerdict,
  changeRows,
  classifyChange,
} from '../../simulator/machine/descriptorChange';
import type { BbmLevel } from '../../simulator/machine/program';

const format = plainFormat('4K');
const page: ChangeContext = { format, level: 3, stage: 1, bbm: 0, hardwareDirty: false };
const pmd: ChangeContext = { ...page, level: 2 };

/** PAGE_KERNEL and PAGE_KERNEL_RO of Linux at two addresses. */
const fields = { ap: 0, sh: 3, af: true, dbm: true, pxn: true, uxn: true };
const rw = mkPage(format, 0x1000n, fields);
const readOnly = { ...fields, ap: 2, dbm: false };
const ro = mkPage(format, 0x1000n, readOnly);
const block = mkBlock(format, 2, 0x20_0000n, fields);
const blockNoTranslation = mkBlock(format, 2, 0x20_0000n, { ...fields, nT: true });
const table = mkTable(format, 0x9000n);

function check(
  row: string,
  oldValue: bigint,
  newValue: bigint,
  context: ChangeContext,
  verdict: ChangeVerdict,
  rule: string,
) {
  seen.add(row);
  expect(classifyChange(oldValue, newValue, context)).toMatchObject({ row, verdict, rule });
}

const seen = new Set<string>();

function changed(changes: Parameters<typeof mkPage>[2], address = 0x1000n) {
  return mkPage(format, address, { ...fields, ...changes });
}

describe('what a change of a live entry needs, row by row (Arm ARM D8.17)', () => {
  it('invalid to invalid: nothing', () => check('invalidToInvalid', 0n, 0x400n, page, 'nothing', 'RRVJDB'));

  it('invalid to valid: nothing', () => check('invalidToValid', 0n, rw, page, 'nothing', 'IWZCBG'));

  it('a reserved encoding is as good as invalid', () => {
    check('invalidToValid', 0x1n, rw, page, 'nothing', 'IWZCBG');
    check('validToInvalid', rw, 0x1n, page, 'tlbi', 'RDDMVT');
  });

  it('valid to invalid: a TLBI before the entry is used again', () =>
    check('validToInvalid', rw, 0n, page, 'tlbi', 'RDDMVT'));

  it('the same leaf or the same table again: nothing', () => {
    check('identical', rw, rw, page, 'nothing', 'RWHZWS');
    check('identical', table, table, pmd, 'nothing', 'RWHZWS');
  });

  it('software bits 58:55: nothing', () =>
    check('softwareBits', rw, changed({ software: 0b1111 }), page, 'nothing', 'RWHZWS'));

  it('read-only to writable and back: a TLBI', () => {
    check('writePermission', rw, changed({ ap: 2 }), page, 'tlbi', 'RGPPYH');
    check('writePermission', changed({ ap: 2 }), rw, page, 'tlbi', 'RGPPYH');
  });

  it('DBM: nothing while it is a software bit, a TLBI where the hardware manages the dirty state', () => {
    check('dirtyBitModifier', rw, changed({ dbm: false }), page, 'nothing', 'RGPPYH');
    check('dirtyBitModifier', rw, changed({ dbm: false }), { ...page, hardwareDirty: true }, 'tlbi', 'RGPPYH');
  });

  it('PXN: a TLBI', () => check('privilegedExecute', rw, changed({ pxn: false }), page, 'tlbi', 'RGPPYH'));

  it('UXN: a TLBI', () => check('execute', rw, changed({ uxn: false }), page, 'tlbi', 'RGPPYH'));

  it('EL0 access: a TLBI', () => check('el0Access', rw, changed({ ap: 1 }), page, 'tlbi', 'RGPPYH'));

  it('access flag 0 to 1: nothing', () =>
    check('accessFlagSet', changed({ af: false }), rw, page, 'nothing', 'IWZCBG'));

  it('access flag 1 to 0: a TLBI', () =>
    check('accessFlagCleared', rw, changed({ af: false }), page, 'tlbi', 'RGPPYH'));

  it('global to non-global: a TLBI', () =>
    check('becomesNonGlobal', rw, changed({ nG: true }), page, 'tlbi', 'RGPPYH'));

  it('non-global to global: break-before-make', () =>
    check('becomesGlobal', changed({ nG: true }), rw, page, 'bbm', 'RWHZWS 4'));

  it('memory type: break-before-make', () =>
    check('memoryType', rw, changed({ attrIndex: 2 }), page, 'bbm', 'RWHZWS 1'));

  it('Normal to Normal-Tagged and back: a TLBI', () => {
    check('taggedMemory', rw, changed({ attrIndex: 1 }), page, 'tlbi', 'RGPPYH');
    check('taggedMemory', changed({ attrIndex: 1 }), rw, page, 'tlbi', 'RGPPYH');
  });

  it('shareability: break-before-make', () => check('shareability', rw, changed({ sh: 2 }), page, 'bbm', 'RWHZWS 1'));

  it('with TCR.DS the bits of the shareability are address bits', () => {
    const wide = descriptorFormat('4K', true, 52);
    const low = mkPage(wide, 0x1000n, { ...readOnly, sh: 0 });
    const high = mkPage(wide, 0x4_0000_0000_1000n, { ...readOnly, sh: 0 });
    check('outputAddressDifferentContents', low, high, { ...page, format: wide }, 'bbm', 'RWHZWS 2');
  });

  it('output address while the old or the new mapping is writable: break-before-make, whatever the contents', () => {
    const same = { ...page, sameContents: true };
    check('outputAddressWritable', rw, changed(readOnly, 0x2000n), same, 'bbm', 'RWHZWS 2');
    check('outputAddressWritable', ro, changed({}, 0x2000n), same, 'bbm', 'RWHZWS 2');
  });

  it('a read-only mapping with DBM is writable where the hardware manages the dirty state', () => {
    const dirtyManaged = { ...page, hardwareDirty: true, sameContents: true };
    check('outputAddressWritable', ro, changed({ ap: 2 }, 0x2000n), dirtyManaged, 'bbm', 'RWHZWS 2');
  });

  it('output address, both read-only, contents differ: break-before-make', () =>
    check('outputAddressDifferentContents', ro, changed(readOnly, 0x2000n), page, 'bbm', 'RWHZWS 2'));

  it('output address, both read-only, same contents: a TLBI', () => {
    const same = { ...page, sameContents: true };
    check('outputAddressSameContents', ro, changed(readOnly, 0x2000n), same, 'tlbi', 'RGPPYH');
  });

  it('reserved address bits of a block: break-before-make, as of another address', () =>
    check('reservedAddressBits', block, block | 0x5000n, { ...pmd, sameContents: true }, 'bbm', 'RWHZWS 2'));

  it('output address space: break-before-make', () =>
    check('addressSpace', rw, changed({ ns: true }), page, 'bbm', 'IWZRHR'));

  it('Contiguous bit: break-before-make below FEAT_BBM level 1, and when anything else changes with it', () => {
    const contiguous = changed({ contiguous: true });
    check('contiguous', rw, contiguous, page, 'bbm', 'RNGLXZ');
    check('contiguous', rw, contiguous, { ...page, bbm: 1 }, 'tlbi', 'RNGLXZ');
    check('contiguous', rw, changed({ contiguous: true, ap: 2 }), { ...page, bbm: 2 }, 'bbm', 'RNGLXZ');
  });

  it('nT of a block: a TLBI', () => check('noTranslation', block, blockNoTranslation, pmd, 'tlbi', 'RKFLJB'));

  it('guarded page: a TLBI', () => check('guardedPage', rw, changed({ gp: true }), page, 'tlbi', 'RGPPYH'));

  describe('a size change with the same mapping', () => {
    const sizes: readonly (readonly [BbmLevel, ChangeVerdict, ChangeVerdict])[] = [
      [0, 'bbm', 'bbm'],
      [1, 'bbm', 'tlbi'],
      [2, 'tlbi', 'tlbi'],
      ['2-noabort', 'tlbi', 'tlbi'],
      [3, 'tlbi', 'tlbi'],
    ];
    for (const [bbm, direct, throughNoTranslation] of sizes) {
      it(`FEAT_BBM ${bbm}: ${direct}, through a block with nT ${throughNoTranslation}`, () => {
        const context = { ...pmd, bbm, sameMapping: true };
        check('blockToTable', block, table, context, direct, 'RWHZWS 3');
        check('blockToTable', blockNoTranslation, table, context, throughNoTranslation, 'RWHZWS 3');
        check('tableToBlock', table, block, context, direct, 'RWHZWS 3');
        check('tableToBlock', table, blockNoTranslation, context, throughNoTranslation, 'RWHZWS 3');
      });
    }

    it('no FEAT_BBM level helps when the mapping changes with the size', () =>
      check('blockToTable', block, table, { ...pmd, bbm: 3 }, 'bbm', 'RWHZWS 3'));
  });

  it('another table: break-before-make, unless it maps the same', () => {
    const other = mkTable(format, 0xa000n);
    check('otherTable', table, other, pmd, 'bbm', 'RWHZWS 2');
    check('otherTable', table, other, { ...pmd, sameMapping: true }, 'tlbi', 'RWHZWS 2');
  });

  it('hierarchical permissions: a TLBI; the address space of the tables: break-before-make', () => {
    check('tablePermissions', table, mkTable(format, 0x9000n, { pxn: true }), pmd, 'tlbi', 'RGPPYH');
    check('tableAddressSpace', table, mkTable(format, 0x9000n, { nonSecure: true }), pmd, 'bbm', 'IWZRHR');
  });

  it('stage 2 gives some bits another meaning', () => {
    const stage2: ChangeContext = { ...page, stage: 2 };
    check('stage2MemoryType', rw, changed({ ns: true }), stage2, 'bbm', 'RWHZWS 1');
    check('readPermission', rw, changed({ ap: 1 }), stage2, 'tlbi', 'RGPPYH');
    check('forceNotXs', changed({ nG: true }), rw, stage2, 'tlbi', 'RGPPYH');
    // S2AP[1] set is writable, where AP[2] set is read-only.
    const same = { ...stage2, sameContents: true };
    check('outputAddressSameContents', rw, changed({}, 0x2000n), same, 'tlbi', 'RGPPYH');
    check('outputAddressWritable', ro, changed(readOnly, 0x2000n), same, 'bbm', 'RWHZWS 2');
  });

  it('any other bit: a TLBI', () =>
    expect(classifyChange(rw, changed({ high: 1 }), page)).toMatchObject({ row: 'other', verdict: 'tlbi' }));

  it('several fields at once need what the most demanding one needs', () =>
    check('memoryType', rw, changed({ ap: 2, attrIndex: 2, software: 1 }), page, 'bbm', 'RWHZWS 1'));

  it('every row has a test', () => {
    expect([...seen].sort()).toEqual(changeRows.map((row) => row.name).sort());
  });
});
