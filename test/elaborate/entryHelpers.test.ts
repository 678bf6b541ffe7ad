import { describe, expect, it } from 'vitest';
import { libraryReleases } from '../../server/language/stdlib/library';
import { check } from '../check';

/** Claims of one scenario that do not hold, and findings. */
function wrong(release: string, body: string, claims: string, machine = ''): readonly string[] {
  const { diagnostics, scenarios } = check(`machine { kernel ${release}  ${machine} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
page P at 0x7000_0000
scenario "helpers" {
  ${body}
  ${claims}
}
`);
  const texts = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return [
    ...texts,
    ...scenarios.flatMap((one) => [
      ...one.claims.filter(({ holds }) => holds !== 'yes').map(({ text, why }) => `${text}: ${why}`),
      ...one.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    ]),
  ];
}

describe.each(libraryReleases)('helpers for entries in the library of %s', (release) => {
  it('change the bits that their names say', () => {
    const bits: readonly (readonly [string, string])[] = [
      ['pte_wrprotect(rw)', '(rw & ~PTE_WRITE) | PTE_RDONLY | 1 << 55'],
      ['pte_wrprotect(ro)', 'ro'],
      ['pte_mkdirty(rw)', 'rw | 1 << 55'],
      ['pte_mkclean(pte_mkdirty(rw))', 'rw | PTE_RDONLY'],
      ['pte_mkold(rw)', 'rw & ~PTE_AF'],
      ['pte_mkcont(rw)', 'rw | PTE_CONT'],
      ['pte_modify(rw, PAGE_KERNEL_RO) & ~(1 << 55)', 'ro'],
      ['pte_advance_pfn(ro, 3)', 'mk_pte(P.pa + 3 * PAGE_SIZE, PAGE_KERNEL_RO)'],
      ['pfn_pte(pte_pfn(rw), PAGE_KERNEL)', 'rw'],
      ['pmd_mkhuge(mk_pmd_block(P.pa, PROT_SECT_NORMAL) | 2)', 'mk_pmd_block(P.pa, PROT_SECT_NORMAL)'],
      ['virt_to_page(P.va)', 'P.struct'],
      ['pfn_to_page(page_to_pfn(P.struct))', 'P.struct'],
      // A clean entry stays read-only in v7.2.
      ['pte_mkwrite(ro)', release === 'v7.2' ? 'ro | PTE_WRITE' : 'rw'],
      ['pte_mkwrite(pte_mkdirty(ro))', 'rw | 1 << 55'],
    ];
    const asserts = bits.map(([made, expected]) => `assert((${made}) == (${expected}));`).join('\n    ');
    const body = `cpu 0 {
    let rw = mk_pte(P.pa, PAGE_KERNEL);
    let ro = mk_pte(P.pa, PAGE_KERNEL_RO);
    ${asserts}
    r0 = 1;
  }`;
    expect(wrong(release, body, 'always r0 == 1')).toEqual([]);
  });

  it('say which changes the kernel calls safe', () => {
    const body = `cpu 0 {
    let rw = mk_pte(P.pa, PAGE_KERNEL);
    r0 = pgattr_change_is_safe(rw, mk_pte(P.pa, PAGE_KERNEL_RO));
    r1 = pgattr_change_is_safe(rw, mk_pte(P.pa + PAGE_SIZE, PAGE_KERNEL));
    r2 = pgattr_change_is_safe(rw, rw ^ 1 << 2);
    r3 = pgattr_change_is_safe(rw ^ 1 << 2, rw ^ 2 << 2);
    r4 = pgattr_change_is_safe(rw, rw ^ 4 << 2);
  }`;
    expect(wrong(release, body, 'always r0 == 1 && r1 == 0 && r2 == 1 && r3 == 0 && r4 == 0')).toEqual([]);
  });

  it('write entries, some in a row', () => {
    const body = `cpu 0 {
    spin_lock(init_mm.page_table_lock);
    ptep_set_wrprotect(H.tail(1), virt_to_kpte(H.tail(1)));
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    let old = ptep_modify_prot_start(H.tail(2), virt_to_kpte(H.tail(2)));
    flush_tlb_kernel_range(H.tail(2), H.tail(3));
    ptep_modify_prot_commit(H.tail(2), virt_to_kpte(H.tail(2)), old, pte_wrprotect(old));
    for (let i = 3; i < 5; i++) ptep_get_and_clear(H.tail(i), virt_to_kpte(H.tail(i)));
    flush_tlb_kernel_range(H.tail(3), H.tail(5));
    set_ptes(H.tail(3), virt_to_kpte(H.tail(3)), mk_pte(H.frame(3), PAGE_KERNEL), 2);
    spin_unlock(init_mm.page_table_lock);
  }`;
    const claims = [
      'pte(H.tail(3)) == mk_pte(H.frame(3), PAGE_KERNEL)',
      'pte(H.tail(4)) == mk_pte(H.frame(4), PAGE_KERNEL)',
    ];
    expect(wrong(release, body, claims.map((one) => `always ${one}`).join('\n  '))).toEqual([]);
  });

  it('a block takes the place of a table', () => {
    const body = `cpu 0 {
    let pmdp = pmd_off_k(H.start);
    let block = pfn_pmd(pmd_pfn(mk_pmd_block(H.head & PMD_MASK, PROT_SECT_NORMAL)), PROT_SECT_NORMAL);
    let table = pmd_page_vaddr(pmdp_get(pmdp));
    spin_lock(init_mm.page_table_lock);
    pmd_clear(pmdp);
    __flush_tlb_kernel_pgtable(H.start);
    flush_tlb_all();
    assert(pmd_set_huge(pmdp, H.head & PMD_MASK, PROT_SECT_NORMAL));
    spin_unlock(init_mm.page_table_lock);
    pte_free_kernel(table);
    r0 = pmdp_get(pmdp) == block;
  }`;
    expect(wrong(release, body, 'always r0 == 1')).toEqual([]);
  });
});
