/**
 * The table of changes (`descriptorChange.ts`) as the text rules and the machine tell it: a live entry changes in place, once
 * with a flush behind it and once without.
 */

import { describe, expect, it } from 'vitest';
import { type ChangeVerdict, changeRows } from '../../simulator/machine/descriptorChange';
import { check } from '../check';

const page = 'mk_pte(H.frame(1), PAGE_KERNEL)';
const readOnly = 'mk_pte(H.frame(1), PAGE_KERNEL_RO)';

/** Row of the table, what it asks for, the entry before and after. */
const changes: readonly (readonly [string, ChangeVerdict, string, string])[] = [
  ['identical', 'nothing', page, page],
  ['softwareBits', 'nothing', page, `${page} | 1 << 55`],
  ['dirtyBitModifier', 'nothing', page, `${page} & ~PTE_DBM`],
  ['accessFlagSet', 'nothing', `${page} & ~PTE_AF`, page],
  ['writePermission', 'tlbi', page, readOnly],
  ['privilegedExecute', 'tlbi', page, `${page} & ~PTE_PXN`],
  ['execute', 'tlbi', page, `${page} & ~PTE_UXN`],
  ['el0Access', 'tlbi', page, `${page} | PTE_USER`],
  ['accessFlagCleared', 'tlbi', page, `${page} & ~PTE_AF`],
  ['becomesNonGlobal', 'tlbi', page, `${page} | PTE_NG`],
  ['guardedPage', 'tlbi', page, `${page} | 1 << 50`],
  ['outputAddressSameContents', 'tlbi', readOnly, 'mk_pte(copy, PAGE_KERNEL_RO)'],
  ['becomesGlobal', 'bbm', `${page} | PTE_NG`, page],
  ['taggedMemory', 'tlbi', page, `${page} | 1 << 2`],
  ['memoryType', 'bbm', page, `${page} | 2 << 2`],
  ['shareability', 'bbm', page, `${page} & ~(1 << 8)`],
  ['outputAddressWritable', 'bbm', page, 'mk_pte(other, PAGE_KERNEL)'],
  ['outputAddressDifferentContents', 'bbm', readOnly, 'mk_pte(other, PAGE_KERNEL_RO)'],
  ['addressSpace', 'bbm', page, `${page} | 1 << 5`],
];

const scenario = (before: string, after: string, flush: string): string => `
machine { hw_af ${`${before}${after}`.includes('PTE_AF') ? 'yes' : 'no'} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
page _other at 0x7000_0000
page _copy at 0x7000_1000

scenario "a change in place" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    copy_page(_copy.va, addr);
    spin_lock(init_mm.page_table_lock);
    pte_clear(addr, ptep);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, ${before});
    WRITE_ONCE(*ptep, ${after});
    dsb(ishst);
    isb();
    ${flush}
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { nofault_load(H.page(64).compound_head); }
}`;

function found(text: string): { readonly rules: readonly string[]; readonly outcomes: readonly string[] } {
  const { diagnostics, scenarios } = check(text);
  expect(diagnostics.filter((one) => one.of === 'text').map((one) => one.message)).toEqual([]);
  return {
    rules: [...new Set(diagnostics.map((one) => one.code))],
    outcomes: [...new Set(scenarios.flatMap((one) => one.findings.map(({ outcome }) => outcome)))],
  };
}

describe('a change of a live entry', () => {
  for (const [row, verdict, before, after] of changes) {
    const named = after.replace(/\b(other|copy)\b/, '_$1');
    const flushed = scenario(before, named, 'flush_tlb_kernel_range(addr, addr + PAGE_SIZE);');
    const bare = scenario(before, named, '');
    it(`${row}: ${verdict}`, () => {
      const [withFlush, without] = [found(flushed), found(bare)];
      // Break-before-make: a flush behind the change does not mend it.
      expect(withFlush.rules).toEqual(verdict === 'bbm' ? ['HVO101'] : []);
      expect(withFlush.outcomes.includes('bbm')).toBe(verdict === 'bbm');
      // Only a TLBI: without it the old translation stays, which is no violation but a mistake.
      // Where that does not even keep an access from anything, the flush is a matter of taste.
      const rule = row === 'accessFlagCleared' ? [] : ['HVO103'];
      expect(without.rules).toEqual({ nothing: [], tlbi: rule, bbm: ['HVO101'] }[verdict]);
      expect(without.outcomes.includes('bbm')).toBe(verdict === 'bbm');
    });
  }
});

describe('one entry of a group gets the Contiguous bit, in place', () => {
  const text = (bbm: string): string => `
machine { bbm ${bbm} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a change in place" {
  cpu 0 {
    let ptep = virt_to_kpte(H.tail(1));
    WRITE_ONCE(*ptep, ptep_get(ptep) | PTE_CONT);
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
  }
}`;
  // The bit may change in place from FEAT_BBM level 1 on, with aborts up to level 2; that the others have it not is wrong at every level.
  it.each([
    ['0', ['HVO101', 'HVO114']],
    ['1', ['HVO102', 'HVO114']],
    ['2-noabort', ['HVO114']],
    ['3', ['HVO114']],
  ] as const)('FEAT_BBM %s', (bbm, rules) => expect(found(text(bbm)).rules).toEqual(rules));
});

describe('every row of the table', () => {
  /** Rows that are no change of one live entry of level 3, or that no text of Linux has, and where they are told. */
  const elsewhere: Readonly<Record<string, string>> = {
    invalidToInvalid: 'no walk tells the two apart: test/machine/descriptorChange.test.ts',
    invalidToValid: 'classes T07 and T08',
    validToInvalid: 'classes T01 and T14',
    readPermission: 'stage 2: test/trace',
    forceNotXs: 'stage 2: test/trace',
    stage2MemoryType: 'stage 2: test/trace',
    contiguous: 'the group above, class T15',
    noTranslation: 'class B05',
    blockToTable: 'the split below, classes B02 and B03',
    tableToBlock: 'class X01',
    otherTable: 'class T11',
    tablePermissions: 'test/machine/descriptorChange.test.ts',
    tableAddressSpace: 'test/machine/descriptorChange.test.ts',
    reservedAddressBits: 'test/machine/descriptorChange.test.ts',
  };
  it('is told here or elsewhere', () => {
    const told = [...changes.map(([row]) => row), ...Object.keys(elsewhere)];
    expect(told.sort()).toEqual(changeRows.map(({ name }) => name).sort());
  });
});

describe('a block that becomes a table of the same pages, in place', () => {
  const split = (bbm: string): string => `
machine { bbm ${bbm} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

fn vmemmap_update_pmd(start, pmdp, pgtable) {
  pmd_populate_kernel(pmdp, pgtable);
  flush_tlb_kernel_range(start, start + PMD_SIZE);
}

scenario "a split" {
  on fault vmemmap_handle_page_fault
  cpu 0 { hugetlb_vmemmap_split(H); }
  cpu 1 { load(H.page(64).flags); }
}`;
  it.each([
    ['0', ['HVO101'], ['bbm', 'oops-TLB-conflict', 'unpredictable']],
    ['1', ['HVO101'], ['bbm', 'oops-TLB-conflict', 'unpredictable']],
    ['2', ['HVO102'], ['oops-TLB-conflict']],
    ['2-noabort', [], []],
    ['3', [], []],
  ] as const)('FEAT_BBM %s', (bbm, rules, outcomes) => {
    const { rules: told, outcomes: seen } = found(split(bbm));
    expect(told).toEqual(rules);
    expect([...seen].sort()).toEqual(outcomes);
  });
});
