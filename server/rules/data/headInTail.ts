import type { CodeIndex } from '../../../simulator/machine/program';
import { callIn, fix, insertAfter, textOf } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import type { EntryAt } from '../walk/observation';
import type { Walk } from '../walk/walker';

const example = (reset: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages  optimised }

scenario "a tail page is restored, and looked at" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let page = alloc_page();
    copy_page(__va(page), H.start);
${reset === '' ? '//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO411\n' : reset}    smp_wmb();
    vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(page, PAGE_KERNEL));
    BUG_ON(!(READ_ONCE(H.page(64).compound_head) & 1));
  }
}
`;

export const headInTail: Rule = {
  code: 'HVO411',
  severity: 'error',
  title: 'Restored tail page keeps the struct pages of the head',
  doc: "A tail page that is restored is filled with a copy of the page that was kept, which begins with the head and its first tails, whose struct pages hold the huge page's metadata. The first struct pages of the copy have to be made plain tails before it is mapped; else a tail carries PG_head or a mapping of its own, and the allocator reports a bad page state when the huge page is freed. It is told where some code of the scenario looks at what makes a tail. Since v7.2 tails come from a page of tails, and nothing has to be reset.",
  source: 'Linux mm/hugetlb_vmemmap.c, reset_struct_pages; mm/page_alloc.c, free_tail_page_prepare',
  bad: example(''),
  good: example('    reset_struct_pages(__va(page), H.start);\n'),
  outcomes: ['BUG', 'assert'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'headInTail') return [];
        const copy = copyAt(scenario, walk, one.storedAt);
        if (!isLookedAt(scenario, one)) return [];
        // Who fills a page in another way knows what belongs there.
        if (copy === undefined) return [];
        const { to, from } = copy;
        const reset = `reset_struct_pages(${to}, ${from})`;
        const message = `the page is a copy of the head's page, and ${entryName(scenario, one)}, an entry of tails, leads to it from ${lineName(scenario, walk, one.at)} on: its first struct page is no tail, which is a bad page state when the huge page is freed. \`${reset}\` is missing behind ${lineName(scenario, walk, one.storedAt)}`;
        return found(scenario, walk, one.storedAt, message, {
          others: [{ at: one.at, message: 'mapped here' }],
          ...fix('Reset the first struct pages', insertAfter(copy.place, [reset])),
        });
      }),
    ),
};

/** The copy that a store is part of, in the user's own text. */
function copyAt(scenario: RuleScenario, walk: Walk, at: CodeIndex) {
  const place = placeAt(scenario, walk, at);
  const call = place && callIn(place, (name) => name === 'copy_page');
  const [to, from] = call?.arguments ?? [];
  if (place === undefined || to === undefined || from === undefined) return undefined;
  return { place, to: textOf(place.source, to), from: textOf(place.source, from) };
}

/** Whether some code reads `compound_head` or `mapping` of a struct page that the entry maps. */
function isLookedAt({ walks }: RuleScenario, { entry }: EntryAt): boolean {
  const { first, last } = entry.place;
  return walks.some(({ touches }) =>
    touches.some(
      ({ address }) => first <= address && address <= last && tellingWords.has(address & (structPageBytes - 8n)),
    ),
  );
}

const structPageBytes = 64n;
const tellingWords: ReadonlySet<bigint> = new Set([0x08n, 0x18n]);
