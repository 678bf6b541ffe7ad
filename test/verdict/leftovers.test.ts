import { describe, expect, it } from 'vitest';
import { check } from '../check';

/** Outcomes of the findings of one scenario, with the lines that they stand on. */
function findingsIn(body: string, top = ''): readonly string[] {
  const text = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
hugepage B { size 2M  at 0x1_8000_0000  vmemmap blocks }
var V = 0
var W = 0
${top}
scenario "what is left" {
${body}
}
`;
  const [scenario] = check(text).scenarios;
  return [...new Set(scenario?.findings.map(({ outcome, place }) => `${outcome} ${place.text}`))];
}

const flush = 'flush_tlb_kernel_range(H.tail(1), H.tail(2));';
const clear = 'pte_clear(H.tail(1), virt_to_kpte(H.tail(1)))';
const flagged = '  cpu 1 { WRITE_ONCE(V, 1);  WRITE_ONCE(V, 2); }';

describe('an entry that nobody walks', () => {
  it('is left broken', () => {
    expect(findingsIn(`  cpu 0 { ${clear}; ${flush} }`)).toEqual([`left-broken ${clear}`]);
  });

  it('is left broken on some way', () => {
    const make = 'if (READ_ONCE(V)) set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));';
    expect(findingsIn(`  cpu 0 { ${clear}; ${flush} ${make} }\n${flagged}`)).toEqual([`left-broken ${clear}`]);
  });

  it('is unmapped for good where its page is freed', () => {
    expect(findingsIn(`  cpu 0 { ${clear}; ${flush} free_page(H.frame(1)); }`)).toEqual([]);
    const [kept] = findingsIn(`  cpu 0 { ${clear}; ${flush} if (READ_ONCE(V)) free_page(H.frame(1)); }\n${flagged}`);
    expect(kept).toBe(`left-broken ${clear}`);
  });

  it('is put aside where it keeps its address', () => {
    const aside = 'WRITE_ONCE(*virt_to_kpte(H.tail(1)), mk_pte(H.frame(1), PAGE_KERNEL) & ~PTE_VALID);';
    expect(findingsIn(`  cpu 0 { ${aside} ${flush} }`)).toEqual([]);
  });

  it('is put aside where another CPU is told its page', () => {
    const take = 'let old = ptep_get_and_clear(H.tail(1), virt_to_kpte(H.tail(1)));';
    const text = `  cpu 0 { ${take} ${flush} store_release(W, descriptor_pa(old)); }
  cpu 1 { let page = load_acquire(W); if (page) free_page(page); }`;
    expect(findingsIn(text)).toEqual([]);
  });

  it('is left broken as a block, and in a table that was linked meanwhile', () => {
    expect(
      findingsIn(
        '  cpu 0 { pmd_clear(pmd_off_k(B.start)); flush_tlb_kernel_range(B.block(0), B.block(0) + PMD_SIZE); }',
      ),
    ).toEqual(['left-broken pmd_clear(pmd_off_k(B.start))']);
    const inTable = 'pte_clear(B.tail(1), virt_to_kpte(B.tail(1)))';
    expect(
      findingsIn(
        `  on fault vmemmap_handle_page_fault\n  cpu 0 { hugetlb_vmemmap_split(B); ${inTable}; flush_tlb_kernel_range(B.tail(1), B.tail(2)); }`,
      ),
    ).toEqual([`left-broken ${inTable}`]);
  });

  it('is changed in place, and what it maps is freed too early', () => {
    const make = 'set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO))';
    expect(findingsIn(`  cpu 0 { ${make}; ${flush} }`)).toEqual([`bbm ${make}`]);
    expect(findingsIn(`  cpu 0 { ${clear}; free_page(H.frame(1)); ${flush} }`)).toEqual([
      'use-after-free free_page(H.frame(1))',
    ]);
    expect(findingsIn(`  cpu 0 { ${clear}; ${flush} ${make}; free_page(H.frame(1)); }`)).toEqual([]);
  });
});

describe('a page is lost', () => {
  it.each([
    ['behind no branch', 'let p = alloc_page(); if (READ_ONCE(V)) free_page(p);'],
    ['behind a branch', 'if (READ_ONCE(V)) { let p = alloc_page(); if (READ_ONCE(V) == 2) free_page(p); }'],
    ['and nobody frees it', 'if (READ_ONCE(V)) { let p = alloc_page(); if (READ_ONCE(V) == 2) WRITE_ONCE(V, p); }'],
    ['when the allocation may fail', 'let p = try_alloc_page(); if (!p) return; if (READ_ONCE(V) == 2) free_page(p);'],
  ])('%s', (_, code) => {
    expect(findingsIn(`  cpu 0 { ${code} }\n${flagged}`).map((one) => one.split(' ')[0])).toEqual(['leak']);
  });

  it.each([
    ['kept by the code on every way', 'let p = alloc_page(); store(__va(p), 1);'],
    ['freed or named', 'let p = alloc_page(); if (READ_ONCE(V)) free_page(p); else WRITE_ONCE(W, p);'],
    ['taken only where it is freed', 'if (READ_ONCE(V)) { let p = alloc_page(); free_page(p); }'],
  ])('not when it is %s', (_, code) => {
    expect(findingsIn(`  cpu 0 { ${code} }\n${flagged}`)).toEqual([]);
  });
});
