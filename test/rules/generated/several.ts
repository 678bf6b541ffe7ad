/** Several entries that change under one flush, in loops, in functions of their own, on some ways only. */

import { lines, pageTableLock, type Random, tools } from './random';

export function severalScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const count = pick('2', '2', '3');
  const first = pick('1', '1', '1', '2');
  const each = (body: string): string => `for (let i = 1; i < 1 + ${count}; i++) { ${body} }`;
  const range = pick(
    'flush_tlb_kernel_range(H.tail(1), H.tail(1 + COUNT))',
    'flush_tlb_kernel_range(H.tail(1), H.tail(1 + COUNT))',
    'flush_tlb_kernel_range(H.tail(1), H.tail(COUNT))',
    'flush_tlb_kernel_range(H.tail(2), H.tail(1 + COUNT))',
    'flush_tlb_kernel_range(H.tail(1), H.tail(1) + COUNT * PAGE_SIZE)',
    'flush_tlb_kernel_range(H.start, H.end)',
    'dsb(ishst); tlbi(rvaale1is, H.tail(1), H.tail(1 + COUNT)); dsb(ish)',
    'dsb(ishst); tlbi(rvaale1is, H.tail(1), H.tail(COUNT)); dsb(ish)',
    'flush_tlb_all()',
  ).replaceAll('COUNT', count);
  const flush =
    pick('range', 'range', 'one by one') === 'range'
      ? range
      : each(
          pick(
            'flush_tlb_kernel_range(H.tail(i), H.tail(i) + PAGE_SIZE)',
            'dsb(ishst); tlbi(vaale1is, H.tail(i)); dsb(ish)',
            'dsb(ishst); tlbi(vaale1is, H.tail(i))',
          ),
        );
  const page = pick('H.head', 'H.head', 'H.frame(i)', 'H.frame(4)');
  const make = each(`set_pte_at(H.tail(i), virt_to_kpte(H.tail(i)), mk_pte(${page}, PAGE_KERNEL_RO));`);
  const broken = each('break_entry(i);');
  const steps = [
    ...maybe(0.9, `spin_lock(${pageTableLock})`),
    ...maybe(0.9, broken),
    ...(random.next() < 0.25 ? [`choose { ${flush}; } or { ${pick('', 'isb();', `${flush};`)} }`] : maybe(0.85, flush)),
    pick(make, make, make.replace('i = 1', `i = ${first}`)),
  ];
  if (random.next() < 0.2) steps.push(pick('free_page(H.frame(1))', 'free_page(H.frame(2))', 'isb()'));
  if (steps[0]?.startsWith('spin_lock')) steps.push(`spin_unlock(${pageTableLock})`);
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn break_entry(i) {
  ${pick('pte_clear(H.tail(i), virt_to_kpte(H.tail(i)));', 'pte_clear(H.tail(i), virt_to_kpte(H.tail(i)));', 'if (i != 2) { pte_clear(H.tail(i), virt_to_kpte(H.tail(i))); }')}
}

scenario "several" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${lines(steps)}
  }
  cpu 1 { load(H.page(any(64, 128, 192)).flags); }
}
`;
}
