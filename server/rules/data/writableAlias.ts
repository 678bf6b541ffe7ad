import { fix } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, type RuleScenario } from '../scenario';
import type { EntryAt } from '../walk/observation';
import { changeProtection } from './protectionText';

const example = (protection: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages  refcount 1 }

scenario "a speculative reference to a tail that leads to the head" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    fetch_add(hugetlb_optimize_vmemmap_key, 1);
    vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, ${protection}));
${protection === 'PAGE_KERNEL_RO' ? '' : `//  ${'^'.repeat(83)} HVO410\n`}    BUG_ON(page_ref_count(H.page(0)) != 1);
  }
  cpu 1 { r0 = get_page_unless_zero(H.page(64)); }
  sometimes oops-RO || ok
}
`;

export const writableAlias: Rule = {
  code: 'HVO410',
  severity: 'warning',
  title: 'Tail mapped writable to a shared page',
  doc: 'The entry of a tail leads to a page that others have too (the page of the head, or since v7.2 the shared page of tails), and lets writes through. Nothing faults. But whoever holds the address of a struct page from before the optimisation, and takes a speculative reference there, writes to the head of a huge page in use: its count changes and is never given back, or the update is lost at the restore. It is told where some code of the scenario takes such a reference. Read-only, the same write is an oops that names the culprit.',
  source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_pte (PAGE_KERNEL_RO for the tails)',
  bad: example('PAGE_KERNEL'),
  good: example('PAGE_KERNEL_RO'),
  outcomes: ['BUG', 'assert'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'writableAlias' || !isReferenced(scenario, one)) return [];
        const shared = one.with === 'head' ? 'the page of its head' : 'the page that all tails share';
        const message = `${entryName(scenario, one)} leads to ${shared} and is writable: a speculative reference to a tail changes what is not its own, and nothing faults. \`PAGE_KERNEL_RO\` belongs on ${lineName(scenario, walk, one.at)}`;
        return found(
          scenario,
          walk,
          one.at,
          message,
          fix('Use `PAGE_KERNEL_RO`', changeProtection(scenario, walk, one.at, 'PAGE_KERNEL', 'PAGE_KERNEL_RO')),
        );
      }),
    ),
};

/** Where a struct page has its reference count: the word that holds `_refcount`. */
const structPageBytes = 64n;
const refcountWord = 0x30n;

/** Whether some code asks for a reference count that the entry maps, which it may go on to change. */
function isReferenced({ walks }: RuleScenario, { entry }: EntryAt): boolean {
  const { first, last } = entry.place;
  return walks.some(({ touches }) =>
    touches.some(
      ({ address }) => first <= address && address <= last && (address & (structPageBytes - 8n)) === refcountWord,
    ),
  );
}
