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

  it('complete what the CPU does to its own TLB, by a TLBI of every CPU too', () => {
    const own = (first: string, last: string, claim: string) => `
      hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
      scenario "${first} and ${last}" {
        machine { ets2 yes }
        cpu 0 {
          let ptep = virt_to_kpte(H.tail(1));
          pte_clear(H.tail(1), ptep);
          dsb(${first});
          tlbi(vaale1is, H.tail(1));
          dsb(${last});
          r0 = nofault_load(H.page(64).flags);
          dsb(ish);
        }
        cpu 1 { r1 = nofault_load(H.page(64).flags); }
        ${claim}
        sometimes left-broken
      }`;
    const faults = 'r0 == 0 - EFAULT';
    for (const first of ['nshst', 'nsh', 'ishst'])
      for (const last of ['nsh', 'ish']) expect(verdicts(own(first, last, `never !(${faults})`))).toEqual(['ok']);
    expect(verdicts(own('nshld', 'nsh', `sometimes !(${faults})`))).toEqual(['ok']);
    expect(verdicts(own('nshst', 'nshst', `sometimes !(${faults})`))).toEqual(['ok']);
  });

  it('complete what each CPU does to its own TLB before it tells the others so', () => {
    const told = (barrier: string, claim: string) => `
      hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
      var broken = 0
      var removed = 0
      scenario "each removes its own and ${barrier}" {
        cpu 0 {
          let ptep = virt_to_kpte(H.tail(1));
          pte_clear(H.tail(1), ptep);
          dsb(ishst);
          WRITE_ONCE(broken, 1);
          tlbi(vaale1, H.tail(1));
          ${barrier}
          wait(*removed == 1);
          smp_mb();
          set_pte_at(H.tail(1), ptep, mk_pte(H.head, PAGE_KERNEL_RO));
        }
        cpu 1 {
          nofault_load(H.page(64).flags);
          wait(*broken == 1);
          smp_mb();
          tlbi(vaale1, H.tail(1));
          ${barrier}
          WRITE_ONCE(removed, 1);
        }
        ${claim}
      }`;
    expect(verdicts(told('dsb(nsh);', 'never bbm'))).toEqual(['ok']);
    expect(verdicts(told('', 'sometimes bbm'))).toEqual(['ok']);
  });

  it('do not order the filling of a table with its linking for the walkers of other CPUs', () => {
    const link = (barrier: string, claim: string) => `
      hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
      page T at 0x1_1100_0000
      scenario "filled, ${barrier}, linked" {
        cpu 0 {
          let pmdp = pmd_off_k(H.tail(1));
          let ptep = __va(T.pa) + pte_index(H.tail(1)) * 8;
          set_pmd(pmdp, none);
          dsb(ishst);
          tlbi(vmalle1is);
          dsb(ish);
          *ptep = mk_pte(H.head, PAGE_KERNEL);
          ${barrier}
          *pmdp = mk_pmd_table(T.pa);
        }
        cpu 1 {
          let linked = pmdp_get(pmd_off_k(H.tail(1))) == mk_pmd_table(T.pa);
          dsb(ish);
          isb();
          r1 = nofault_load(H.page(64).flags);
          r2 = linked;
        }
        ${claim}
      }`;
    const others = 'r2 == 1 && r1 == 0 - EFAULT';
    expect(verdicts(link('dsb(nshst);', `sometimes ${others}`))).toEqual(['ok']);
    expect(verdicts(link('dsb(ishst);', `never ${others}`))).toEqual(['ok']);
  });

  it('are enough where there is no other CPU', () => {
    expect(verdicts(update('nshst', 'nsh', 'never bbm || stale-read || oops', ''))).toEqual(['ok']);
  });

  it('order nothing for other CPUs', () => {
    const message = (barrier: string, claim: string) => `
      var data = 0
      var flag = 0
      scenario "${barrier}" {
        cpu 0 { WRITE_ONCE(data, 1); ${barrier} WRITE_ONCE(flag, 1); }
        cpu 1 { r0 = READ_ONCE(flag); smp_rmb(); r1 = READ_ONCE(data); }
        ${claim} r0 == 1 && r1 == 0
      }`;
    for (const barrier of ['dmb(nshst);', 'dmb(nsh);', 'dsb(nshst);', 'dsb(nsh);', 'dsb(nsh); isb();'])
      expect(verdicts(message(barrier, 'sometimes'))).toEqual(['ok']);
    for (const barrier of ['dmb(oshst);', 'dsb(oshst);', 'dsb(nsh); dsb(ishst);'])
      expect(verdicts(message(barrier, 'never'))).toEqual(['ok']);
  });
});
