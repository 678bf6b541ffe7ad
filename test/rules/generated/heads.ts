/** The head of a huge page moves, tails are remapped and restored: copies, flags, keys and protections in some order. */

import { lines, type Random, tools } from './random';

export function headScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const kind = pick('move', 'move', 'restore', 'restore', 'optimise');
  const protection = pick('PAGE_KERNEL', 'PAGE_KERNEL', 'PAGE_KERNEL', 'PAGE_KERNEL_RO');
  const access = pick('', '', '', ' & ~PTE_AF');
  const copy = maybe(0.85, 'copy_page(__va(page), H.start)');
  const flag = maybe(0.5, 'SetHPageVmemmapOptimized(H)');
  const barrier = maybe(0.85, pick('smp_wmb()', 'smp_wmb()', 'dsb(ishst)', 'smp_rmb()'));
  const move = [
    'let page = alloc_page()',
    ...(random.next() < 0.6 ? [...flag, ...copy] : [...copy, ...flag]),
    ...barrier,
    `vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(page, ${protection})${access})`,
    ...maybe(0.6, 'free_page(H.frame(0))'),
  ];
  const clear = maybe(0.6, 'ClearHPageVmemmapOptimized(H)');
  const body = [
    ...copy,
    ...maybe(0.8, 'reset_struct_pages(__va(page), H.start)'),
    ...barrier,
    `vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(page, ${protection})${access})`,
  ];
  const restore = ['let page = alloc_page()', ...(random.next() < 0.75 ? [...body, ...clear] : [...clear, ...body])];
  const key = maybe(0.8, 'fetch_add(hugetlb_optimize_vmemmap_key, 1)');
  const remap = `vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, ${pick('PAGE_KERNEL_RO', 'PAGE_KERNEL_RO', 'PAGE_KERNEL')}))`;
  const optimise = [
    ...(random.next() < 0.7 ? [...key, remap] : [remap, ...key]),
    ...maybe(0.7, 'free_page(H.frame(1))'),
    ...maybe(0.2, 'free_page(H.frame(1))'),
  ];
  const steps = kind === 'move' ? move : kind === 'restore' ? restore : optimise;
  const readers =
    kind === 'restore'
      ? ['load(H.page(64).compound_head);', 'load(H.page(64).flags);', 'load(H.page(0).flags);']
      : ['load(H.page(0).flags);', 'fetch_add32(H.page(0).refcount, 1);', 'load(H.page(65).flags);'];
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages${kind === 'restore' ? '  optimised' : ''} }

scenario "heads" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${lines(steps)}
  }
  cpu 1 { ${pick(...readers)} }
}
`;
}
