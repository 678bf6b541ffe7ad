import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { changeText } from '../changeText';
import { callIn, fix, replace, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, lockName, placeAt } from '../scenario';

const example = (statements: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "an entry is changed under the lock" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    let addr = H.tail(1);
    let ptep = virt_to_kpte(addr);
    spin_lock(init_mm.page_table_lock);
${statements}
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const recursiveLock: Rule = {
  code: 'HVO203',
  severity: 'error',
  title: 'Lock taken by its holder',
  doc: 'Spin locks, mutexes and write locks are not recursive: the CPU waits for itself, for ever ("BUG: spinlock recursion", "possible recursive locking detected"). The helper of an entry of level 3 takes init_mm.page_table_lock itself; the one of level 2 wants it held.',
  source: 'Linux Documentation/locking/lockdep-design.rst; kernel/locking/spinlock_debug.c',
  bad: example(`    vmemmap_update_pte(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO));
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO203`),
  good: example(`    pte_clear(addr, ptep);
    flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
    set_pte_at(addr, ptep, mk_pte(H.head, PAGE_KERNEL_RO));`),
  outcomes: ['self-deadlock', 'recursive-locking'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'recursion') return [];
        const place = placeAt(scenario, walk, one.at);
        const message = `${lockName(scenario, one.lock)} is taken here, and this CPU has held it since ${lineName(scenario, walk, one.since)}: it waits for itself for ever. Release the lock before, or use what expects it to be held`;
        return found(scenario, walk, one.at, message, {
          others: [{ at: one.since, message: 'taken here first' }],
          ...fix('Change the entry under the lock that is held', place ? withoutHelper(place) : []),
        });
      }),
    ),
};

/** The steps of vmemmap_update_pte without its lock. */
function withoutHelper(place: Place): readonly Edit[] {
  const standing = statementAt(place);
  const call = callIn(place, (name) => name === 'vmemmap_update_pte');
  if (standing?.statement.kind !== 'call' || call !== standing.statement.expression) return [];
  const { address, pointer, value } = changeText(place);
  if (address === undefined || pointer === undefined || value === undefined) return [];
  const { start } = standing.statement.span;
  const { text } = standing.source.parsed;
  const indent = /[^\n\r]*$/.exec(text.slice(0, start))?.[0] ?? '';
  const gap = indent.trim() === '' ? `;\n${indent}` : '; ';
  const steps = [
    `pte_clear(${address}, ${pointer})`,
    `flush_tlb_kernel_range(${address}, ${address} + PAGE_SIZE)`,
    `set_pte_at(${address}, ${pointer}, ${value})`,
  ];
  return [replace(standing.statement.span, steps.join(gap))];
}
