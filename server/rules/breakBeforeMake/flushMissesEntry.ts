import { remapExample } from '../exampleText';
import { fix } from '../fixes';
import { outcomesOfOldTranslation, type StepProblem, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

export const flushMissesEntry: Rule = {
  code: 'HVO109',
  severity: 'error',
  title: 'Flush names no page whose entry changed',
  doc: 'The TLBI is there, but its addresses are not those of the entry that changed: an empty range (start equal to end), a range of another object, a pointer or a physical address where a virtual address belongs, pages counted as bytes. It removes nothing that matters, and the old translation stays.',
  source:
    'Arm ARM DDI 0487, C5.5 (operand of TLBI by VA) and D8.17: RDDMVT step 3; Linux arch/arm64/include/asm/tlbflush.h',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO109
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault }) => fault === 'missesEntry')
      .flatMap((problem) => {
        const { walk, since, step } = problem;
        const entry = entryName(scenario, problem);
        const message = `${aim(problem)}, and ${entry}, which changed on ${lineName(scenario, walk, since)}, keeps its old translation. The flush on ${lineName(scenario, walk, step.before)} has to name its address`;
        return found(scenario, walk, step.before, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix(
            'Flush the entry that changed',
            repairSteps(scenario, problem, [{ ...step, because: 'otherAddresses' }], step.before),
          ),
        });
      }),
};

function aim({ step }: StepProblem): string {
  return step.because ? 'this TLBI is for other addresses' : 'the range is empty: no TLBI is executed';
}
