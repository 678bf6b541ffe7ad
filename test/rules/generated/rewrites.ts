/** Entries that are read and then stored, by two CPUs or beside the hardware, under locks or not, in one step or in two. */

import { lines, type Random, tools } from './random';

export function rewritesScenario(random: Random): string {
  const { pick, maybe } = tools(random);
  const hardware = random.next() < 0.5;
  const begins = hardware ? pick('', 'pte_mkclean', 'pte_mkold') : '';
  const change = (): readonly string[] => {
    const lock = pick('L', 'L', 'M');
    const locked = random.next() < 0.7;
    const [take, give] = locked ? [[`spin_lock(${lock})`], [`spin_unlock(${lock})`]] : [[], []];
    const flush = ['flush_tlb_kernel_range(H.tail(1), H.tail(2))'];
    const made = pick('pte_wrprotect', 'pte_mkspecial', 'pte_mkold', 'pte_mkyoung');
    const isLate = random.next() < 0.4;
    const read = ['let pte = ptep_get(ptep)'];
    const steps = pick('two', 'two', 'two', 'one', 'broken', 'again');
    switch (steps) {
      case 'one':
        return [...take, pick('ptep_set_wrprotect(H.tail(1), ptep)', 'fetch_or(ptep, 1 << 56)'), ...give, ...flush];
      case 'broken':
        return [
          ...take,
          'let pte = ptep_modify_prot_start(H.tail(1), ptep)',
          'flush_tlb_kernel_range(H.tail(1), H.tail(2))',
          ...maybe(0.2, 'set_pte_at(H.tail(1), ptep, pte)'),
          `ptep_modify_prot_commit(H.tail(1), ptep, pte, ${made}(pte))`,
          ...give,
        ];
      case 'again':
        return [...read, ...take, 'pte = ptep_get(ptep)', `set_pte(ptep, ${made}(pte))`, ...flush, ...give];
      default:
        return [
          ...(isLate ? [...read, ...take] : [...take, ...read]),
          `set_pte(ptep, ${made}(pte))`,
          ...(random.next() < 0.5 ? [...flush, ...give] : [...give, ...flush]),
        ];
    }
  };
  const pointer = 'let ptep = virt_to_kpte(H.tail(1))';
  const clean = [`set_pte(ptep, ${begins}(ptep_get(ptep)))`, 'flush_tlb_kernel_range(H.tail(1), H.tail(2))'];
  const told = pick('', '', '', 'told');
  const other = random.next() < 0.6;
  return `machine { hw_af yes  hw_dbm ${hardware ? 'yes' : 'no'} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock L : spin
lock M : spin
var flag = 0

scenario "rewrites" {
${other ? '' : '  on fault vmemmap_handle_page_fault\n'}  cpu 0 {
${lines([pointer, ...(begins === '' ? [] : clean), ...change(), ...(told === '' ? [] : ['store_release(flag, 1)'])])}
  }
  cpu 1 {
${lines(other ? [pointer, ...(told === '' ? [] : ['wait_acquire(flag == 1)']), ...change()] : [pick('store(H.page(64).private, 1)', 'load(H.page(64).flags)')])}
  }
}
`;
}
