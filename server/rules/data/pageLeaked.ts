import { found } from '../found';
import type { Rule } from '../rule';
import { lineName } from '../scenario';

const example = (otherwise: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a new head page, if the head is still mapped" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let ptep = virt_to_kpte(H.start);
    let page = alloc_page();
${otherwise === '' ? '//  ^^^^^^^^^^^^^^^^^^^^^^^ HVO402\n' : ''}    copy_page(__va(page), H.start);
    if (any(0, 1)) {
      spin_lock(init_mm.page_table_lock);
      pte_clear(H.start, ptep);
      flush_tlb_kernel_range(H.start, H.start + PAGE_SIZE);
      set_pte_at(H.start, ptep, mk_pte(page, PAGE_KERNEL));
      spin_unlock(init_mm.page_table_lock);
    }${otherwise}
  }
  cpu 1 { r0 = load(H.page(0).flags); }
}
`;

export const pageLeaked: Rule = {
  code: 'HVO402',
  severity: 'warning',
  title: 'Page leaked',
  doc: 'A page is allocated, and on some way through the code nobody has it at the end: it is neither mapped, nor linked as a table, nor stored anywhere, nor freed. Usually the way is an error path.',
  source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_free and alloc_vmemmap_page_list (error paths)',
  bad: example(''),
  good: example(' else {\n      free_page(page);\n    }'),
  outcomes: ['leak'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        // Code that keeps the page on every way stands for its owner; what matters is the way that differs.
        if (one.kind !== 'leak' || !(one.unmapped ? walk.freedPages.has(one.page) : walk.keptPages.has(one.since)))
          return [];
        const message = `${one.unmapped ? 'the page that was mapped here before' : 'the page that is allocated here'} is lost on some way through the code: nothing maps it, nothing stores its address, nothing frees it. \`free_page\` is missing on that way, before ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.since, message);
      }),
    ),
};
