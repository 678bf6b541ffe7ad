import { fix, insertBefore } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt } from '../scenario';

const example = (barrier: string): string => `machine { bbm 3 }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

scenario "a block is split without a break, which FEAT_BBM allows" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let pmdp = pmd_off_k(H.start);
    let block = pmdp_get(pmdp);
    let table = __va(alloc_page());
    for (let i = 0; i < 8; i++) {
      store(table + i * 8, mk_pte(descriptor_pa(block) + i * PAGE_SIZE, PAGE_KERNEL));
    }
    spin_lock(init_mm.page_table_lock);
${barrier}    flush_tlb_kernel_range(H.start, H.start + PMD_SIZE);
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;
const populate = '    pmd_populate_kernel(pmdp, table);\n';

export const contentsNotOrdered: Rule = {
  code: 'HVO401',
  severity: 'error',
  title: 'Contents not ordered before the entry that shows them',
  doc: 'A table is filled and then linked, a page is copied and then mapped. Stores may become visible in another order: a walker, or a reader, finds the new entry and behind it what the page held before. Between the contents and the entry stands a write barrier: smp_wmb(), which the kernel pairs with the dependency of the reader, or a DSB.',
  source: 'Linux mm/hugetlb_vmemmap.c, split_vmemmap_huge_pmd and vmemmap_remap_pte (smp_wmb); Arm ARM DDI 0487, B2.3',
  bad: example(`${populate}//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO401
`),
  good: example(`    smp_wmb();\n${populate}`),
  outcomes: ['bbm', 'oops-paging', 'uninitialised-read', 'BUG'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'unordered') return [];
        const place = placeAt(scenario, walk, one.at);
        const what = one.shows === 'table' ? 'links a table that is filled' : 'maps a page that is written';
        const message = `${entryName(scenario, one)} ${what} on ${lineName(scenario, walk, one.contentsAt)}, and nothing orders the two: another CPU may see the entry first and what the page held before behind it. \`smp_wmb()\` is missing before ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.contentsAt, message: 'the contents are written here' }],
          ...fix('Insert `smp_wmb()`', place ? insertBefore(place, ['smp_wmb()']) : []),
        });
      }),
    ),
};
