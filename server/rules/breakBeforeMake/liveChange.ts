import { bbmNumber } from '../../../simulator/machine/descriptorChange';
import type { EntryFinding } from '../../../simulator/machine/entryProtocol';
import type { CodeIndex } from '../../../simulator/machine/program';
import type { Edit } from '../../language/diagnostic';
import { changeText } from '../changeText';
import { remapExample } from '../exampleText';
import { fix, insertBefore, replace, statementAt } from '../fixes';
import { outcomesOfOldTranslation } from '../flushProblems';
import { flushStatement } from '../flushText';
import { found } from '../found';
import type { Rule, RuleFinding } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import type { EntryAt, HeldLock } from '../walk/observation';
import type { Walk } from '../walk/walker';

export const liveChange: Rule = {
  code: 'HVO101',
  severity: 'error',
  title: 'Valid entry overwritten by a valid one',
  doc: 'While an entry is valid any CPU may hold it in its TLB, and fetch it at any time. A change of the output address (unless both are read-only and the pages hold the same bytes), of the memory type or shareability, or of the size puts a second, conflicting entry beside it. An access may then take a TLB conflict abort, which Linux does not survive, use either entry, or an amalgamation of both; exclusives may succeed that should fail. The entry has to be broken first: invalid, DSB, TLBI, DSB, and only then the new value. FEAT_BBM from level 2 on allows a change of size in place, with everything else as it was, and nothing more.',
  source: 'Arm ARM DDI 0487, D8.17: RWHZWS, RDDMVT, RFVQCK; RKFLJB and RPVTFW for FEAT_BBM',
  bad: remapExample(`  spin_lock(init_mm.page_table_lock);
  set_pte_at(addr, ptep, entry);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO101
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  spin_unlock(init_mm.page_table_lock);`),
  good: remapExample(`  spin_lock(init_mm.page_table_lock);
  pte_clear(addr, ptep);
  flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
  set_pte_at(addr, ptep, entry);
  spin_unlock(init_mm.page_table_lock);`),
  outcomes: outcomesOfOldTranslation,
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) =>
        one.kind === 'protocol' && one.finding.kind === 'noBreak' ? overwritten(scenario, walk, one, one.finding) : [],
      ),
    ),
};

function overwritten(
  scenario: RuleScenario,
  walk: Walk,
  entry: EntryAt,
  finding: EntryFinding,
): readonly RuleFinding[] {
  const { at, change } = finding;
  const what = change === undefined ? '' : `: ${change.change} (${change.rule})${levelText(scenario, change.row)}`;
  const message = `${entryName(scenario, entry)} is valid, and a valid value replaces it without break-before-make${what}. Other CPUs may use both at once. An invalid value, \`dsb(ishst)\`, a TLBI and \`dsb(ish)\` are missing before ${lineName(scenario, walk, at)}`;
  return found(
    scenario,
    walk,
    at,
    message,
    fix('Break the entry and flush it first', breakFirst(scenario, walk, { ...entry, old: finding.old }, at)),
  );
}

/** What the FEAT_BBM level of the machine has to do with it. */
function levelText({ program }: RuleScenario, row: string): string {
  const { bbm } = program.switches;
  const isSize = row === 'blockToTable' || row === 'tableToBlock';
  if (!isSize) return bbmNumber(bbm) > 0 ? `; FEAT_BBM level ${bbm} is about sizes only` : '';
  if (bbmNumber(bbm) >= 2) return `; FEAT_BBM level ${bbm} wants everything else as it was`;
  return `; FEAT_BBM is ${bbm} here${bbm === 1 ? ', which wants the nT bit and a flush first' : ''}`;
}

type Changed = EntryAt & { readonly old: bigint };

/** The break and the flush before the store; or the helper that does it all, when the lock of the fault path is not held. */
function breakFirst(scenario: RuleScenario, walk: Walk, changed: Changed, at: CodeIndex): readonly Edit[] {
  const place = placeAt(scenario, walk, at);
  const standing = place && statementAt(place);
  if (place === undefined || standing === undefined) return [];
  const { address, pointer, value, readsEntry } = changeText(place);
  const { entry } = changed;
  if (address === undefined || pointer === undefined) return [];
  const isPte = entry.place.level === 3;
  const isLocked = scenario.hookLocks.size === 0 || heldAt(walk, at).some(({ lock }) => scenario.hookLocks.has(lock));
  if (!isLocked) {
    if (!isPte || value === undefined) return [];
    return [replace(standing.statement.span, `vmemmap_update_pte(${address}, ${pointer}, ${value})`)];
  }
  const clear = isPte ? `pte_clear(${address}, ${pointer})` : `pmd_clear(${pointer})`;
  const steps = [clear, flushStatement(changed, address)];
  if (readsEntry === undefined) return insertBefore(place, steps);
  return [...insertBefore(place, [`let new_value = ${value}`, ...steps]), replace(readsEntry, 'new_value')];
}

/** Locks that are held at a change, on some way. */
function heldAt(walk: Walk, at: CodeIndex): readonly HeldLock[] {
  return walk.changes.get(at) ?? [];
}
