import { remapExample } from '../exampleText';
import { fix } from '../fixes';
import { found } from '../found';
import { lockAround, takeText } from '../lockText';
import type { Rule } from '../rule';
import { entryName, lineName, lockName, placeAt, type RuleScenario } from '../scenario';
import type { Walk } from '../walk/walker';
import { hookedWindows, hookLockOf } from '../windows';

export const windowWithoutLock: Rule = {
  code: 'HVO201',
  severity: 'error',
  title: "Entry broken without the fault path's lock",
  doc: 'The hook of the fault path waits for a lock, then looks at the entry, and tries the access again when it is whole. That works only when whoever breaks an entry holds that lock until the entry is valid again. Without it the hook finds the lock free and the entry none, takes it for a true hole, and the kernel dies.',
  source:
    'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_update_pte and vmemmap_handle_page_fault',
  bad: remapExample(`  pte_clear(addr, ptep);
//^^^^^^^^^^^^^^^^^^^^^ HVO201
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['oops-paging'],
  check: (scenario) =>
    hookedWindows(scenario)
      .filter(
        ({ walk, window }) => hookLockOf(scenario, window) === undefined && !isAsserted(scenario, walk, window.breakAt),
      )
      .flatMap(({ walk, window, makeAt }) => {
        const [lock] = scenario.hookLocks;
        if (lock === undefined) return [];
        const first = placeAt(scenario, walk, window.breakAt);
        const last = placeAt(scenario, walk, makeAt);
        const message = `${entryName(scenario, window)} is invalid from here to ${lineName(scenario, walk, makeAt)} without ${lockName(scenario, lock)}, for which the fault path waits: a CPU that faults meanwhile finds the lock free, the entry none, and dies. \`${takeText(scenario, lock)}\` is missing before ${lineName(scenario, walk, window.breakAt)}`;
        return found(scenario, walk, window.breakAt, message, {
          others: [{ at: makeAt, message: 'made valid again here' }],
          ...fix('Hold the lock over break and make', first && last ? lockAround(scenario, lock, first, last) : []),
        });
      }),
};

/** The same is said where a lockdep assertion of the same call fails. */
function isAsserted(scenario: RuleScenario, walk: Walk, at: number): boolean {
  const place = placeAt(scenario, walk, at);
  return walk.observations.some((one) => {
    if (one.kind !== 'assertFails' || !scenario.hookLocks.has(one.lock)) return false;
    const asserted = placeAt(scenario, walk, one.at);
    return asserted?.source === place?.source && asserted?.span.start === place?.span.start;
  });
}
