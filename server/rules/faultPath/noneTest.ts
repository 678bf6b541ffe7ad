import type { Expression } from '../../language/ast';
import type { Edit } from '../../language/diagnostic';
import type { Place } from '../../language/elaborate/source';
import { visitBlock } from '../../language/walk';
import { calleeName, fix, replace, statementAt, textOf } from '../fixes';
import { found } from '../found';
import type { Rule } from '../rule';
import { lineName, placeAt, type RuleScenario } from '../scenario';

const example = (test: string, mark = ''): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn hook(addr, esr) {
  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
  let ptep = virt_to_kpte(addr);
  spin_lock(init_mm.page_table_lock);
  let ret = ${test};
${mark}  spin_unlock(init_mm.page_table_lock);
  return ret;
}

scenario "an entry that is not present" {
  on fault hook
  cpu 0 {
    // Invalid, and not zero: software keeps what it was.
    store(virt_to_kpte(H.tail(1)), mk_pte(H.frame(1), PAGE_KERNEL) & ~PTE_VALID);
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    free_page(H.frame(1));
  }
  cpu 1 { load(H.page(64).flags); }
  sometimes oops-paging
}
`;

export const noneTest: Rule = {
  code: 'HVO307',
  severity: 'error',
  title: 'Entry called healthy because it is not none',
  doc: 'The hook asks whether the entry is zero, and not for its type bits. An entry may be invalid and not zero (software keeps something in it), and at level 3 bits 1:0 may be 0b01, which is reserved: both fault, and both count as healthy. The access is done again and faults again, for ever. A warning where no code of the scenario stores such an entry.',
  source:
    'Arm ARM DDI 0487, D8.3 (descriptor types); Linux, "arm64: mm: HVO: support BBM of vmemmap pgtable safely" (patch 2/3): vmemmap_addr_healthy',
  bad: example('ptep_get(ptep) != 0', '//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO307\n'),
  good: example('(ptep_get(ptep) & PTE_TYPE_MASK) == PTE_TYPE_PAGE'),
  outcomes: ['livelock'],
  check: (scenario) =>
    scenario.walks.flatMap((walk) =>
      walk.observations.flatMap((one) => {
        if (one.kind !== 'noneTest') return [];
        const place = placeAt(scenario, walk, one.at);
        const message = `the hook takes the entry for healthy because it is not none: an entry that is invalid and not zero faults again, for ever. \`(… & PTE_TYPE_MASK) == PTE_TYPE_PAGE\` belongs on ${lineName(scenario, walk, one.at)}`;
        const edits = fix('Ask for the type bits', place ? askForType(place) : []);
        const findings = found(scenario, walk, one.at, message, edits);
        return isWritten(scenario)
          ? findings
          : findings.map((finding) => ({ ...finding, severity: 'warning' as const }));
      }),
    ),
};

/** Whether some code of the scenario may store an entry that is not zero and that a walk takes for invalid. */
function isWritten({ walks, tables }: RuleScenario): boolean {
  const faults = (value: bigint, level: number) =>
    value !== 0n && ((value & 1n) === 0n || (level === 3 && (value & 2n) === 0n));
  return walks.some(({ stores }) =>
    [...stores].some(([word, values]) => {
      const place = tables.initial.get(word & ~(tables.pageBytes - 1n));
      return place !== undefined && (values === 'unknown' || values.some((value) => faults(value, place.level)));
    }),
  );
}

/** `x != 0`, or `!pte_none(x)`, where x holds the place of the read. */
function askForType(place: Place): readonly Edit[] {
  const standing = statementAt(place);
  if (standing === undefined) return [];
  let edits: readonly Edit[] = [];
  const { statement } = standing;
  visitBlock({ statements: [statement], braced: true, span: statement.span }, (one) => {
    const read = tested(one);
    if (read !== undefined)
      edits = [replace(one.span, `(${textOf(standing.source, read)} & PTE_TYPE_MASK) == PTE_TYPE_PAGE`)];
  });
  return edits;
}

function tested(one: Expression): Expression | undefined {
  if (one.kind === 'binary' && one.operator === '!=' && one.right.kind === 'number') return one.left;
  if (one.kind !== 'unary' || one.operator !== '!' || one.operand.kind !== 'call') return undefined;
  return calleeName(one.operand) === 'pte_none' ? one.operand.arguments[0] : undefined;
}
