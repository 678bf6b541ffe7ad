import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (
  page: string,
): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages  optimised  refcount 1 }

scenario "a reference to an optimised huge page" {
  on fault vmemmap_handle_page_fault
  cpu 0 { fetch_add32(H.page(${page}).refcount, 1); }
${page === '0' ? '' : `//        ${'^'.repeat(35)} HVO413\n`}}
`;

export const readOnlyWrite: Rule = {
  code: 'HVO413',
  severity: 'error',
  title: 'Write to what is mapped read-only',
  doc: 'A store, or an atomic, goes through an entry that is read-only and that no other code changes: a permission fault. The spurious check and the hook of the fault path are for translation faults, so nothing mends it. Tails of an optimised huge page are read-only, and the fake heads among them look like heads: a reference belongs to the true head, and a speculative one asks first whether the page is a fake head. A compare-and-swap needs write permission even where it would not store.',
  source:
    'Linux arch/arm64/mm/fault.c, is_el1_permission_fault; include/linux/page_ref.h, page_ref_add_unless; Arm ARM DDI 0487, D8.4',
  bad: example('64'),
  good: example('0'),
  outcomes: ['oops-RO'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'readOnlyWrite') return [];
        const since = one.since === undefined ? 'from the start' : `since ${lineName(scenario, walk, one.since)}`;
        const message = `this writes to what ${entryName(scenario, one)} maps, which is read-only ${since}: a permission fault, which nothing mends. The reference, or the flag, belongs to the head (\`compound_head(page)\`), and a test for a fake head before ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.at, message, {
          others: one.since === undefined ? [] : [{ at: one.since, message: 'made read-only here' }],
        });
      }),
    ),
};
