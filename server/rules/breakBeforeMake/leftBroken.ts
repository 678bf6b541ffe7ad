import { remapExample } from '../exampleText';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

export const leftBroken: Rule = {
  code: 'HVO116',
  severity: 'error',
  title: 'Entry left broken',
  doc: 'An entry was made invalid and no value follows, on some way through the code: an early return, an error path, a loop that ends too soon. What it mapped is gone for every CPU, and the hook of the fault path finds nothing to wait for. An entry that is unmapped for good has its page freed behind the flush.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 5',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
//^^^^^^^^^^^^^^^^^^^^^ HVO116
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  let page = try_alloc_page();
  if (page) set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);
  if (page) free_page(page);`),
  good: remapExample(`  let page = try_alloc_page();
  if (!page) return;
  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);
  free_page(page);`),
  outcomes: ['left-broken', 'oops-paging'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'leftBroken') return [];
        const message = `${entryName(scenario, one.window)} is made invalid here, and on some way through the code nothing makes it valid again: every access to it faults for good. The new value, or the old one, is missing on that way, before ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.window.breakAt, message);
      }),
    ),
};
