import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { remapExample } from '../exampleText';
import { fix, insertAfter } from '../fixes';
import { outcomesOfOldTranslation, type StepProblem, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { addressText, flushStatement, stepStatements } from '../flushText';
import { found } from '../found';
import type { Rule, RuleFinding } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';

export const missingTlbi: Rule = {
  code: 'HVO103',
  severity: 'error',
  title: 'TLBI missing',
  doc: 'Every change of a valid entry leaves the old translation in TLBs until a TLBI removes it. Without one, a CPU may go through the old entry for ever: it reads and writes a page that is no longer mapped, and that somebody else may own by then. Where the new entry conflicts with the old one, both in a TLB are unpredictable. A TLBI that comes before the change does not count: the walker may fetch the old entry once more. Where only the permission changes, the old translation leads to the same page, and no access ends otherwise than it could have a moment before: then no execution shows harm, but the change never takes effect, so the whole flush is required all the same. Where only the access flag is cleared, no flush is required: an access through the old translation leaves the page old, which page aging takes into account.',
  source:
    'Arm ARM DDI 0487, D8.17: RDDMVT step 3, RGPPYH; Linux asm/pgtable.h, ptep_clear_flush_young (no DSB, and a TLBI only out of courtesy)',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  dsb(ishst);
  set_pte_at(addr, ptep, entry);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO103
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault }) => fault === 'noTlbi')
      .flatMap((problem) =>
        problem.because === 'never' ? neverFlushed(scenario, problem) : notBefore(scenario, problem),
      ),
};

/** The entry is made valid again with nothing removed from TLBs since the break. */
function notBefore(scenario: RuleScenario, problem: StepProblem): readonly RuleFinding[] {
  const { walk, since, at, missing } = problem;
  const here = lineName(scenario, walk, at);
  const address = addressText(scenario, walk, problem, since, at);
  const statements = stepStatements(problem, missing, address);
  const message = `no TLBI since ${entryName(scenario, problem)} was changed on ${lineName(scenario, walk, since)}: TLBs may still hold the old translation beside the one that is written here. ${list(statements)} ${statements.length > 1 ? 'are' : 'is'} missing before ${here}${earlierText(scenario, problem)}`;
  return found(scenario, walk, at, message, {
    others: [{ at: since, message: 'changed here' }],
    ...fix(`Insert ${list(statements)}`, repairSteps(scenario, problem, missing, at)),
  });
}

/** The code ends, and nothing was ever removed. */
function neverFlushed(scenario: RuleScenario, problem: StepProblem): readonly RuleFinding[] {
  const { walk, since, missing } = problem;
  const address = addressText(scenario, walk, problem, since, since);
  const place = placeAt(scenario, walk, since);
  const statements =
    missing.length === 3 ? [flushStatement(problem, address)] : stepStatements(problem, missing, address);
  const message = `${entryName(scenario, problem)} changes here and is never flushed: every CPU may go on with the old translation. ${list(statements)} ${statements.length > 1 ? 'are' : 'is'} missing behind ${lineName(scenario, walk, since)}${earlierText(scenario, problem)}`;
  return found(
    scenario,
    walk,
    since,
    message,
    fix(`Insert ${list(statements)}`, place ? insertStatements(scenario, problem, place, statements) : []),
  );
}

/** Behind the change; or, where barriers that stand there are part of the sequence, between them. */
function insertStatements(
  scenario: RuleScenario,
  problem: StepProblem,
  place: Place,
  statements: readonly string[],
): readonly Edit[] {
  const { walk, missing, since, at } = problem;
  const isBetween = missing.every(({ before }) => {
    const next = before === at ? undefined : placeAt(scenario, walk, before);
    return next !== undefined && next.span.start !== place.span.start;
  });
  return isBetween ? repairSteps(scenario, problem, missing, since) : insertAfter(place, statements);
}

function earlierText(scenario: RuleScenario, { walk, earlierTlbi }: StepProblem): string {
  if (earlierTlbi === undefined) return '';
  return `; the TLBI on ${lineName(scenario, walk, earlierTlbi)} comes before the change, so a walker may fetch the old entry again after it`;
}

const list = (statements: readonly string[]): string => statements.map((one) => `\`${one}\``).join(' and ');
