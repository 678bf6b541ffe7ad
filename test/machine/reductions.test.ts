import { describe, expect, it } from 'vitest';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import { type ExploreOptions, explore, type Result } from '../../simulator/explore/explore';
import { eventKey } from '../../simulator/machine/events';
import type { Program } from '../../simulator/machine/program';

/** The programs of a text's scenarios, as a check explores them. */
function programsOf(text: string): readonly { readonly name: string; readonly program: Program }[] {
  return openFile(sourceOf('test.hvo', text), () => undefined).scenarios.map((planned) => {
    const check = planned.start({ maxStates: 100_000, draws: false });
    while (!check.isDone) check.advance(10_000);
    const { exploration } = check;
    if (exploration === undefined) throw new Error(`${planned.name} is not explored`);
    return { name: planned.name, program: exploration.program };
  });
}

/** What a reader may see of a result, without numbers of states. */
function seen(result: Result) {
  return {
    complete: result.complete,
    events: result.events.map(({ event }) => eventKey(event)).sort(),
    outcomes: result.outcomes.map(({ values }) => values.join()).sort(),
    deadlocks: [...new Set(result.deadlocks.map(({ kind }) => kind))].sort(),
    livelock: result.livelock !== undefined,
  };
}

const scenarios = programsOf(`
  hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
  page P at 0x1_1000_0000
  lock L : spin
  lock zone : spin
  var gone = 0
  var x = 0
  fn remap() { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }

  scenario "use then free under a lock" {
    cpu 0 { spin_lock(L); WRITE_ONCE(gone, 1); free_page(P.pa); spin_unlock(L); }
    cpu 1 { spin_lock(L); if (!READ_ONCE(gone)) load(P.va); spin_unlock(L); }
  }
  scenario "a read section and a free" {
    cpu 0 { WRITE_ONCE(gone, 1); synchronize_rcu(); free_page(P.pa); }
    cpu 1 { rcu { if (!READ_ONCE(gone)) load(P.va); } }
  }
  scenario "a guess that is wrong" {
    on fault vmemmap_handle_page_fault
    cpu 0 { WRITE_ONCE(x, 1); remap(); free_page(H.frame(1)); }
    cpu 1 { if (READ_ONCE(x)) fetch_add(gone, 1); else r1 = load(H.page(64).flags); }
  }
  scenario "readers on lines of their own" {
    cpu 0 { remap(); }
    cpu 1 { spin_lock(L); load(H.page(64).flags); spin_unlock(L); }
    cpu 2 { spin_lock(L); load(H.page(64).flags); spin_unlock(L); }
  }
  scenario "the last of three" {
    cpu 1 { let v = fetch_add(x, 1); if (v == 2) BUG_ON(1); }
    cpu 2 { let v = fetch_add(x, 1); if (v == 2) BUG_ON(1); }
    cpu 3 { let v = fetch_add(x, 1); if (v == 2) BUG_ON(1); }
  }
  scenario "an interrupt in the window" {
    on fault vmemmap_handle_page_fault
    cpu 0 { remap(); }
    cpu 1 { spin_lock_irq(zone); load(H.page(64).flags); spin_unlock_irq(zone); }
    irq net on cpu 0 { spin_lock(zone); spin_unlock(zone); }
  }
  scenario "an access in flight when its entry is replaced" {
    on fault vmemmap_handle_page_fault
    cpu 0 { set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
    cpu 1 { store(H.page(64).private, 1); }
  }
  scenario "a DSB waits for what went ahead of a wait" {
    cpu 0 { remap(); store_release(x, 1); wait_acquire(*gone == 1); }
    cpu 1 { wait_acquire(*x == 1); load(H.page(64).flags); store_release(gone, 1); }
  }
  scenario "sent while the other spins" {
    cpu 0 { spin_lock(L); load(P.va); spin_unlock(L); }
    irq ack on cpu 0 times 0 { WRITE_ONCE(gone, 1); }
    cpu 1 { spin_lock(L); send_ipi(0, ack); wait(gone == 1); spin_unlock(L); free_page(P.pa); }
  }
  scenario "no DSB before the free" {
    on fault vmemmap_handle_page_fault
    cpu 0 {
      spin_lock(init_mm.page_table_lock);
      pte_clear(H.tail(1), virt_to_kpte(H.tail(1)));
      dsb(ishst);
      tlbi(vaale1is, H.tail(1));
      free_page(H.frame(1));
      dsb(ish);
      set_pte_at(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL));
      spin_unlock(init_mm.page_table_lock);
    }
    cpu 1 { store(H.page(64).flags, 1); }
  }
  scenario "a page that the CPU's own interrupt frees" {
    cpu 0 { WRITE_ONCE(x, 1); r0 = load(P.va); r1 = load(P.va); store(P.va, 2); }
    irq shrink on cpu 0 { if (READ_ONCE(x)) free_page(P.pa); }
  }`);

describe('what is seen without the reductions is seen with them, and nothing else', () => {
  const without: readonly Partial<ExploreOptions>[] = [
    { reductions: false, symmetry: false },
    { reductions: true, symmetry: false },
    { reductions: false, symmetry: true },
  ];
  it.each(scenarios)('$name', ({ program }) => {
    const all = seen(explore(program));
    expect(all.complete).toBe(true);
    for (const options of without) expect(seen(explore(program, options))).toEqual(all);
  });
});
