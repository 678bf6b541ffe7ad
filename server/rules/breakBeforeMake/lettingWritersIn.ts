import { fix, insertBefore } from '../fixes';
import { addressText, flushStatement } from '../flushText';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import type { Observation } from '../walk/observation';
import type { Walk } from '../walk/walker';

const example = (steps: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
var restored = 0

scenario "an entry becomes writable again, and a writer is told so" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    set_pte_at(addr, ptep, mk_pte(H.frame(1), PAGE_KERNEL_RO));
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, mk_pte(H.frame(1), PAGE_KERNEL));
${steps}  }
  cpu 1 { if (load_acquire(restored)) store(H.page(64).private, 1); }
}
`;
const flush = '    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);\n';
const tell = '    store_release(restored, 1);\n';

export const lettingWritersIn: Rule = {
  code: 'HVO119',
  severity: 'warning',
  title: 'Writers let in before the flush of an upgrade',
  doc: 'An entry that was read-only becomes writable. No break is needed for that, but until a TLBI, and the DSB behind it, CPUs may go on with the read-only entry: a write takes a permission fault, which neither the spurious check nor the hook mends, on an entry that is writable in memory. What lets the writers in (a flag, a count, a static key) is written after the flush.',
  source: 'Arm ARM DDI 0487, D8.17: RGPPYH; Linux mm/hugetlb_vmemmap.c, vmemmap_remap_alloc (flush, then the flag)',
  bad: example(`${tell}//  ^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO119
${flush}`),
  good: example(`${flush}${tell}`),
  outcomes: ['oops-RO'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'storeBeforeFlush' || !letsIn(scenario, walk, one)) return [];
        const entry = entryName(scenario, one);
        const here = lineName(scenario, walk, one.at);
        const address = addressText(scenario, walk, one, one.since, one.at);
        const statement = flushStatement(one, address);
        const message = `${here} lets others in who write what ${entry} maps, but it became writable on ${lineName(scenario, walk, one.since)} and is not flushed: a CPU that still has it read-only takes a permission fault, which is fatal. \`${statement}\` is missing before ${here}`;
        const place = placeAt(scenario, walk, one.at);
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.since, message: 'becomes writable here' }],
          ...fix('Flush before others are let in', place ? insertBefore(place, [statement]) : []),
        });
      }),
    ),
};

/** Whether another code looks at what is stored, and writes to what the entry maps. */
function letsIn(
  scenario: RuleScenario,
  walk: Walk,
  { stored, entry }: Extract<Observation, { kind: 'storeBeforeFlush' }>,
): boolean {
  const { first, last } = entry.place;
  return scenario.walks.some(
    (other) =>
      other !== walk &&
      other.reads.has(stored) &&
      other.touches.some(({ address, write }) => write && first <= address && address <= last),
  );
}
