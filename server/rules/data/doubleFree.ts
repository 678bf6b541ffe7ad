import { callIn, fix, removeStatement, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, placeAt } from '../scenario';

const example = (second: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a tail is remapped and its page freed" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));
    free_page(H.frame(1));
${second}  }
}
`;

export const doubleFree: Rule = {
  code: 'HVO403',
  severity: 'error',
  title: 'Page freed twice',
  doc: 'The page goes to the allocator a second time: two owners get it. A page that was queued for freeing twice, or whose list was freed in an error path and again at the end, is the usual way.',
  source: 'Linux mm/hugetlb_vmemmap.c, free_vmemmap_page_list; mm/page_alloc.c, free_page_is_bad',
  bad: example(`    free_page(H.frame(1));
//  ^^^^^^^^^^^^^^^^^^^^^ HVO403
`),
  good: example(''),
  outcomes: ['double-free'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'doubleFree') return [];
        const place = placeAt(scenario, walk, one.at);
        const statement = place && statementAt(place)?.statement;
        const call = place && callIn(place, (name) => name === 'free_page');
        // On another way it is the only free.
        const isOnly = statement?.kind === 'call' && statement.expression === call && !walk.soundFrees.has(one.at);
        const message = `the page was freed on ${lineName(scenario, walk, one.first)} and is freed here again: two owners may get it. One of the two has to go`;
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.first, message: 'freed here first' }],
          ...fix('Remove the second free', place && isOnly ? removeStatement(place) : []),
        });
      }),
    ),
};
