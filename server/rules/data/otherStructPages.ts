import type { Edit } from '../../language/diagnostic';
import { changeText } from '../changeText';
import { fix, replace, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import type { Observation } from '../walk/observation';
import type { Walk } from '../walk/walker';

const example = (head: string, mark = ''): string => `hugepage A { size 2M  at 0x1_0000_0000  vmemmap pages }
hugepage B { size 2M  at 0x1_0020_0000  vmemmap pages }

scenario "a tail is remapped" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    vmemmap_update_pte(A.tail(1), virt_to_kpte(A.tail(1)), mk_pte(${head}, PAGE_KERNEL_RO));
${mark}  }
  cpu 1 { BUG_ON(compound_head(A.page(65)) != A.page(0)); }
}
`;

export const otherStructPages: Rule = {
  code: 'HVO418',
  severity: 'error',
  title: "Struct pages become somebody else's",
  doc: 'HVO maps the tails of a huge page to the page that begins with its own head. An entry that leads to the struct pages of another huge page makes tails of the one look like pages of the other: compound_head() gives the wrong head, references are counted where nobody gives them back, and when the other page is freed or restored this one changes with it. An execution shows harm where somebody asks for the head of such a tail; the rule asks for the right page all the same.',
  source: 'Linux mm/hugetlb_vmemmap.c, vmemmap_remap_free (reuse); Documentation/mm/vmemmap_dedup.rst',
  bad: example('B.head', `//  ${'^'.repeat(86)} HVO418\n`),
  good: example('A.head'),
  outcomes: ['BUG', 'assert', 'WARN'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'otherPages') return [];
        const { own, other } = one;
        const whose = other === undefined ? 'pages that do not belong to it' : `the huge page ${other}`;
        const message = `${entryName(scenario, one)} comes to show the struct pages of ${whose}: who asks for the head of a tail of ${own} there finds another one. A page of ${own}, such as \`${own}.head\`, belongs on ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.at, message, fix(`Map the page of ${own}`, ownPage(scenario, walk, one)));
      }),
    ),
};

/** The same page of the huge page whose entry it is, where the text names the other one. */
function ownPage(
  scenario: RuleScenario,
  walk: Walk,
  { at, own, other }: Extract<Observation, { kind: 'otherPages' }>,
): readonly Edit[] {
  const place = placeAt(scenario, walk, at);
  const { value } = place === undefined ? {} : changeText(place);
  const standing = place && statementAt(place);
  if (other === undefined || value === undefined || standing === undefined) return [];
  const named = new RegExp(`\\b${other}(?=\\.(head|frame)\\b)`);
  if (!named.test(value)) return [];
  const { start, end } = standing.statement.span;
  const from = start + standing.source.parsed.text.slice(start, end).lastIndexOf(value);
  return [replace({ start: from, end: from + value.length }, value.replace(named, own))];
}
