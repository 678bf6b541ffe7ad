import { remapExample } from '../exampleText';
import { fix, removeStatement, statementAt } from '../fixes';
import { found } from '../found';
import { givingCall } from '../lockText';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt } from '../scenario';

export const unlockNotHeld: Rule = {
  code: 'HVO205',
  severity: 'error',
  title: 'Unlock of a lock that is not held',
  doc: 'The lock is given back by somebody who does not hold it: it was released before, or never taken on this way. If another CPU holds it by then, two are inside at once ("bad unlock balance detected").',
  source: 'Linux kernel/locking/lockdep.c, print_unlock_imbalance_bug',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);
  spin_unlock(init_mm.page_table_lock);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO205`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['unlock-not-held'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'unlockNotHeld') return [];
        const place = placeAt(scenario, walk, one.at);
        const before =
          one.releasedAt === undefined
            ? 'it was never taken'
            : `${lineName(scenario, walk, one.releasedAt)} has released it`;
        const message = `${lockName(scenario, one.lock)} is released here, but this CPU does not hold it (${before}): another CPU's critical section may be opened. Take this unlock away, or take the lock before`;
        const statement = place && statementAt(place)?.statement;
        const isOnly = place && statement?.kind === 'call' && givingCall(place) === statement.expression;
        return found(scenario, walk, one.at, message, fix('Remove the unlock', isOnly ? removeStatement(place) : []));
      }),
    ),
};
