import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

const update = (first: string, second: string, claim: string, reader = 'cpu 1 { load(H.page(64).flags); }') => `
  hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
  scenario "${first} and ${second}" {
    on fault vmemmap_handle_page_fault
    cpu 0 {
      let ptep = virt_to_kpte(H.tail(1));
      spin_lock(init_mm.page_table_lock);
      pte_clear(H.tail(1), ptep);
      dsb(${first});
      tlbi(vaale1is, H.tail(1));
      dsb(${second});
      isb();
      set_pte_at(H.tail(1), ptep, mk_pte(H.head, PAGE_KERNEL_RO));
      spin_unlock(init_mm.page_table_lock);
      dsb(ish);
      r0 = load(H.page(64).flags);
    }
    ${reader}
    ${claim}
  }`;

describe('barriers of the non-shareable domain', () => {
  it('do not make a break visible to the walkers of other CPUs', () => {
    expect(
      verdicts(update('nshst', 'ish', 'sometimes bbm  sometimes stale-read  sometimes oops-TLB-conflict')),
    ).toEqual(['ok']);
  });

  it('do not complete a broadcast TLBI on other CPUs, whatever barrier comes later', () => {
    expect(
      verdicts(update('ishst', 'nsh', 'sometimes bbm  sometimes stale-read  sometimes oops-TLB-conflict')),
    ).toEqual(['ok']);
  });

  it('are enough where there is no other CPU', () => {
    expect(verdicts(update('nshst', 'nsh', 'never bbm || stale-read || oops', ''))).toEqual(['ok']);
  });

  it('order nothing for other CPUs', () => {
    const message = (barrier: string, claim: string) => `
      var data = 0
      var flag = 0
      scenario "${barrier}" {
        cpu 0 { WRITE_ONCE(data, 1); dmb(${barrier}); WRITE_ONCE(flag, 1); }
        cpu 1 { r0 = READ_ONCE(flag); smp_rmb(); r1 = READ_ONCE(data); }
        ${claim} r0 == 1 && r1 == 0
      }`;
    expect(verdicts(message('nshst', 'sometimes'))).toEqual(['ok']);
    expect(verdicts(message('oshst', 'never'))).toEqual(['ok']);
  });
});
