import { fix, moveStatement } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt } from '../scenario';
import { isBlind } from './hookText';

const example = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn hook(addr, esr) {
  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
${body}
  return ret;
}

scenario "a reader in the window" {
  on fault hook
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;

export const lookOutsideLock: Rule = {
  code: 'HVO306',
  severity: 'error',
  title: 'Entry read outside the lock',
  doc: 'The hook reads the entry, and then waits for the lock of whoever may be changing it. By the time that it has the lock the change is done, and the decision rests on what was there before: an oops on a mapping that is whole. The entry is read once, and inside the lock.',
  source: 'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_handle_page_fault',
  bad: example(`  let ret = vmemmap_addr_healthy(addr);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO306
  spin_lock(init_mm.page_table_lock);
  spin_unlock(init_mm.page_table_lock);`),
  good: example(`  spin_lock(init_mm.page_table_lock);
  let ret = vmemmap_addr_healthy(addr);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['oops-paging'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'blindRetry' || one.lookedBefore === undefined) return [];
        if (!isBlind(scenario, walk, one.at)) return [];
        const read = placeAt(scenario, walk, one.lookedBefore);
        const released = placeAt(scenario, walk, one.at);
        const unlock = lineName(scenario, walk, one.at);
        const message = `the entry is read before the hook has ${lockName(scenario, one.lock)}, and not again: whoever held the lock has made it whole meanwhile, and the hook gives up all the same. The read belongs inside the lock, before ${unlock}`;
        return found(scenario, walk, one.lookedBefore, message, {
          others: [{ at: one.at, message: 'released here' }],
          ...fix('Read inside the lock', read && released ? moveStatement(read, 'before', released) : []),
        });
      }),
    ),
};
