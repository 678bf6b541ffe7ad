import type { Edit } from '../../language/diagnostic';
import { remapExample } from '../exampleText';
import { fix, insertBefore, removeStatement, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, lockName, placeAt, type RuleScenario } from '../scenario';
import type { Observation } from '../walk/observation';
import type { Walk } from '../walk/walker';

export const ownWindow: Rule = {
  code: 'HVO208',
  severity: 'error',
  title: 'Access to what the code itself has broken',
  doc: 'Between break and make the addresses of the entry fault for everybody, the breaking CPU included. Its own fault path waits for the lock that the CPU holds: it waits for itself. List handling through `page->lru`, page flags, reference counts, debug checks and the allocator all access struct pages, and a broken PMD hides those of 128 MiB.',
  source:
    'Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_handle_page_fault; RDDMVT',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  load(addr.flags);
//^^^^^^^^^^^^^^^^ HVO208
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  load(addr.flags);
  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['self-deadlock', 'oops-paging'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'ownWindow') return [];
        const { window, at, held } = one;
        const lock = held.find((own) => scenario.hookLocks.has(own.lock));
        const harm = lock
          ? `the fault path then waits for ${lockName(scenario, lock.lock)}, which this CPU holds`
          : scenario.hookLocks.size > 0
            ? 'the fault path finds nothing to wait for'
            : 'the access faults';
        const message = `this accesses what ${entryName(scenario, window)} maps, which is broken since ${lineName(scenario, walk, window.breakAt)}: ${harm}. It belongs before ${lineName(scenario, walk, window.breakAt)}, or behind the make`;
        return found(scenario, walk, at, message, {
          others: [{ at: window.breakAt, message: 'broken here' }],
          ...fix('Do it before the break', moved(scenario, walk, one)),
        });
      }),
    ),
};

function moved(scenario: RuleScenario, walk: Walk, one: Extract<Observation, { kind: 'ownWindow' }>): readonly Edit[] {
  const place = placeAt(scenario, walk, one.at);
  const broken = placeAt(scenario, walk, one.window.breakAt);
  if (place === undefined || broken === undefined) return [];
  const standing = statementAt(place);
  if (standing === undefined || standing.statement.span.start === statementAt(broken)?.statement.span.start) return [];
  if (statementAt(broken)?.block !== standing.block) return [];
  const text = place.source.parsed.text.slice(standing.statement.span.start, standing.statement.span.end);
  return [...insertBefore(broken, [text]), ...removeStatement(place)];
}
