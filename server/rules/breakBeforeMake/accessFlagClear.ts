import type { Edit } from '../../language/diagnostic';
import { changeText } from '../changeText';
import { remapExample } from '../exampleText';
import { fix, replace, statementAt } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { entryName, lineName, placeAt, type RuleScenario } from '../scenario';
import { isUsed } from '../usedEntry';
import type { Walk } from '../walk/walker';

export const accessFlagClear: Rule = {
  code: 'HVO118',
  severity: 'error',
  title: 'Access flag clear on a CPU that does not set it',
  doc: 'An entry is valid and its access flag is clear. A CPU with hardware management of the flag (`hw_af yes`) sets it on the first access; any other one takes an access flag fault, and Linux has no handler for that on a kernel address: the access is fatal, and in an interrupt the machine panics. The trick that clears the flag of a block in place of a break needs hardware management on every CPU.',
  source: 'Arm ARM DDI 0487, D8.5 (FEAT_HAFDBS); Linux arch/arm64/mm/fault.c, fault_info',
  bad: remapExample(
    `  vmemmap_update_pte(addr, ptep, entry & ~PTE_AF);
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO118`,
    'machine { hw_af no }\n',
  ),
  good: remapExample('  vmemmap_update_pte(addr, ptep, entry);', 'machine { hw_af no }\n'),
  outcomes: ['oops-AF', 'panic'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'accessFlagClear' || !isUsed(scenario, walk, one, one.at)) return [];
        const message = `${entryName(scenario, one)} is valid with a clear access flag, and the CPUs do not set it by themselves (\`hw_af no\`): the next access takes an access flag fault, which is fatal on a kernel address. \`| PTE_AF\` is missing on ${lineName(scenario, walk, one.at)}`;
        return found(scenario, walk, one.at, message, fix('Set the access flag', setFlag(scenario, walk, one.at)));
      }),
    ),
};

/** The new value of the statement, with the flag. */
function setFlag(scenario: RuleScenario, walk: Walk, at: number): readonly Edit[] {
  const place = placeAt(scenario, walk, at);
  const { value } = place === undefined ? {} : changeText(place);
  const standing = place && statementAt(place);
  if (value === undefined || standing === undefined) return [];
  const { start } = standing.statement.span;
  const text = standing.source.parsed.text.slice(start, standing.statement.span.end);
  const from = start + text.lastIndexOf(value);
  const without = /^(.*\S)\s*&\s*~\s*PTE_AF$/.exec(value)?.[1];
  return [replace({ start: from, end: from + value.length }, without ?? `(${value}) | PTE_AF`)];
}
