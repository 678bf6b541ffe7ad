import { fix, moveStatement } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt } from '../scenario';

const example = (
  first: string,
  second: string,
  mark = '',
): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the flag is set while the head moves to a new page" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let page = alloc_page();
    ${first}
    ${second}
${mark}    smp_wmb();
    vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(page, PAGE_KERNEL));
    assert(HPageVmemmapOptimized(H));
  }
  cpu 1 { r0 = load(H.page(0).flags); }
}
`;
const copy = 'copy_page(__va(page), H.start);';
const flag = 'SetHPageVmemmapOptimized(H);';

export const oldCopy: Rule = {
  code: 'HVO407',
  severity: 'error',
  title: 'Page written after it was copied',
  doc: 'A copy takes the place of a page, and the page was written after the copy was made: what was written is in the page that goes away, and the new one does not know. HVO sets the flag of the huge page before it copies the head, for this reason and for another one: with a deferred flush other CPUs use the old page for a while.',
  source: 'Linux mm/hugetlb_vmemmap.c, __hugetlb_vmemmap_optimize (the flag is set before the copy)',
  bad: example(copy, flag, '//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO407\n'),
  good: example(flag, copy),
  outcomes: ['outdated-copy', 'assert', 'BUG'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'oldCopy') return [];
        const [copyPlace, written] = [placeAt(scenario, walk, one.copiedAt), placeAt(scenario, walk, one.at)];
        const copied = lineName(scenario, walk, one.copiedAt);
        const message = `this is written to the page that ${entryName(scenario, one)} leads to, after the page was copied on ${copied}: the copy takes its place on ${lineName(scenario, walk, one.makeAt)}, and the update is lost. It belongs before ${copied}`;
        return found(scenario, walk, one.at, message, {
          others: [
            { at: one.copiedAt, message: 'copied here' },
            { at: one.makeAt, message: 'the copy takes its place here' },
          ],
          ...fix('Copy after the write', copyPlace && written ? moveStatement(copyPlace, 'behind', written) : []),
        });
      }),
    ),
};
