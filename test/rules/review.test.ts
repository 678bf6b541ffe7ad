/** What was said about the fault path of version 1 of the series, on its own code; and what the remarks lead to. */

import { describe, expect, it } from 'vitest';
import { verdicts } from '../machine/verdicts';
import { applyFix, checkRuleText } from './checkRuleText';

const seed = `hugepage B { size 2M  at 0x1_8000_0000  vmemmap blocks }
page slab at 0x1_8640_0000

fn vmemmap_addr_healthy(addr) {
  let pgdp = pgd_offset_k(addr);
  if (pgd_none(READ_ONCE(*pgdp))) return false;

  let p4dp = p4d_offset(pgdp, addr);
  if (p4d_none(READ_ONCE(*p4dp))) return false;

  let pudp = pud_offset(p4dp, addr);
  let pud = READ_ONCE(*pudp);
  if (pud_none(pud)) return false;

  let pmdp = pmd_offset(pudp, addr);
  let pmd = READ_ONCE(*pmdp);
  if (!pmd_table(pmd)) return false;

  let ptep = pte_offset_kernel(pmdp, addr);
  let pte = READ_ONCE(*ptep);
  return (pte & PTE_TYPE_MASK) == PTE_TYPE_PAGE;
}

fn vmemmap_handle_page_fault(addr, esr) {
  let ret = false;

  if (likely(!vmemmap_fault_may_fixup(addr, esr))) return false;

  spin_lock(init_mm.page_table_lock);
  if (vmemmap_addr_healthy(addr)) ret = true;
  spin_unlock(init_mm.page_table_lock);

  return ret;
}

scenario "a reader waits for the table" {
  on fault vmemmap_handle_page_fault
  cpu 0 { hugetlb_vmemmap_split(B); }
  cpu 1 { load(slab.struct.flags); }

  sometimes fixed-up
  never     oops
}
`;

describe('the review of version 1', () => {
  it('finds on its code what Muchun Song found, as hints', () => {
    const { diagnostics, problems } = checkRuleText(seed);
    expect(problems).toEqual([]);
    expect(
      diagnostics.map(({ code, severity, span }) => `${code} ${severity} ${seed.slice(span.start, span.end)}`),
    ).toEqual([
      'HVO602 hint pgd_offset_k(addr)',
      'HVO601 hint READ_ONCE(*pmdp)',
      'HVO601 hint READ_ONCE(*ptep)',
      'HVO603 hint ret = true',
    ]);
  });

  it('comes to the shape of version 3 by its quick fixes, which nothing is said about, with the same verdict', () => {
    let text = seed;
    for (let [first] = checkRuleText(text).diagnostics; first !== undefined; [first] = checkRuleText(text).diagnostics)
      text = applyFix(text, first);
    expect(text).toContain(`fn vmemmap_addr_healthy(addr) {
  let pmdp = pmd_off_k(addr);
  let pmd = pmdp_get(pmdp);
  if (!pmd_table(pmd)) return false;

  let ptep = pte_offset_kernel(pmdp, addr);
  let pte = ptep_get(ptep);
  return (pte & PTE_TYPE_MASK) == PTE_TYPE_PAGE;
}`);
    expect(text).toContain('  let ret = vmemmap_addr_healthy(addr);\n');
    expect(text).not.toContain('let ret = false');
    expect([verdicts(seed), verdicts(text)]).toEqual([['ok'], ['ok']]);
  });

  it('knows plain reads too, and neither writes nor places', () => {
    const text = seed
      .replace('READ_ONCE(*ptep)', '*ptep')
      .replace(
        'cpu 1 {',
        'cpu 1 { let ptep = virt_to_kpte(B.start); wait(*ptep != 1); WRITE_ONCE(*ptep, 0); *ptep = 1;',
      );
    const plain = checkRuleText(text).diagnostics.filter(({ code }) => code === 'HVO601');
    expect(plain.map(({ span }) => text.slice(span.start, span.end))).toEqual(['READ_ONCE(*pmdp)', '*ptep']);
  });
});
