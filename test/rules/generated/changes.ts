/** Scenarios that change live vmemmap, with steps left out, weakened, or out of place at random. */

import { lines, pageTableLock, type Random, tools } from './random';

/** Break, flush and make of one entry of level 3, with another CPU that goes through it. */
export function remapScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const irq = pick('', '', '', '', '_irq');
  const entry = pick(
    'mk_pte(H.head, PAGE_KERNEL_RO)',
    'mk_pte(H.head, PAGE_KERNEL_RO)',
    'mk_pte(H.head, PAGE_KERNEL)',
    'mk_pte(H.frame(1), PAGE_KERNEL_RO)',
    'mk_pte(H.frame(1), PAGE_KERNEL) & ~PTE_AF',
  );
  const locked = random.next() < 0.85;
  const take = locked ? [`spin_lock${irq}(${pageTableLock})`] : [];
  const give = locked ? [`spin_unlock${irq}(${pageTableLock})`] : [];
  const make = pick('set_pte_at(addr, ptep, entry)', 'set_pte_at(addr, ptep, entry)', 'WRITE_ONCE(*ptep, entry)');
  const whole = random.next() < 0.3;
  const flush = whole
    ? ['flush_tlb_kernel_range(addr, addr + PAGE_SIZE)']
    : [
        ...maybe(0.8, `dsb(${pick('ishst', 'ishst', 'ish', 'nshst', 'ishld')})`),
        ...maybe(
          0.85,
          pick(
            'tlbi(vaale1is, addr)',
            'tlbi(vaale1is, addr)',
            'tlbi(vaale1, addr)',
            'tlbi(vaale1is, addr, 2)',
            'tlbi(vmalle1is)',
            'tlbi(vaae1is, addr + PAGE_SIZE)',
            'tlbi(rvaale1is, addr, addr + PAGE_SIZE)',
          ),
        ),
        ...maybe(0.8, `dsb(${pick('ish', 'ish', 'ishst', 'nsh')})`),
      ];
  const steps = [
    ...take,
    ...maybe(0.85, 'pte_clear(addr, ptep)'),
    ...flush,
    ...(locked ? maybe(0.1, ...give, ...take) : []),
    ...maybe(0.1, 'load(addr.flags)'),
    ...maybe(0.1, 'free_page(H.frame(1))'),
    make,
    ...(make.startsWith('WRITE') ? [...maybe(0.7, 'dsb(ishst)'), ...maybe(0.7, 'isb()')] : []),
    ...maybe(0.15, 'load(addr.flags)'),
    ...give,
    ...maybe(0.3, 'free_page(H.frame(1))'),
  ];
  return `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "remap" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    let entry = ${entry};
${lines(steps)}
  }
  cpu 1 { ${pick('load(H.page(64).flags);', 'store(H.page(64).private, 1);')} }
${maybe(0.3, '  irq NET on cpu 0 { load(H.page(64).flags); }\n').join('')}}
`;
}

/**
 * A block is replaced by a table that this code fills, at any FEAT_BBM level. No barrier is for this CPU only: the machine
 * orders stores by those too, where the architecture (and the rule on contents) asks for the shareable domain.
 */
export function splitScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const locked = random.next() < 0.9;
  const flush =
    random.next() < 0.5
      ? [
          pick(
            'flush_tlb_kernel_range(start, start + PMD_SIZE)',
            'flush_tlb_kernel_range(start, start + PAGE_SIZE)',
            '__flush_tlb_kernel_pgtable(start)',
            'flush_tlb_kernel_range(start - PMD_SIZE, start)',
          ),
        ]
      : [
          ...maybe(0.8, `dsb(${pick('ishst', 'ish')})`),
          ...maybe(
            0.85,
            pick('tlbi(vaale1is, start)', 'tlbi(vaale1is, start, 2)', 'tlbi(vaale1is, start, 3)', 'tlbi(vmalle1)'),
          ),
          ...maybe(0.8, `dsb(${pick('ish', 'ish', 'ishst')})`),
        ];
  const steps = [
    ...maybe(0.8, pick('smp_wmb()', 'dsb(ishst)', 'smp_rmb()')),
    ...(locked ? [`spin_lock(${pageTableLock})`] : []),
    ...maybe(0.6, 'pmd_clear(pmdp)'),
    ...flush,
    ...maybe(0.1, 'load(H.page(3).flags)'),
    pick(
      'pmd_populate_kernel(pmdp, table)',
      'set_pmd(pmdp, mk_pmd_table(__pa(table)))',
      'WRITE_ONCE(*pmdp, mk_pmd_table(__pa(table)))',
    ),
    ...maybe(0.3, 'dsb(ishst)'),
    ...maybe(0.3, 'flush_tlb_kernel_range(start, start + PMD_SIZE)'),
    ...(locked ? [`spin_unlock(${pageTableLock})`] : []),
  ];
  return `machine { bbm ${pick('0', '0', '0', '1', '2', '2-noabort', '3')} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

scenario "split" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let start = H.start & PMD_MASK;
    let pmdp = pmd_off_k(H.start);
    let block = pmdp_get(pmdp);
    let table = __va(alloc_page());
    for (let i = 0; i < 2; i++) {
      store(table + i * 8, mk_pte(descriptor_pa(block) + i * PAGE_SIZE, ${pick('PAGE_KERNEL', 'PAGE_KERNEL', 'PAGE_KERNEL', 'PAGE_KERNEL', 'PAGE_KERNEL_RO')}));
    }
${lines(steps)}
  }
  cpu 1 { ${pick('load(H.page(64).flags);', 'store(H.page(64).private, 1);')} }
${maybe(0.2, '  irq NET on cpu 0 { load(H.page(64).flags); }\n').join('')}}
`;
}
