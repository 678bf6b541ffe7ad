import type { Block, FunctionItem, LetStatement } from '../../language/ast';
import type { Source } from '../../language/elaborate/source';
import { visitBlock } from '../../language/walk';
import { calleeName, textOf } from '../fixes';
import type { Rule, RuleFinding } from '../rule';

const example = (walk: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

fn addr_healthy(addr) {
${walk}  if (!pmd_table(pmdp_get(pmdp))) return false;
  let ptep = pte_offset_kernel(pmdp, addr);
  return (ptep_get(ptep) & PTE_TYPE_MASK) == PTE_TYPE_PAGE;
}

fn handle_fault(addr, esr) {
  if (!vmemmap_fault_may_fixup(addr, esr)) return false;
  spin_lock(init_mm.page_table_lock);
  let ret = addr_healthy(addr);
  spin_unlock(init_mm.page_table_lock);
  return ret;
}

scenario "the reader waits" {
  on fault handle_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
}
`;

export const walkFromTop: Rule = {
  code: 'HVO602',
  severity: 'hint',
  title: 'Walk from the top after a level 2 or 3 fault',
  doc: 'A translation fault at level 2 or 3 proves that the levels above were there when the hardware walked them. The hook of the fault path need not look at them again: pmd_off_k goes to the level 2 entry directly (Muchun Song on version 1 of the series; versions 2 and 3 do so).',
  source: 'Linux include/linux/pgtable.h, pmd_off_k; patch 2/3 of the series, versions 2 and 3',
  bad: example(`  let pgdp = pgd_offset_k(addr);
//           ^^^^^^^^^^^^^^^^^^ HVO602
  if (pgd_none(READ_ONCE(*pgdp))) return false;
  let p4dp = p4d_offset(pgdp, addr);
  if (p4d_none(READ_ONCE(*p4dp))) return false;
  let pudp = pud_offset(p4dp, addr);
  if (pud_none(READ_ONCE(*pudp))) return false;
  let pmdp = pmd_offset(pudp, addr);
`),
  good: example('  let pmdp = pmd_off_k(addr);\n'),
  checkText: (source) => hookFunctions(source).flatMap((fn) => walkIn(source, fn.body)),
};

/** The function that `on fault` names, and those of the file that it calls. */
function hookFunctions({ parsed }: Source): readonly FunctionItem[] {
  const members = parsed.file.items.flatMap((item) => (item.kind === 'scenario' ? item.members : []));
  const functions = new Map<string, FunctionItem>();
  for (const item of [...members, ...parsed.file.items]) if (item.kind === 'fn') functions.set(item.name.name, item);
  const reached = new Set<FunctionItem>();
  const waiting = members.flatMap((member) => (member.kind === 'onFault' ? [member.handler.name] : []));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const fn = functions.get(name);
    if (fn === undefined || reached.has(fn)) continue;
    reached.add(fn);
    visitBlock(fn.body, (one) => {
      if (one.kind === 'call') waiting.push(calleeName(one));
    });
  }
  return [...reached];
}

/** From the first step of the walk to the pointer to the level 2 entry, all of it in one block. */
function walkIn(source: Source, { statements }: Block): readonly RuleFinding[] {
  const first = statements.find((one): one is LetStatement => isStep(one, 'pgd_offset_k'));
  const last = statements.find((one): one is LetStatement => isStep(one, 'pmd_offset'));
  if (first?.value.kind !== 'call' || last === undefined || last.span.start < first.span.start) return [];
  const [address] = first.value.arguments;
  if (address === undefined) return [];
  const text = `pmd_off_k(${textOf(source, address)})`;
  const span = { start: first.span.start, end: last.span.end };
  return [
    {
      place: { source, span: first.value.span },
      message: `the walk begins at the top, but a fault at level 2 or 3 proves that the levels above are there: \`${text}\` is enough`,
      fix: { title: `Use \`${text}\``, edits: [{ span, text: `let ${last.name.name} = ${text}` }] },
    },
  ];
}

function isStep(statement: Block['statements'][number], callee: string): boolean {
  return statement.kind === 'let' && statement.value.kind === 'call' && calleeName(statement.value) === callee;
}
