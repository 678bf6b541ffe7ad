import type { Edit } from '../../language/diagnostic';
import { fix, insertBefore, removeStatement, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt, type RuleScenario } from '../scenario';
import type { Observation } from '../walk/observation';
import type { Walk } from '../walk/walker';
import { isBlind } from './hookText';

const example = (body: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn hook(addr, esr) {
  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
${body}
  return ret;
}

scenario "a reader in the window" {
  on fault hook
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { load(H.page(64).flags); }
}
`;

export const lookOutsideLock: Rule = {
  code: 'HVO306',
  severity: 'error',
  title: 'Entry read outside the lock',
  doc: 'The hook reads the entry, and then waits for the lock of whoever may be changing it. By the time that it has the lock the change is done, and the decision rests on what was there before: an oops on a mapping that is whole. The entry is read once, and inside the lock.',
  source: 'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_handle_page_fault',
  bad: example(`  let ret = vmemmap_addr_healthy(addr);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO306
  spin_lock(init_mm.page_table_lock);
  spin_unlock(init_mm.page_table_lock);`),
  good: example(`  spin_lock(init_mm.page_table_lock);
  let ret = vmemmap_addr_healthy(addr);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['oops-paging'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'blindRetry' || one.lookedBefore === undefined) return [];
        if (!isBlind(scenario, walk, one.at)) return [];
        const unlock = lineName(scenario, walk, one.at);
        const message = `the entry is read before the hook has ${lockName(scenario, one.lock)}, and not again: whoever held the lock has made it whole meanwhile, and the hook gives up all the same. The read belongs inside the lock, before ${unlock}`;
        return found(scenario, walk, one.lookedBefore, message, {
          others: [{ at: one.at, message: 'released here' }],
          ...fix('Read inside the lock', moved(scenario, walk, one)),
        });
      }),
    ),
};

/** The statement that reads goes before the unlock, where both stand in one block. */
function moved(
  scenario: RuleScenario,
  walk: Walk,
  { at, lookedBefore }: Extract<Observation, { kind: 'blindRetry' }>,
): readonly Edit[] {
  const [read, unlock] = [
    lookedBefore === undefined ? undefined : placeAt(scenario, walk, lookedBefore),
    placeAt(scenario, walk, at),
  ];
  const [from, to] = [read && statementAt(read), unlock && statementAt(unlock)];
  if (!read || !unlock || !from || from.block !== to?.block || from.statement.kind !== 'let') return [];
  const { start, end } = from.statement.span;
  return [...removeStatement(read), ...insertBefore(unlock, [from.source.parsed.text.slice(start, end)])];
}
