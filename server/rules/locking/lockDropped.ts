import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { remapExample } from '../exampleText';
import { fix, insertAfter, removeStatement, statementAt } from '../fixes';
import { found } from '../found';
import { giveText, givingCall, takingCall } from '../lockText';
import type { Rule } from '../rule';
import { entryName, lineName, lockName, placeAt, type RuleScenario } from '../scenario';
import { hookedWindows, hookLockOf, type MadeWindow } from '../windows';

export const lockDropped: Rule = {
  code: 'HVO202',
  severity: 'error',
  title: "Fault path's lock released while an entry is broken",
  doc: 'Break and make must stand in one critical section. When the lock is released in between, a CPU that waits for it in the fault path gets it, finds the entry still none, and takes it for a true hole: an oops, with everything held that the CPU held at the access.',
  source: 'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_update_pte',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  spin_unlock(init_mm.page_table_lock);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO202
  spin_lock(init_mm.page_table_lock);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['oops-paging'],
  check: (scenario) =>
    hookedWindows(scenario).flatMap((made) => {
      const { walk, window, makeAt } = made;
      const lock = hookLockOf(scenario, window);
      const drop = window.released.find((one) => one.lock === lock?.lock);
      if (lock === undefined || drop === undefined) return [];
      const message = `${lockName(scenario, lock.lock)} is released while ${entryName(scenario, window)} is invalid: it was broken on ${lineName(scenario, walk, window.breakAt)} and is made valid on ${lineName(scenario, walk, makeAt)}. The fault path takes the lock in between, finds the entry none, and the access dies. The unlock belongs behind ${lineName(scenario, walk, makeAt)}`;
      return found(scenario, walk, drop.at, message, {
        others: [
          { at: window.breakAt, message: 'broken here' },
          { at: makeAt, message: 'made valid again here' },
        ],
        ...fix('Keep the lock until the entry is valid', keepLocked(scenario, made, drop.at)),
      });
    }),
};

/** Without the unlock and the lock behind it; or with the unlock behind the make, when nothing takes the lock again. */
function keepLocked(
  scenario: RuleScenario,
  { walk, window, makeAt, heldAtMake }: MadeWindow,
  dropAt: number,
): readonly Edit[] {
  const drop = placeAt(scenario, walk, dropAt);
  const make = placeAt(scenario, walk, makeAt);
  const lock = hookLockOf(scenario, window);
  if (drop === undefined || make === undefined || lock === undefined || !isOnly(drop, givingCall)) return [];
  const again = heldAtMake.find((one) => one.lock === lock.lock);
  const block = statementAt(drop)?.block;
  if (again === undefined) {
    if (statementAt(make)?.block !== block) return [];
    return [...removeStatement(drop), ...insertAfter(make, [giveText(scenario, lock.lock)])];
  }
  const take = placeAt(scenario, walk, again.since);
  if (take === undefined || statementAt(take)?.block !== block || !isOnly(take, takingCall)) return [];
  return [...removeStatement(drop), ...removeStatement(take)];
}

function isOnly(place: Place, callOf: typeof givingCall): boolean {
  const standing = statementAt(place);
  return standing?.statement.kind === 'call' && callOf(place) === standing.statement.expression;
}
