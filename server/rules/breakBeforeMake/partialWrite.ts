import { remapExample } from '../exampleText';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName } from '../scenario';

export const partialWrite: Rule = {
  code: 'HVO115',
  severity: 'error',
  title: 'Entry written in parts',
  doc: 'A walker reads the 64 bits of an entry in one piece, at any time. Between two stores that write it in parts the walker finds half of each: a valid entry with a wrong address or wrong attributes. An entry is written by one 64-bit store.',
  source: 'Arm ARM DDI 0487, B2.2 (single-copy atomicity) and D8.17; Linux include/asm-generic/rwonce.h, WRITE_ONCE',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  store32(ptep + 4, entry >> 32);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO115
  store32(ptep, entry);
//^^^^^^^^^^^^^^^^^^^^ HVO115
  dsb(ishst);
  isb();
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  WRITE_ONCE(*ptep, entry);
  dsb(ishst);
  isb();
  spin_unlock(init_mm.page_table_lock);`),
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'partialWrite') return [];
        const message = `${one.bytes * 8} bits of ${entryName(scenario, one)} are written: a walker may read the entry between this store and the one of the other half. Write it by one 64-bit store, \`WRITE_ONCE\` or \`set_pte\``;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
