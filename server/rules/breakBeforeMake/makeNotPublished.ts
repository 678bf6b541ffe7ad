import { remapAndUseExample } from '../exampleText';
import { fix, insertAfter } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt } from '../scenario';
import { unpublished } from '../unpublished';

export const makeNotPublished: Rule = {
  code: 'HVO106',
  severity: 'error',
  title: 'New entry not made visible to walkers',
  doc: 'The store of a new valid entry is seen by walkers only after a DSB. Until then they may find the entry invalid, although the lock is free and a load finds the new value: a CPU takes a translation fault, looks, finds everything right, tries again, and faults again. The architecture sets no time for a store to become visible by itself, so the barrier is asked for even where a model shows no worse than a spurious fault. `set_pte` and `set_pmd` have this `dsb(ishst)` for valid kernel entries, `WRITE_ONCE` has not.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 6; Linux arch/arm64/include/asm/pgtable.h, set_pte',
  bad: remapAndUseExample(`  WRITE_ONCE(*ptep, entry);
//^^^^^^^^^^^^^^^^^^^^^^^^ HVO106`),
  good: remapAndUseExample('  set_pte_at(addr, ptep, entry);'),
  outcomes: ['spurious-warn', 'oops-paging'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      unpublished(walk, 'dsb(ishst)').flatMap((one) => {
        const behind = placeAt(scenario, walk, one.behind);
        const isHere = behind?.source === placeAt(scenario, walk, one.since)?.source;
        const until =
          one.because === 'unlock'
            ? `; the lock is released on ${lineName(scenario, walk, one.at)} all the same`
            : one.because === 'access'
              ? `; ${lineName(scenario, walk, one.at)} uses it all the same`
              : '';
        const message = `\`dsb(ishst)\` and \`isb()\` are missing behind ${lineName(scenario, walk, one.behind)}: walkers need not see the new ${entryName(scenario, one)} for some time and fault on it${until}`;
        const edits = behind && isHere ? insertAfter(behind, ['dsb(ishst)', 'isb()']) : [];
        return found(scenario, walk, one.since, message, fix('Insert `dsb(ishst)` and `isb()`', edits));
      }),
    ),
};
