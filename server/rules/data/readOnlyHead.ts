import { fix } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName } from '../scenario';
import { changeProtection } from './protectionText';

const example = (protection: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the huge page is used" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(H.head, ${protection})); }
${protection === 'PAGE_KERNEL' ? '' : `//        ${'^'.repeat(82)} HVO409\n`}  cpu 1 { fetch_add32(H.page(0).refcount, 1); }
}
`;

export const readOnlyHead: Rule = {
  code: 'HVO409',
  severity: 'warning',
  title: 'Head mapped read-only',
  doc: 'The page of vmemmap that holds the head, with its flags and its reference count, is mapped read-only and stays so. HVO makes the tails read-only; the head is written by every user of the huge page, and the first reference kills the kernel (no hook mends a permission fault).',
  source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_pte (PAGE_KERNEL for the head, PAGE_KERNEL_RO for the tails)',
  bad: example('PAGE_KERNEL_RO'),
  good: example('PAGE_KERNEL'),
  outcomes: ['oops-RO'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'readOnlyHead') return [];
        const message = `${entryName(scenario, one)} is the head's entry, and it is read-only from here on: the first reference to the huge page, or the first flag that is set, is fatal. \`PAGE_KERNEL\` belongs on ${lineName(scenario, walk, one.at)}`;
        return found(
          scenario,
          walk,
          one.at,
          message,
          fix('Use `PAGE_KERNEL`', changeProtection(scenario, walk, one.at, 'PAGE_KERNEL_RO', 'PAGE_KERNEL')),
        );
      }),
    ),
};
