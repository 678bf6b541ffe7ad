import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

const page = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }';
const remap = 'vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));';

describe('what may sleep where it must not', () => {
  it('is found where only an execution shows it: below a fault with a raw lock held, on PREEMPT_RT', () => {
    const scenario = (access: string, claim: string) => `machine { preempt_rt yes }
      ${page}
      lock R : raw
      scenario "${claim}" {
        on fault vmemmap_handle_page_fault
        cpu 0 { ${remap} }
        cpu 1 { ${access} }
        ${claim} sleep-in-atomic
      }`;
    expect(verdicts(scenario('raw_spin_lock(R); load(H.page(64).flags); raw_spin_unlock(R);', 'sometimes'))).toEqual([
      'ok',
    ]);
    expect(verdicts(scenario('load(H.page(64).flags);', 'never'))).toEqual(['ok']);
  });

  it('is a mutex under a spin lock, and a grace period in a read section', () => {
    expect(
      verdicts(`
        lock L : spin
        lock M : mutex
        scenario "mutex" {
          cpu 0 { spin_lock(L); mutex_lock(M); mutex_unlock(M); spin_unlock(L); }
          sometimes sleep-in-atomic
        }
        scenario "the other way round" {
          cpu 0 { mutex_lock(M); spin_lock(L); spin_unlock(L); mutex_unlock(M); }
          never sleep-in-atomic
        }
        scenario "trylock" {
          cpu 0 { spin_lock(L); if (mutex_trylock(M)) mutex_unlock(M); spin_unlock(L); }
          never sleep-in-atomic
        }
        scenario "grace period" {
          cpu 0 { rcu { synchronize_rcu(); } }
          sometimes sleep-in-atomic
          sometimes deadlock
        }`),
    ).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
});

describe('an NMI', () => {
  it('comes through masked interrupts with priority masking only', () => {
    const scenario = (masking: string, claim: string) => `machine { pseudo_nmi ${masking} }
      ${page}
      scenario "${masking}" {
        on fault vmemmap_handle_page_fault
        cpu 0 { irqs_off { ${remap} } }
        nmi perf on cpu 0 { load(H.page(64).flags); }
        ${claim} self-deadlock
      }`;
    expect(verdicts(scenario('yes', 'sometimes'))).toEqual(['ok']);
    expect(verdicts(scenario('no', 'never'))).toEqual(['ok']);
  });
});

describe('two CPUs that write an entry', () => {
  const write = (value: string, lock: string, unlock: string) => `
    let ptep = virt_to_kpte(H.tail(1));
    ${lock}
    pte_clear(H.tail(1), ptep);
    flush_tlb_kernel_range(H.tail(1), H.tail(2));
    set_pte_at(H.tail(1), ptep, ${value});
    ${unlock}`;
  const scenario = (lock: string, unlock: string, claim: string) => `${page}
    scenario "${claim}" {
      cpu 0 { ${write('mk_pte(H.head, PAGE_KERNEL_RO)', lock, unlock)} }
      cpu 1 { ${write('mk_pte(H.frame(1), PAGE_KERNEL)', lock, unlock)} }
      ${claim} bbm
    }`;

  it('break the rule though each of them breaks and makes, and though nobody reads', () => {
    expect(verdicts(scenario('', '', 'sometimes'))).toEqual(['ok']);
    const locked = scenario('spin_lock(init_mm.page_table_lock);', 'spin_unlock(init_mm.page_table_lock);', 'never');
    expect(verdicts(locked)).toEqual(['ok']);
  });
});
