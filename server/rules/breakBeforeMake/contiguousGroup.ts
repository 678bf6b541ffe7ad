import { remapExample } from '../exampleText';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName } from '../scenario';

/** The reader goes to the page beside the one that changes. */
const neighbourExample = (body: string): string => remapExample(body).replace('H.page(64)', 'H.page(128)');

export const contiguousGroup: Rule = {
  code: 'HVO114',
  severity: 'error',
  title: 'Contiguous bit on part of a group',
  doc: 'The Contiguous bit says that all entries of an aligned group (16 with 4K pages, 128 or 32 with 16K, 32 with 64K) map one contiguous piece of memory with equal attributes, so that one TLB entry may stand for all. When only some have it, or one of them changes alone, a CPU may use for any address of the group what it finds in any of its entries; below FEAT_BBM level 1 even something that none of them says. The bit is taken from, or given to, all entries of a group, with break-before-make. Linux never uses it in vmemmap.',
  source: 'Arm ARM DDI 0487, D8.7 and D8.17: RNGLXZ, RJQQTC; Linux arch/arm64/mm/contpte.c',
  bad: neighbourExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry | PTE_CONT);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO114
  spin_unlock(init_mm.page_table_lock);`),
  good: neighbourExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['unpredictable', 'oops-TLB-conflict', 'stale-read', 'lost-update'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'contiguous') return [];
        const message = `${one.others} of the ${one.group} entries around ${entryName(scenario, one)} have the Contiguous bit after this: a CPU may use for each of them what any of them says. All of the group have to have it, or none`;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
