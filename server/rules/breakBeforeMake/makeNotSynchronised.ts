import { remapAndUseExample } from '../exampleText';
import { fix, insertAfter } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt } from '../scenario';
import { unpublished } from '../unpublished';

export const makeNotSynchronised: Rule = {
  code: 'HVO107',
  severity: 'warning',
  title: 'No context synchronisation after the make',
  doc: 'Instructions that the CPU has fetched already may have been decided with the invalid entry. Only a context synchronisation event (ISB, exception entry or return) behind the DSB makes sure that the own accesses which follow use the new one; otherwise they may take a spurious translation fault, or use the translation from before the break. It is an error where the code itself accesses the entry next. There is no ISB for another CPU: one that was parked executes its own. With FEAT_ETS2 the DSB is enough for accesses of data, and nothing is told.',
  source: 'Arm ARM DDI 0487, D8.17: IWZCBG; Linux arch/arm64/include/asm/pgtable.h, set_pte',
  bad: remapAndUseExample(`  WRITE_ONCE(*ptep, entry);
//^^^^^^^^^^^^^^^^^^^^^^^^ HVO107
  dsb(ishst);`),
  good: remapAndUseExample(`  WRITE_ONCE(*ptep, entry);
  dsb(ishst);
  isb();`),
  outcomes: ['spurious-warn', 'stale-read'],
  check: (scenario) => {
    // A walk for an access then waits for the DSB.
    if (scenario.elaborated.program.switches.enhancedTranslationSynchronisation >= 2) return [];
    return scenario.walks.flatMap((walk) =>
      unpublished(walk, 'isb').flatMap((one) => {
        const behind = placeAt(scenario, walk, one.behind);
        const isHere = behind?.source === placeAt(scenario, walk, one.since)?.source;
        const user = one.because === 'access' ? lineName(scenario, walk, one.at) : 'what this CPU does next';
        const message = `\`isb()\` is missing behind ${lineName(scenario, walk, one.behind)}: ${user} goes through the new ${entryName(scenario, one)} and may still fault on the invalid one, or use what it was before`;
        const edits = behind && isHere ? insertAfter(behind, ['isb()']) : [];
        const findings = found(scenario, walk, one.since, message, fix('Insert `isb()`', edits));
        // Who uses the entry next takes the harm; without that it is a matter of form.
        return one.because === 'access' ? findings.map((finding) => ({ ...finding, severity: 'error' })) : findings;
      }),
    );
  },
};
