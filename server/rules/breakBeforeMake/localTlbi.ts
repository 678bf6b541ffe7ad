import { remapExample } from '../exampleText';
import { fix } from '../fixes';
import { isOwnBarrier, outcomesOfOldTranslation, type StepProblem, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import type { Walk } from '../walk/walker';

export const localTlbi: Rule = {
  code: 'HVO112',
  severity: 'error',
  title: 'TLBI on one CPU only',
  doc: 'Without `is` (or `os`) in its name a TLBI invalidates the TLB of the CPU that executes it. Kernel mappings are shared, so every other CPU keeps the old translation. A test on one CPU passes. Arm CPUs have broadcast TLBIs; no interrupt to the others is needed.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 3, and C5.5 (IS forms)',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  dsb(ishst);
  tlbi(vaale1, addr);
//^^^^^^^^^^^^^^^^^^ HVO112
  dsb(ish);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  dsb(ishst);
  tlbi(vaale1is, addr);
  dsb(ish);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault, walk }) => fault === 'local' && !othersFlushToo(scenario.walks, walk))
      .flatMap((problem) => {
        const { walk, since, step } = problem;
        const steps = stepsTogether(scenario, problem);
        const barriers = steps.filter((one) => one !== step);
        const message = `the TLBI works on this CPU only, but ${entryName(scenario, problem)}, which changed on ${lineName(scenario, walk, since)}, may be in the TLB of any CPU. Its inner shareable form (\`is\`) belongs on ${lineName(scenario, walk, step.before)}${barriers.length === 0 ? '' : `, with an inner shareable DSB on ${barriers.map(({ before }) => lineName(scenario, walk, before)).join(' and ')}`}`;
        return found(scenario, walk, step.before, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix('Use the inner shareable form', repairSteps(scenario, problem, steps, step.before)),
        });
      }),
};

/** The TLBI and the barriers that are for its CPU as it is, in their order; those of the same call change with it. */
function stepsTogether(scenario: RuleScenario, problem: StepProblem): StepProblem['missing'] {
  const { walk, step, missing } = problem;
  const startOf = (one: StepProblem['step']) => placeAt(scenario, walk, one.before)?.span.start;
  return missing.filter((one) => one === step || (isOwnBarrier(problem, one) && startOf(one) !== startOf(step)));
}

/** Handlers of other CPUs that invalidate as well: the flush may be done by interrupts, which one text does not show. */
function othersFlushToo(walks: readonly Walk[], own: Walk): boolean {
  return walks.some(
    ({ context }) =>
      context.cpu !== own.context.cpu &&
      context.kind !== 'program' &&
      context.kind !== 'fault' &&
      context.code.code.some(({ kind }) => kind === 'tlbi'),
  );
}
