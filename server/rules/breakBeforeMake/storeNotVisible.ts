import { remapExample } from '../exampleText';
import { fix } from '../fixes';
import { outcomesOfOldTranslation, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import { shortfallText } from '../missingStepWords';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

export const storeNotVisible: Rule = {
  code: 'HVO104',
  severity: 'error',
  title: 'TLBI before the change is visible',
  doc: 'The store to the entry may still be in the store buffer when the TLBI is done. A walker then reads the old value once more and caches it, behind the TLBI; the DSB that follows completes, and the flush has achieved nothing. `dsb(ishst)` between the store and the TLBI makes the store visible to every walker first. A DMB does not order a TLBI, and a non-shareable DSB says nothing about other CPUs.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 2',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  WRITE_ONCE(*ptep, none);
  tlbi(vaale1is, addr);
//^^^^^^^^^^^^^^^^^^^^ HVO104
  dsb(ish);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  WRITE_ONCE(*ptep, none);
  dsb(ishst);
  tlbi(vaale1is, addr);
  dsb(ish);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault }) => fault === 'storeNotVisible')
      .flatMap((problem) => {
        const { walk, since, step } = problem;
        const here = lineName(scenario, walk, step.before);
        const change = `the change of ${entryName(scenario, problem)} on ${lineName(scenario, walk, since)}`;
        const missing = step.because
          ? `\`dsb(ishst)\` belongs on ${here} instead: ${shortfallText(step.because)}`
          : `\`dsb(ishst)\` is missing before ${here}`;
        const message = `${missing}. The TLBI may run before ${change} is visible; a walker then caches the old entry again, and the flush achieves nothing`;
        return found(scenario, walk, step.before, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix(
            step.because ? 'Use `dsb(ishst)`' : 'Insert `dsb(ishst)`',
            repairSteps(scenario, problem, [step], step.before),
          ),
        });
      }),
};
