import { remapExample } from '../exampleText';
import { fix, insertAfter } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt } from '../scenario';

export const makeNotPublished: Rule = {
  code: 'HVO106',
  severity: 'error',
  title: 'New entry not made visible to walkers',
  doc: 'The store of a new valid entry is seen by walkers only after a DSB. Until then they may find the entry invalid, although the lock is free and a load finds the new value: a CPU takes a translation fault, looks, finds everything right, tries again, and faults again. `set_pte` and `set_pmd` have this `dsb(ishst)` for valid kernel entries, `WRITE_ONCE` has not.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 6; Linux arch/arm64/include/asm/pgtable.h, set_pte',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  WRITE_ONCE(*ptep, entry);
//^^^^^^^^^^^^^^^^^^^^^^^^ HVO106
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['spurious-warn'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'unpublished' || one.next !== 'dsb(ishst)') return [];
        const place = placeAt(scenario, walk, one.behind);
        const until =
          one.because === 'unlock'
            ? `; the lock is released on ${lineName(scenario, walk, one.at)} all the same`
            : one.because === 'access'
              ? `; ${lineName(scenario, walk, one.at)} uses it all the same`
              : '';
        const message = `\`dsb(ishst)\` and \`isb()\` are missing behind ${lineName(scenario, walk, one.behind)}: walkers need not see the new ${entryName(scenario, one)} for some time and fault on it${until}`;
        const edits = place ? insertAfter(place, ['dsb(ishst)', 'isb()']) : [];
        return found(scenario, walk, one.since, message, fix('Insert `dsb(ishst)` and `isb()`', edits));
      }),
    ),
};
