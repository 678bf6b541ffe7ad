import type { CodeIndex } from '../../../simulator/machine/program';
import type { Edit } from '../../language/diagnostic';
import { fix, moveStatement } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import type { Walk } from '../walk/walker';

const example = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages  optimised }

fn restore() {
${body}}

scenario "a writer waits for the flag" {
  on fault vmemmap_handle_page_fault
  cpu 0 { restore(); }
  cpu 1 {
    wait_acquire(H.page(0).private == 1 << 3);
    fetch_or(H.page(64).private, 1);
  }
}
`;
const clear = '  ClearHPageVmemmapOptimized(H);\n';
const restore = '  vmemmap_remap_alloc(H.tail(1), H.end, H.start, 0);\n';

export const toldInWrongOrder: Rule = {
  code: 'HVO412',
  severity: 'error',
  title: 'Readers told of HVO in the wrong order',
  doc: 'Two things tell others what the tails of a huge page are: the flag of the huge page, and the key that makes everybody look for fake heads (a static key, up to v6.18 or so). At a restore both go last, when every tail is writable and flushed: who believes the flag and writes through an entry that is still read-only dies. At an optimisation the key goes first: who does not look for fake heads takes an alias of the head for a head, and writes through a read-only entry.',
  source: 'Linux mm/hugetlb_vmemmap.c, __hugetlb_vmemmap_optimize and __hugetlb_vmemmap_restore',
  bad: example(`${clear}//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO412\n${restore}`),
  good: example(`${restore}${clear}`),
  outcomes: ['oops-RO'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind === 'unmarkedTooEarly') {
          const make = lineName(scenario, walk, one.makeAt);
          const message = `this tells others that the tails are writable again, and ${entryName(scenario, one)} becomes so only on ${make}: who believes it meanwhile writes through a read-only entry, which is fatal. It belongs behind ${make}`;
          return found(scenario, walk, one.at, message, {
            others: [{ at: one.makeAt, message: 'becomes writable here' }],
            ...fix('Tell it behind the restore', moved(scenario, walk, one.at, 'behind', one.makeAt)),
          });
        }
        if (one.kind !== 'keyTooLate') return [];
        const since = lineName(scenario, walk, one.since);
        const message = `from here on others look for fake heads, but ${entryName(scenario, one)} leads to the head since ${since}: who asks for a head in between takes the alias for one, and writes through a read-only entry. It belongs before ${since}`;
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.since, message: 'leads to the head from here on' }],
          ...fix('Turn the key on first', moved(scenario, walk, one.at, 'before', one.since)),
        });
      }),
    ),
};

function moved(
  scenario: RuleScenario,
  walk: Walk,
  from: CodeIndex,
  where: 'before' | 'behind',
  to: CodeIndex,
): readonly Edit[] {
  const [place, target] = [placeAt(scenario, walk, from), placeAt(scenario, walk, to)];
  return place && target ? moveStatement(place, where, target) : [];
}
