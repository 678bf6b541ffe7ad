import { fix, moveStatement } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, placeAt } from '../scenario';

const example = (statements: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a tail is remapped and its page freed" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let page = __va(H.frame(1));
    vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
${statements}  }
}
`;

export const useAfterFree: Rule = {
  code: 'HVO404',
  severity: 'error',
  title: 'Page used after it was freed',
  doc: "The code accesses a page that it has given back: it reads somebody else's data, or destroys it. A page may be given back when no TLB leads to it any more, which takes a TLBI and a DSB, and no reader has a pointer to it, which for readers under RCU takes a grace period that began after it was unlinked.",
  source: 'Linux mm/hugetlb_vmemmap.c, free_vmemmap_page_list',
  bad: example(`    free_page(H.frame(1));
    r0 = load(page);
//  ^^^^^^^^^^^^^^^ HVO404
`),
  good: example(`    r0 = load(page);
    free_page(H.frame(1));
`),
  outcomes: ['use-after-free'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'useAfterFree') return [];
        const message = `this accesses a page that was freed on ${lineName(scenario, walk, one.freedAt)}: by now it may be somebody else's. The free belongs behind ${lineName(scenario, walk, one.at)}`;
        const [free, use] = [placeAt(scenario, walk, one.freedAt), placeAt(scenario, walk, one.at)];
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.freedAt, message: 'freed here' }],
          ...fix('Free the page behind its last use', free && use ? moveStatement(free, 'behind', use) : []),
        });
      }),
    ),
};
