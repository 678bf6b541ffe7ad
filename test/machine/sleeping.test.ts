import { describe, expect, it } from 'vitest';
import { check } from '../check';
import { verdicts } from './verdicts';

/** The codes of the rules that a text breaks (names may be unused), and what its executions find. */
function told(text: string): { readonly rules: readonly string[]; readonly outcomes: readonly string[] } {
  const { scenarios, diagnostics } = check(text);
  return {
    rules: diagnostics.map(({ code }) => code).filter((code) => code !== 'HVO040'),
    outcomes: scenarios.flatMap(({ findings }) => findings.map(({ outcome }) => outcome)),
  };
}

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

  it('is a mutex in a read section, and on PREEMPT_RT what is no spin lock under a spin lock, by the text and by the execution', () => {
    const section = (machine: string, lock: string, body: string) =>
      told(`machine { ${machine} }
        lock L : spin
        lock K : spin
        lock M : mutex
        lock S : rwsem
        scenario "section" { cpu 0 { ${lock} { ${body} } } }`);
    const under = (machine: string, body: string) =>
      section(machine, 'if (1)', `spin_lock(L); ${body} spin_unlock(L);`);
    const rt = 'preempt_rt yes';
    const mutex = 'mutex_lock(M); mutex_unlock(M);';
    const spin = 'spin_lock(K); spin_unlock(K);';
    const allocation = 'free_page(alloc_page());';
    for (const sleeps of [
      section('', 'rcu', mutex),
      section('', 'rcu', 'down_read(S); up_read(S);'),
      section(rt, 'rcu', mutex),
      under('', allocation),
      under(rt, mutex),
      under(rt, allocation),
    ])
      expect(sleeps).toEqual({ rules: ['HVO207'], outcomes: ['sleep-in-atomic'] });
    for (const fine of [
      section('', 'rcu', 'if (mutex_trylock(M)) mutex_unlock(M);'),
      section('', 'rcu', spin),
      section(rt, 'rcu', spin),
      under(rt, spin),
    ])
      expect(fine).toEqual({ rules: [], outcomes: [] });
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
