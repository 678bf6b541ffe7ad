import { outcomesOfOldTranslation } from '../flushProblems';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (stores: string): string => `machine { memstart 0x1_0000_0000 }
hugepage H { size 2M  at 0x2_0000_0000  vmemmap pages }

scenario "an entry becomes valid while another CPU goes through it" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let ptep = virt_to_kpte(H.tail(1));
    let entry = mk_pte(H.head, PAGE_KERNEL_RO);
    spin_lock(init_mm.page_table_lock);
    pte_clear(H.tail(1), ptep);
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
${stores}
    dsb(ishst);
    isb();
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const partialWrite: Rule = {
  code: 'HVO115',
  severity: 'error',
  title: 'Entry written in parts',
  doc: 'A walker reads the 64 bits of an entry in one piece, at any time. When the half with the valid bit is written first, the walker finds a valid entry with a wrong address or wrong attributes, and may cache it. An entry is written by one 64-bit store.',
  source: 'Arm ARM DDI 0487, B2.2 (single-copy atomicity) and D8.17; Linux include/asm-generic/rwonce.h, WRITE_ONCE',
  bad: example(`    store32(ptep, entry);
//  ^^^^^^^^^^^^^^^^^^^^ HVO115
    store32(ptep + 4, entry >> 32);`),
  good: example('    WRITE_ONCE(*ptep, entry);'),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'partialWrite') return [];
        const message = `${entryName(scenario, one)} is valid after this store, and ${lineName(scenario, walk, one.restAt)} writes the rest of it: between the two a walker finds a wrong address or wrong attributes. Write it by one 64-bit store, \`WRITE_ONCE\` or \`set_pte\``;
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.restAt, message: 'the rest is written here' }],
        });
      }),
    ),
};
