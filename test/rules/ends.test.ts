import { describe, expect, it } from 'vitest';
import { checkRuleText } from './checkRuleText';

const said = (own: string, machine = '') =>
  checkRuleText(`
    hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
    const T = H.tail(1)
    var V = 0
    scenario "one" {
      machine { ${machine} }
      cpu 0 { let p = virt_to_kpte(T); pte_clear(T, p); flush_tlb_kernel_range(T, T + PAGE_SIZE); ${own} }
      cpu 1 { WRITE_ONCE(V, 1); nofault_load(H.page(64).flags); }
    }`).diagnostics.map(({ code, message }) => `${code} ${message}`);

describe('a step that is missing on some way to the end of the code', () => {
  it('is asked for before the end, which has no line', () => {
    const make = 'set_pte_at(T, p, mk_pte(H.head, PAGE_KERNEL_RO));';
    const [broken, ...others] = said(`if (READ_ONCE(V)) ${make}`);
    expect(broken).toMatch(/^HVO116 .* is missing on that way, before the end$/);
    expect(others).toEqual([]);
    const [lost] = said(`${make} let n = alloc_page(); if (READ_ONCE(V) == 0) free_page(n);`);
    expect(lost).toMatch(/^HVO402 .* is missing on that way, before the end$/);
  });
});

describe('an entry that is made and used', () => {
  const use = 'WRITE_ONCE(*p, mk_pte(H.head, PAGE_KERNEL_RO)); dsb(ishst); load(T);';

  it.each(['ets2 no', 'ets2 yes', 'ets3 yes'])('needs an isb() in between where walks pass a DSB: %s', (machine) => {
    const codes = said(use, machine).map((one) => one.slice(0, 6));
    expect(codes).toEqual(machine === 'ets2 no' ? ['HVO107'] : []);
  });
});
