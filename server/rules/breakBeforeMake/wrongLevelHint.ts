import { remapExample } from '../exampleText';
import { fix } from '../fixes';
import { outcomesOfOldTranslation, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName } from '../scenario';

export const wrongLevelHint: Rule = {
  code: 'HVO111',
  severity: 'error',
  title: 'Level hint of another level',
  doc: 'With FEAT_TTL a TLBI may say at which level the entry is. A CPU may then leave everything of other levels alone: with a wrong hint the TLBI need not remove anything. Pages are at level 3, 2 MiB blocks of 4K pages at level 2; without a hint every level is looked at.',
  source: 'Arm ARM DDI 0487, C5.5 (TTL field) and D8.17; Linux arch/arm64/include/asm/tlbflush.h, __tlbi_level',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  dsb(ishst);
  tlbi(vaale1is, addr, 2);
//^^^^^^^^^^^^^^^^^^^^^^^ HVO111
  dsb(ish);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  dsb(ishst);
  tlbi(vaale1is, addr, 3);
  dsb(ish);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault }) => fault === 'level')
      .flatMap((problem) => {
        const { walk, since, step, entry } = problem;
        const message = `the TLBI says that the entry is at another level, but ${entryName(scenario, problem)} is at level ${entry.place.level}: a CPU may remove nothing. The hint has to be ${entry.place.level}, or be left out`;
        return found(scenario, walk, step.before, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix(`Hint level ${entry.place.level}`, repairSteps(scenario, problem, [step], step.before)),
        });
      }),
};
