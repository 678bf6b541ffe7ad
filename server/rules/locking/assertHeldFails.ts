import { fix } from '../fixes';
import { found } from '../found';
import { lockAround, takeText } from '../lockText';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt } from '../scenario';

const example = (before: string, behind: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

scenario "a block is split" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let table = __va(alloc_page());
    let block = pmdp_get(pmd_off_k(H.start));
    for (let i = 0; i < 8; i++) {
      store(table + i * 8, mk_pte(descriptor_pa(block) + i * PAGE_SIZE, PAGE_KERNEL));
    }
    smp_wmb();
${before}    vmemmap_update_pmd(H.start, pmd_off_k(H.start), table);
${behind}  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const assertHeldFails: Rule = {
  code: 'HVO206',
  severity: 'error',
  title: 'Called without the lock that it expects',
  doc: 'The function says with `lockdep_assert_held` that its caller holds a lock. `vmemmap_update_pmd` expects init_mm.page_table_lock: it breaks the entry, and the hook of the fault path relies on that lock.',
  source:
    'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_update_pmd; include/linux/lockdep.h',
  bad: example(
    '',
    `//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO206
`,
  ),
  good: example('    spin_lock(init_mm.page_table_lock);\n', '    spin_unlock(init_mm.page_table_lock);\n'),
  outcomes: ['lock-not-held'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'assertFails') return [];
        const place = placeAt(scenario, walk, one.at);
        const here = lineName(scenario, walk, one.at);
        const message = `${lockName(scenario, one.lock)} is expected to be held here, and it is not: \`${takeText(scenario, one.lock)}\` is missing before ${here}`;
        return found(
          scenario,
          walk,
          one.at,
          message,
          // Inside another lock it may have no place: it may sleep, or come first elsewhere.
          fix('Hold the lock', place && one.held.length === 0 ? lockAround(scenario, one.lock, place, place) : []),
        );
      }),
    ),
};
