import type { CodeIndex } from '../../../simulator/machine/program';
import type { Edit } from '../../language/diagnostic';
import { functionAt } from '../changeText';
import { callIn, fix, insertBefore, textOf } from '../fixes';
import { addressText } from '../flushText';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import { isUsed } from '../usedEntry';
import type { Observation } from '../walk/observation';
import type { Walk } from '../walk/walker';

const example = (copy: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the head moves to a new page" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let page = alloc_page();
${copy}    vmemmap_update_pte(H.start, virt_to_kpte(H.start), mk_pte(page, PAGE_KERNEL));
${copy === '' ? '//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO406\n' : ''}  }
  cpu 1 { BUG_ON(load(H.page(0).flags) == 0); }
}
`;

export const shownBeforeFilled: Rule = {
  code: 'HVO406',
  severity: 'error',
  title: 'Page or table shown before it is filled',
  doc: "A live entry comes to lead to a page that was just allocated and that nothing was written to: readers find whatever it held. A new head page is a copy of the old one (flags, order, counts), a restored tail page holds tails; without that the allocator finds a bad page state, or code follows garbage. A table without entries in a block's place makes every address of the block fault, with no window that a fault could wait for.",
  source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_free (copy_page), vmemmap_restore_pte, vmemmap_split_pmd',
  bad: example(''),
  good: example('    copy_page(__va(page), H.start);\n    smp_wmb();\n'),
  outcomes: ['BUG', 'assert', 'uninitialised-read', 'oops-paging', 'bbm', 'unpredictable'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'unfilled' || !isUsed(scenario, walk, one, one.at)) return [];
        const here = lineName(scenario, walk, one.at);
        if (one.shows === 'table') {
          const empty = `${entryName(scenario, one)} becomes a table without a single entry: every access to what the block mapped faults from here on, and no lock says for how long. The entries belong into the table before ${here}, and \`smp_wmb()\` behind them`;
          return found(scenario, walk, one.at, empty);
        }
        const copy = copyText(scenario, walk, one);
        const where = lineName(scenario, walk, copyBefore(one));
        const message = `${entryName(scenario, one)} leads to a page from here on that was allocated${one.since === undefined ? '' : ` on ${lineName(scenario, walk, one.since)}`} and ${holds(one)}. ${copy === undefined ? 'The copy of the struct pages' : `\`${copy}\``} is missing before ${where}${where === here ? '' : ', where the old page can still be read'}`;
        return found(scenario, walk, one.at, message, {
          others: one.since === undefined ? [] : [{ at: one.since, message: 'allocated here' }],
          ...fix('Copy what the page is to hold', copyEdits(scenario, walk, one, copy)),
        });
      }),
    ),
};

type Unfilled = Extract<Observation, { kind: 'unfilled' }>;

/** What readers find in a page that is no copy. */
function holds({ isZeroed }: Unfilled): string {
  return isZeroed === true
    ? 'that holds nothing but zeroes: the flags, the order and the counts of the head are lost'
    : 'that nothing was written to: readers find what it happened to hold';
}

/** Behind the break the page that is to be copied is out of reach. */
const copyBefore = ({ at, breakAt }: Unfilled): CodeIndex => breakAt ?? at;

/** The copy from what the entry maps, where the text names the new page and both are known where the copy belongs. */
function copyText(scenario: RuleScenario, walk: Walk, one: Unfilled): string | undefined {
  const before = copyBefore(one);
  const [made, broken] = [placeAt(scenario, walk, one.at), placeAt(scenario, walk, before)];
  const call = made && callIn(made, (name) => name === 'mk_pte');
  const page = call?.arguments[0];
  const address = addressText(scenario, walk, one, one.at, before);
  if (page?.kind !== 'name' || address === undefined || made === undefined || broken === undefined) return undefined;
  if (functionAt(made) !== functionAt(broken) || (one.since ?? 0) > before) return undefined;
  return `copy_page(__va(${textOf(made.source, page)}), ${address})`;
}

function copyEdits(scenario: RuleScenario, walk: Walk, one: Unfilled, copy: string | undefined): readonly Edit[] {
  const place = placeAt(scenario, walk, copyBefore(one));
  return copy === undefined || place === undefined ? [] : insertBefore(place, [copy, 'smp_wmb()']);
}
