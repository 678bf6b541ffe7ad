import { fix } from '../fixes';
import { stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the page behind a tail is freed" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let ptep = virt_to_kpte(H.tail(1));
    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), ptep);
${body}
    set_pte_at(H.tail(1), ptep, mk_pte(H.head, PAGE_KERNEL_RO));
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const freedBeforeFlush: Rule = {
  code: 'HVO113',
  severity: 'error',
  title: 'Page freed before the flush',
  doc: 'Until the DSB behind the last TLBI, CPUs may go through the old entry and write to the page behind it. A page that is freed before that may belong to somebody else when such a write arrives: its new owner finds foreign data. Pages go to the allocator only behind the flush; that is why HVO queues them.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 4; Linux mm/hugetlb_vmemmap.c, free_vmemmap_page_list',
  bad: example(`    free_page(H.frame(1));
//  ^^^^^^^^^^^^^^^^^^^^^ HVO113
    flush_tlb_kernel_range(H.tail(1), H.tail(2));`),
  good: example(`    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    free_page(H.frame(1));`),
  outcomes: ['freed-page-reachable', 'use-after-free'],
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault }) => fault === 'freedFirst')
      .flatMap((problem) => {
        const { walk, since, at, missing } = problem;
        const message = `the page is freed while CPUs may still reach it: ${entryName(scenario, problem)} changed on ${lineName(scenario, walk, since)}, and no TLBI has removed the old translation. The flush belongs before ${lineName(scenario, walk, at)}`;
        return found(scenario, walk, at, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix('Flush before the page is freed', repairSteps(scenario, problem, missing, at)),
        });
      }),
};
