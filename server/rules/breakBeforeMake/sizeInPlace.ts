import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const split = (bbm: string): string => `machine { bbm ${bbm} }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

scenario "the block is replaced by a table of the same pages" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let table = __va(alloc_page());
    let block = pmdp_get(pmd_off_k(H.start));
    for (let i = 0; i < 8; i++) {
      store(table + i * 8, mk_pte(descriptor_pa(block) + i * PAGE_SIZE, PAGE_KERNEL));
    }
    dsb(ishst);
    spin_lock(init_mm.page_table_lock);
    pmd_populate_kernel(pmd_off_k(H.start), table);
`;
const rest = `    flush_tlb_kernel_range(H.start, H.start + PMD_SIZE);
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const sizeInPlace: Rule = {
  code: 'HVO102',
  severity: 'warning',
  title: 'Size changes in place where the CPU may abort',
  doc: 'FEAT_BBM level 2 lets software replace a block by a table of the same pages, or back, without a break, and level 1 lets the Contiguous bit of a group of entries change. Until the TLBI is complete a CPU may still answer an access with a TLB conflict abort. Linux has no way back from one (fault status 0x30 goes to do_bad), so it changes sizes in place only on CPUs that promise never to abort: `bbm 2-noabort`, or level 3.',
  source:
    'Arm ARM DDI 0487, D8.17: IHYQMB, RNGLXZ; Linux arch/arm64/kernel/cpufeature.c, the list of CPUs with BBML2_NOABORT',
  bad: `${split('2')}//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO102
${rest}`,
  good: `${split('2-noabort')}${rest}`,
  outcomes: ['oops-TLB-conflict'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'sizeInPlace') return [];
        const message = `the size of ${entryName(scenario, one)} changes in place (${one.change.change}). FEAT_BBM level ${scenario.program.switches.bbm} allows it, but a CPU may take a TLB conflict abort until the TLBI is complete, which is fatal in Linux. An invalid value and a flush belong before ${lineName(scenario, walk, one.at)}; or rely on it only with \`bbm 2-noabort\` or \`bbm 3\``;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
