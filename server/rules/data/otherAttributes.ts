import { decodeDescriptor, type LeafDescriptor } from '../../../simulator/machine/descriptor';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';

const example = (attributes: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "a tail is remapped" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let entry = mk_pte(H.head, PAGE_KERNEL_RO)${attributes};
    vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), entry);
${attributes === '' ? '' : `//  ${'^'.repeat(61)} HVO414\n`}  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const otherAttributes: Rule = {
  code: 'HVO414',
  severity: 'warning',
  title: 'One page mapped with two memory types',
  doc: 'Memory is mapped by the linear map as Normal, write-back, inner shareable. An entry that maps a page of it as Device, as non-cacheable, or with another shareability makes the two mappings disagree: what is written through one need not be seen through the other, and atomics and exclusives may fail. Break-before-make does not help, since both mappings stay. The linear map has to change too (set_memory_*), or the attributes have to be those of PAGE_KERNEL. No execution shows harm: memory is coherent in the model whatever the attributes, and what a mismatch does the architecture leaves open.',
  source: 'Arm ARM DDI 0487, B2.16 (mismatched memory attributes); Linux arch/arm64/mm/mmu.c, map_mem',
  bad: example(' | 3 << 2'),
  good: example(''),
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'otherAttributes') return [];
        const leaf = decodeDescriptor(one.entry.format, one.entry.place.level, one.value);
        if (leaf.kind !== 'leaf') return [];
        const message = `${entryName(scenario, one)} maps memory ${attributeText(leaf)} from here on, and the linear map has the same page as Normal, write-back, inner shareable: the two disagree, and coherency is lost. The attributes of \`PAGE_KERNEL\` belong on ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.at, message);
      }),
    ),
};

/** Linux indices of MAIR_EL1: 0 and 1 are Normal, write-back, as the linear map. */
const types = ['Normal', 'Normal, tagged', 'Normal, non-cacheable', 'Device-nGnRnE', 'Device-nGnRE'];
const shareabilities = ['non-shareable', 'with a reserved shareability', 'outer shareable', 'inner shareable'];

function attributeText({ attrIndex, sh }: LeafDescriptor): string {
  return attrIndex > 1 ? `as ${types[attrIndex] ?? `attribute ${attrIndex}`}` : (shareabilities[sh] ?? '');
}
