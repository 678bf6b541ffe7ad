import { fix } from '../fixes';
import { outcomesOfOldTranslation, stepProblems } from '../flushProblems';
import { repairSteps } from '../flushRepair';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (flush: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a table goes away, and its page is freed" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let pmdp = pmd_off_k(H.start);
    let table = descriptor_pa(pmdp_get(pmdp));
    spin_lock(init_mm.page_table_lock);
    pmd_clear(pmdp);
    ${flush}
    spin_unlock(init_mm.page_table_lock);
    free_page(table);
  }
  cpu 1 { r0 = nofault_load(H.page(64).flags); }
}
`;

export const leafOnlyForTable: Rule = {
  code: 'HVO110',
  severity: 'error',
  title: 'Leaf-only TLBI where a table changes',
  doc: 'Walks remember table entries on the way. The leaf-only forms (VALE1, VAALE1 and the kernel functions made of them, `flush_tlb_kernel_range` among them) remove what pages and blocks gave and leave these walk caches. After a table entry changed a walk may still go through the old table, whose page may hold anything by then: wild mappings. A table needs the form of all levels, as `__flush_tlb_kernel_pgtable` has it. From a block to a table the leaf-only form is enough, because what TLBs hold is a leaf.',
  source:
    'Arm ARM DDI 0487, C5.5 (TLBI VALE1) and D8.17: RRVJDB; Linux arch/arm64/include/asm/tlbflush.h, __flush_tlb_kernel_pgtable',
  bad: example(`flush_tlb_kernel_range(H.start, H.start + PMD_SIZE);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO110`),
  good: example('__flush_tlb_kernel_pgtable(H.start);'),
  outcomes: [...outcomesOfOldTranslation, 'freed-page-reachable', 'use-after-free'],
  check: (scenario) =>
    stepProblems(scenario)
      .filter(({ fault }) => fault === 'leafOnly')
      .flatMap((problem) => {
        const { walk, since, step } = problem;
        const message = `a table is taken away (${entryName(scenario, problem)}, ${lineName(scenario, walk, since)}), but the TLBI removes only what leaf entries gave: walks may go on through the old table. \`vaae1is\`, or \`__flush_tlb_kernel_pgtable\`, belongs on ${lineName(scenario, walk, step.before)}`;
        return found(scenario, walk, step.before, message, {
          others: [{ at: since, message: 'changed here' }],
          ...fix('Use the TLBI of all levels', repairSteps(scenario, problem, [step], step.before)),
        });
      }),
};
