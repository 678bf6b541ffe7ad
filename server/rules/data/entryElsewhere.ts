import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (split: string, mark = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap blocks }

scenario "a tail is remapped" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
${split}    let ptep = pte_offset_kernel(pmd_off_k(H.tail(1)), H.tail(1));
    vmemmap_update_pte(H.tail(1), ptep, mk_pte(H.head, PAGE_KERNEL_RO));
${mark}  }
}
`;

export const entryElsewhere: Rule = {
  code: 'HVO417',
  severity: 'error',
  title: 'Entry stored where no table is',
  doc: 'A pointer to an entry is computed from the entry above it, and that one leads to no table: it maps a block, so that the address in it is that of the memory which the block maps. The entry is stored into struct pages, whose contents are lost, and the translation stays what it was. Whether an entry is a table (`pmd_table`, not only `!pmd_none`) is asked before its address is used, under the lock of whoever may split or merge it; where it is a block, it is split first.',
  source:
    'Linux arch/arm64/include/asm/pgtable.h, pte_offset_kernel and pmd_leaf; mm/hugetlb_vmemmap.c, vmemmap_split_pmd',
  bad: example('', `//  ${'^'.repeat(67)} HVO417\n`),
  good: example('    hugetlb_vmemmap_split(H);\n'),
  outcomes: ['stray-write'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'strayEntry') return [];
        const block = entryName(scenario, one);
        const here = lineName(scenario, walk, one.at);
        const message = `this stores an entry into struct pages: its place is computed from ${block}, which maps a block here and leads to no table. A split of the block, and a test of \`pmd_table()\` before \`pte_offset_kernel()\`, are missing before ${here}`;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
