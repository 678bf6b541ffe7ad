import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (remap: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the page behind a tail is freed" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${remap}    free_page(H.frame(1));
${remap === '' ? '//  ^^^^^^^^^^^^^^^^^^^^^ HVO405\n' : ''}  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const freedWhileMapped: Rule = {
  code: 'HVO405',
  severity: 'error',
  title: 'Page freed while an entry maps it',
  doc: 'An entry still leads to the page, or walks still go through it as a table. Whoever gets the page next shares it with everybody who uses that entry. The entry is changed and flushed first, then the page is freed. An entry that is made to lead to a page which was freed before is the same mistake in the other order.',
  source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_free; Arm ARM DDI 0487, D8.17',
  bad: example(''),
  good: example('    vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));\n'),
  outcomes: ['freed-page-reachable', 'use-after-free'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'freeWhileMapped') return [];
        if (one.mappedAt !== undefined) {
          const late = `${entryName(scenario, one)} is made to lead to a page that was freed on ${lineName(scenario, walk, one.at)}: by now it may be somebody else's. Map a page that is owned, or free it when no entry leads to it any more`;
          return found(scenario, walk, one.mappedAt, late, { others: [{ at: one.at, message: 'freed here' }] });
        }
        const message = `the page is freed, and ${entryName(scenario, one)} still leads to it: its next owner shares it with everybody who goes through that entry. The change of the entry, and its flush, are missing before ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
