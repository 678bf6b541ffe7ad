import type { CodeIndex } from '../../../simulator/machine/program';
import { remapExample } from '../exampleText';
import { fix, insertAfter } from '../fixes';
import { outcomesOfOldTranslation, type StepProblem, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import { shortfallText } from '../missingStepWords';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';

export const tlbiNotComplete: Rule = {
  code: 'HVO105',
  severity: 'error',
  title: 'TLBI not waited for',
  doc: 'A TLBI only starts the invalidation. Other CPUs may use the old entry until a DSB behind the TLBI, executed by the same CPU, is complete; what comes before that (the new value, the free of the old page) meets CPUs that still hold the old entry. The DSB must be inner shareable, to wait for the other CPUs, and must cover loads and stores: `dsb(ishst)` waits for stores and not for a TLBI, `dsb(nsh)` for this CPU only.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 4',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  dsb(ishst);
  tlbi(vaale1is, addr);
  dsb(ishst);
//^^^^^^^^^^ HVO105
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
      .filter(({ fault }) => fault === 'notComplete')
      .flatMap((problem) => {
        const { walk, since, step } = problem;
        const tlbi = problem.because === 'never' && !step.because ? lastTlbi(problem) : undefined;
        const at = tlbi ?? step.before;
        const here = lineName(scenario, walk, at);
        const missing = step.because
          ? `\`dsb(ish)\` belongs on ${here} instead: ${shortfallText(step.because)}`
          : `\`dsb(ish)\` is missing ${tlbi === undefined ? 'before' : 'behind'} ${here}`;
        const message = `${missing}. The TLBI for ${entryName(scenario, problem)} need not be complete on other CPUs ${harm(scenario, problem)}`;
        const behind = tlbi === undefined ? undefined : placeAt(scenario, walk, tlbi);
        const edits = behind ? insertAfter(behind, ['dsb(ish)']) : repairSteps(scenario, problem, [step], at);
        return found(scenario, walk, at, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix(step.because ? 'Use `dsb(ish)`' : 'Insert `dsb(ish)`', edits),
        });
      }),
};

/** The TLBI that nothing waits for: the last one behind the change that removed anything. */
function lastTlbi({ walk, since }: StepProblem): CodeIndex | undefined {
  return [...walk.usefulTlbis].filter((at) => at > since).sort((a, b) => b - a)[0];
}

function harm(scenario: RuleScenario, { walk, at, because }: StepProblem): string {
  switch (because) {
    case 'make':
      return `when ${lineName(scenario, walk, at)} writes the new value: they may hold both`;
    case 'release':
      return `when ${lineName(scenario, walk, at)} frees the page: they may still write to it`;
    case 'never':
      return 'at all: nothing says when they stop using the old entry';
  }
}
