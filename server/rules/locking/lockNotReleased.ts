import type { Statement } from '../../language/ast';
import type { Source } from '../../language/elaborate/source';
import { remapExample } from '../exampleText';
import { calleeName, fix, textOf } from '../fixes';
import { found } from '../found';
import { giveText } from '../lockText';
import type { Rule } from '../rule';
import { lockName, placeAt } from '../scenario';
import { closeOnWaysOut } from '../waysOut';

export const lockNotReleased: Rule = {
  code: 'HVO204',
  severity: 'error',
  title: 'Lock never released',
  doc: 'On some way through the code the lock is still held at its end: an early return, an error path, a forgotten unlock. The next CPU that wants the lock waits for ever, and so does the fault path if it is its lock. That nobody else of a scenario wants it excuses nothing.',
  source: 'Linux Documentation/locking/spinlocks.rst',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO204
  if (pte_none(ptep_get(ptep))) return;
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['lock-never-released', 'deadlock'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'lockLeft') return [];
        const place = placeAt(scenario, walk, one.since);
        const unlock = giveText(scenario, one.lock);
        const i = walk.context.code.code[one.since];
        if (i?.kind === 'lock' && i.taken !== undefined) {
          const tried = `${lockName(scenario, one.lock)} is taken here where the attempt succeeds, and on some way through the code never released then: whoever wants it next waits for ever. \`${unlock}\` is missing where the attempt has succeeded, and only there`;
          return found(scenario, walk, one.since, tried);
        }
        const message = `${lockName(scenario, one.lock)} is taken here and on some way through the code never released: whoever wants it next waits for ever. \`${unlock}\` is missing before the code ends`;
        return found(
          scenario,
          walk,
          one.since,
          message,
          fix(
            `Insert \`${unlock}\``,
            place ? closeOnWaysOut(place, unlock, (one, source) => isUnlock(one, unlock, source)) : [],
          ),
        );
      }),
    ),
};

/** A statement that gives the same lock back, whichever form it uses. */
function isUnlock(statement: Statement, unlock: string, source: Source): boolean {
  if (statement.kind !== 'call' || statement.expression.kind !== 'call') return false;
  const [name = '', argument = ''] = unlock.slice(0, -1).split('(');
  const { expression } = statement;
  const [own] = expression.arguments;
  return calleeName(expression).startsWith(name) && own !== undefined && textOf(source, own) === argument;
}
