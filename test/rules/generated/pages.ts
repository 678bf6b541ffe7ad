/** Pages that are taken, mapped, used, given back: too early, twice, not at all. */

import { lines, type Random, tools } from './random';

export function pagesScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const free = 'free_page(p)';
  const kind = pick('own', 'own', 'mapped', 'table');
  const own = [
    'let p = alloc_page()',
    'store(__va(p), 1)',
    ...(random.next() < 0.25 ? [`choose { ${free}; } or { ${pick('', 'load(__va(p));')} }`] : maybe(0.85, free)),
    ...maybe(0.2, 'load(__va(p))'),
    ...maybe(0.2, free),
  ];
  const mapped = [
    ...maybe(0.15, 'free_page(H.frame(1))'),
    ...(random.next() < 0.85
      ? ['vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO))']
      : []),
    ...(random.next() < 0.2 ? ['choose { free_page(H.frame(1)); } or { }'] : maybe(0.8, 'free_page(H.frame(1))')),
    ...maybe(0.15, 'free_page(H.frame(1))'),
    ...maybe(0.15, 'load(H.page(64).flags)'),
  ];
  const table = [
    'let pmdp = pmd_off_k(H.start)',
    'let t = descriptor_pa(pmdp_get(pmdp))',
    'let copy = alloc_page()',
    'for (let i = 0; i < 2; i++) { store(__va(copy) + i * 8, load(__va(t) + i * 8)); }',
    ...maybe(0.9, 'smp_wmb()'),
    'spin_lock(init_mm.page_table_lock)',
    ...maybe(0.9, 'pmd_clear(pmdp)'),
    ...maybe(
      0.85,
      pick(
        'flush_tlb_kernel_range(H.start, H.start + PMD_SIZE)',
        '__flush_tlb_kernel_pgtable(H.start)',
        'flush_tlb_all()',
      ),
    ),
    ...maybe(0.1, 'free_page(t)'),
    'set_pmd(pmdp, mk_pmd_table(copy))',
    'spin_unlock(init_mm.page_table_lock)',
    ...maybe(0.7, 'free_page(t)'),
  ];
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "pages" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${lines(kind === 'own' ? own : kind === 'mapped' ? mapped : table)}
  }
  cpu 1 { load(H.page(64).flags); }
}
`;
}
