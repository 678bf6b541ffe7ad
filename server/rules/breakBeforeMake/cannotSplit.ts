import { found } from '../found';
import type { Rule } from '../rule';

const example = (
  granule: string,
  va: number,
  size: string,
  mark: string,
): string => `machine { granule ${granule}  va_bits ${va} }
hugepage H { size ${size}  at 0x1_0000_0000  vmemmap ${granule === '4K' ? 'blocks' : 'pages'} }

scenario "a block of vmemmap is split" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let pmdp = pmd_off_k(H.start);
    let table = __va(alloc_page());
    store(table + pte_index(H.start) * 8, mk_pte(H.head, PAGE_KERNEL));
    smp_wmb();
    spin_lock(init_mm.page_table_lock);
    pmd_clear(pmdp);
    __flush_tlb_kernel_pgtable(H.start);
    pmd_populate_kernel(pmdp, table);
${mark}    spin_unlock(init_mm.page_table_lock);
  }
}
`;

export const cannotSplit: Rule = {
  code: 'HVO117',
  severity: 'warning',
  title: 'Split of a block that Linux never makes',
  doc: 'Only with 4K pages does Linux map vmemmap by blocks of level 2; with 16K and 64K pages it uses pages throughout. A scenario that replaces a level 2 entry of vmemmap by a new table there shows something that cannot happen: only the entries of level 3 are remapped.',
  source: 'Linux arch/arm64/mm/mmu.c, vmemmap_populate',
  bad: example('16K', 47, '32M', '//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO117\n'),
  good: example('4K', 48, '2M', ''),
  check: (scenario) => {
    const { space, configuration } = scenario.elaborated.world.environment;
    if (configuration.granule === '4K') return [];
    return scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'split') return [];
        const { first } = one.entry.place;
        if (first < space.vmemmapStart || first >= space.vmemmapEnd) return [];
        const message = `a level 2 entry of vmemmap gets a new table, as if a block were split; with ${configuration.granule} pages Linux maps vmemmap by pages only, so this cannot happen there. Remap the entries of level 3`;
        return found(scenario, walk, one.at, message);
      }),
    );
  },
};
