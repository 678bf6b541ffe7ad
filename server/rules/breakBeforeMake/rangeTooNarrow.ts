import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { callIn, fix, replace } from '../fixes';
import { outcomesOfOldTranslation, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import type { Rule, RuleFinding } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';

const example = (flush: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "two entries change, head and tail, and one flush is for both" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(0), virt_to_kpte(H.tail(0)));
    pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
    ${flush}
    set_pte_at(H.tail(0), virt_to_kpte(H.tail(0)), mk_pte(H.frame(2), PAGE_KERNEL));
    set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.frame(2), PAGE_KERNEL_RO));
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(0).flags); }
}
`;

export const rangeTooNarrow: Rule = {
  code: 'HVO108',
  severity: 'error',
  title: 'Flush does not cover every entry that changed',
  doc: 'A TLBI by address, or a flush of a range, removes what its addresses name and nothing else. A block that takes the place of a table needs all pages of the table flushed. An entry that changed outside keeps its old translation: CPUs go on writing to a page that is no longer mapped. The head page is the classic one: HVO maps it to a new page as well, so its flush begins at the head and not at the first tail.',
  source: 'Arm ARM DDI 0487, D8.17: RDDMVT step 3; Linux mm/hugetlb_vmemmap.c, vmemmap_remap_range',
  bad: example(`flush_tlb_kernel_range(H.tail(1), H.tail(2));
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO108`),
  good: example('flush_tlb_kernel_range(H.tail(0), H.tail(2));'),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) => [...entriesLeftOut(scenario), ...pagesLeft(scenario)],
};

function entriesLeftOut(scenario: RuleScenario): readonly RuleFinding[] {
  return stepProblems(scenario)
    .filter(({ fault }) => fault === 'rangeTooNarrow')
    .flatMap((problem) => {
      const { walk, since, step } = problem;
      const message = `the flush leaves out ${entryName(scenario, problem)}, which changed on ${lineName(scenario, walk, since)}: CPUs keep its old translation. Its addresses belong into the range on ${lineName(scenario, walk, step.before)}`;
      return found(scenario, walk, step.before, message, {
        others: [{ at: since, message: 'changed here' }],
        ...fix('Let the flush cover the entry', repairSteps(scenario, problem, [step], step.before)),
      });
    });
}

/** A block takes a table's place, and the flush names some of the pages that the table mapped. */
function pagesLeft(scenario: RuleScenario): readonly RuleFinding[] {
  return scenario.walks.flatMap((walk) =>
    walk.observations.flatMap((one) => {
      if (one.kind !== 'pagesLeft') return [];
      const place = placeAt(scenario, walk, one.tlbiAt);
      const message = `the flush leaves out ${one.left} of the pages that the table of ${entryName(scenario, one)} mapped, which was taken away on ${lineName(scenario, walk, one.breakAt)}: what TLBs have from them stays beside the block that ${lineName(scenario, walk, one.at)} writes. \`flush_tlb_all()\`, or a range of all its pages, belongs on ${lineName(scenario, walk, one.tlbiAt)}`;
      return found(scenario, walk, one.tlbiAt, message, {
        others: [
          { at: one.breakAt, message: 'taken away here' },
          { at: one.at, message: 'the block is written here' },
        ],
        ...fix('Flush everything', place ? flushEverything(place) : []),
      });
    }),
  );
}

function flushEverything(place: Place): readonly Edit[] {
  const tlbi = callIn(place, (name) => name === 'tlbi');
  if (tlbi !== undefined) return [replace(tlbi.span, 'tlbi(vmalle1is)')];
  const flush = callIn(place, (name) => /^(__)?flush_tlb_kernel_/.test(name));
  return flush === undefined ? [] : [replace(flush.span, 'flush_tlb_all()')];
}
