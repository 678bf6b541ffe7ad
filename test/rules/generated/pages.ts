/** Pages that are taken, mapped, used, given back: too early, twice, not at all, on some ways only. */

import { lines, type Random, tools } from './random';

export function pagesScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const free = 'free_page(p)';
  const kind = pick('own', 'two', 'mapped', 'mapped', 'table');
  const own = [
    ...(random.next() < 0.35 ? ['let p = try_alloc_page()', 'if (!p) return'] : ['let p = alloc_page()']),
    'store(__va(p), 1)',
    ...(random.next() < 0.25 ? [`choose { ${free}; } or { ${pick('', 'load(__va(p));')} }`] : maybe(0.85, free)),
    ...maybe(0.2, 'load(__va(p))'),
    ...maybe(0.2, free),
  ];
  const two = [
    'let p = alloc_page()',
    'let q = alloc_page()',
    ...maybe(0.5, 'store(__va(q), 1)'),
    ...(random.next() < 0.4
      ? [`if (any(0, 1)) { ${pick(free, 'free_page(q)', 'isb()')}; } else { ${pick('free_page(q)', 'isb()')}; }`]
      : maybe(0.7, free)),
    ...maybe(0.2, pick('load(__va(p))', 'load(__va(q))')),
    ...maybe(0.6, 'free_page(q)'),
    ...maybe(0.2, free),
  ];
  const tail = pick('1', '1', '2');
  const page = `H.frame(${tail})`;
  const flush = pick(
    `flush_tlb_kernel_range(H.tail(${tail}), H.tail(${tail}) + PAGE_SIZE)`,
    `flush_tlb_kernel_range(H.tail(${tail}), H.tail(${tail}) + PAGE_SIZE)`,
    'flush_tlb_all()',
    'flush_tlb_kernel_range(H.tail(3), H.tail(4))',
  );
  const entry = `mk_pte(${pick('H.head', 'H.head', 'H.frame(3)')}, PAGE_KERNEL_RO)`;
  const ptep = `virt_to_kpte(H.tail(${tail}))`;
  const byHand = [
    'spin_lock(init_mm.page_table_lock)',
    `pte_clear(H.tail(${tail}), ${ptep})`,
    ...maybe(0.15, `free_page(${page})`),
    ...maybe(0.9, flush),
    `set_pte_at(H.tail(${tail}), ${ptep}, ${entry})`,
    'spin_unlock(init_mm.page_table_lock)',
  ];
  const remap = random.next() < 0.5 ? byHand : [`vmemmap_update_pte(H.tail(${tail}), ${ptep}, ${entry})`];
  const mapped = [
    ...maybe(0.1, `free_page(${page})`),
    ...(random.next() < 0.88 ? remap : []),
    ...(random.next() < 0.2
      ? [`choose { free_page(${page}); } or { ${pick('', 'isb();')} }`]
      : maybe(0.8, `free_page(${page})`)),
    ...maybe(0.15, `free_page(${page})`),
    ...maybe(0.15, 'load(H.page(64).flags)'),
  ];
  const table = [
    'let pmdp = pmd_off_k(H.start)',
    'let t = descriptor_pa(pmdp_get(pmdp))',
    'let copy = alloc_page()',
    `for (let i = 0; i < ${tail === '2' ? '3' : pick('2', '2', '3')}; i++) { store(__va(copy) + i * 8, load(__va(t) + i * 8)); }`,
    ...maybe(0.9, pick('smp_wmb()', 'dsb(ishst)')),
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
  const steps = { own, two, mapped, table }[kind as 'own' | 'two' | 'mapped' | 'table'];
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "pages" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${lines(steps)}
  }
  cpu 1 { ${`load(H.page(${64 * Number(tail)}).flags);`} }
}
`;
}
