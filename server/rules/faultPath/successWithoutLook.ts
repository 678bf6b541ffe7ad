import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, lockName } from '../scenario';
import { isBlind } from './hookText';

const example = (answer: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
const OFFLINE = VMEMMAP_START + 0x1000

fn hook(addr, esr) {
  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
  spin_lock(init_mm.page_table_lock);
  let ret = ${answer};
  spin_unlock(init_mm.page_table_lock);
${answer === 'true' ? '//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO305\n' : ''}  return ret;
}

scenario "a struct page of an offline section" {
  on fault hook
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(OFFLINE); }
  sometimes oops-paging
}
`;

export const successWithoutLook: Rule = {
  code: 'HVO305',
  severity: 'error',
  title: 'Fault called mended without a look',
  doc: 'The hook waits for the lock and says that the fault is mended, and has not looked at the entry while it held the lock. Where vmemmap has a true hole (an offline section, a bad page frame number) the access faults again, for ever, and no oops names it. The answer is what the walk finds: an entry that is valid by its type bits.',
  source: 'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_addr_healthy',
  bad: example('true'),
  good: example('vmemmap_addr_healthy(addr)'),
  outcomes: ['livelock'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'blindRetry' || one.lookedBefore !== undefined) return [];
        if (!isBlind(scenario, walk, one.at)) return [];
        const here = lineName(scenario, walk, one.at);
        const message = `the hook waits for ${lockName(scenario, one.lock)} and lets the access be done again without having looked at the entry: where there is no entry at all it faults for ever. A walk to the entry, such as \`vmemmap_addr_healthy(addr)\`, is missing before ${here}, and its answer is the hook's`;
        return found(scenario, walk, one.at, message);
      }),
    ),
};
