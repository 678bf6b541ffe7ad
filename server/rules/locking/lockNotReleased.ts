import type { Block, ReturnStatement, Statement } from '../../language/ast';
import type { Edit } from '../../language/diagnostic';
import type { Place, Source } from '../../language/elaborate/source';
import { blocksOf } from '../../language/walk';
import { remapExample } from '../exampleText';
import { calleeName, fix, insertAfter, insertBefore, statementAt, textOf } from '../fixes';
import { found } from '../found';
import { giveText } from '../lockText';
import type { Rule } from '../rule';
import { lockName, placeAt } from '../scenario';

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
        const message = `${lockName(scenario, one.lock)} is taken here and on some way through the code never released: whoever wants it next waits for ever. \`${unlock}\` is missing before the code ends`;
        return found(
          scenario,
          walk,
          one.since,
          message,
          fix(`Insert \`${unlock}\``, place ? release(place, unlock) : []),
        );
      }),
    ),
};

/** The unlock before each return on the way, and at the end of the block when it has none. */
function release(place: Place, unlock: string): readonly Edit[] {
  const standing = statementAt(place);
  if (standing === undefined || !standing.block.braced) return [];
  const { block, index, source } = standing;
  const behind = block.statements.slice(index + 1);
  const end = behind.findIndex((one) => isUnlock(one, unlock, source));
  const within = end < 0 ? behind : behind.slice(0, end);
  const returns = within.flatMap((one) => returnsIn(one, unlock, source));
  const edits = returns.flatMap((one) => insertBefore({ source, span: one.span }, [unlock]));
  const last = block.statements.at(-1) as Statement;
  if (end >= 0 || last.kind === 'return') return edits;
  return [...edits, ...insertAfter({ source, span: last.span }, [unlock])];
}

/** Returns in a statement that no unlock in the same block precedes. */
function returnsIn(statement: Statement, unlock: string, source: Source): readonly ReturnStatement[] {
  if (statement.kind === 'return') return [statement];
  return blocksOf(statement).flatMap((inner) => returnsInBlock(inner, unlock, source));
}

function returnsInBlock(block: Block, unlock: string, source: Source): readonly ReturnStatement[] {
  const end = block.statements.findIndex((one) => isUnlock(one, unlock, source));
  const before = end < 0 ? block.statements : block.statements.slice(0, end);
  return before.flatMap((one) => returnsIn(one, unlock, source));
}

/** A statement that gives the same lock back, whichever form it uses. */
function isUnlock(statement: Statement, unlock: string, source: Source): boolean {
  if (statement.kind !== 'call' || statement.expression.kind !== 'call') return false;
  const [name = '', argument = ''] = unlock.slice(0, -1).split('(');
  const { expression } = statement;
  const [own] = expression.arguments;
  return calleeName(expression).startsWith(name) && own !== undefined && textOf(source, own) === argument;
}
