import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

describe('interrupts that are sent', () => {
  it('come while the CPU waits', () => {
    expect(
      verdicts(`
        lock L : spin
        var done = 0
        scenario "for a lock" {
          cpu 0 { spin_lock(L); spin_unlock(L); }
          irq ack on cpu 0 times 0 { WRITE_ONCE(done, 1); }
          cpu 1 { spin_lock(L); send_ipi(0, ack); wait(done == 1); spin_unlock(L); }
          never deadlock || livelock
        }
        scenario "for a lock, with interrupts masked" {
          cpu 0 { spin_lock_irq(L); spin_unlock_irq(L); }
          irq ack on cpu 0 times 0 { WRITE_ONCE(done, 1); }
          cpu 1 { spin_lock(L); send_ipi(0, ack); wait(done == 1); spin_unlock(L); }
          sometimes deadlock
        }
        scenario "for a word" {
          cpu 0 { wait(done == 1); }
          irq ack on cpu 0 times 0 { WRITE_ONCE(done, 1); }
          cpu 1 { send_ipi(0, ack); }
          never deadlock || livelock
        }
        scenario "for the end of a grace period" {
          cpu 0 { synchronize_rcu(); }
          irq ack on cpu 0 times 0 { WRITE_ONCE(done, 1); }
          cpu 1 { rcu { send_ipi(0, ack); wait(done == 1); } }
          never deadlock || livelock
        }`),
    ).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('come by themselves before an access to a page that they free, though no other CPU sees either', () => {
    const tasks = ['load(P.va);', 'store(P.va, 1);', 'copy_page(P.va, Q.va, 8);'];
    for (const task of tasks)
      for (const handler of ['irq', 'nmi'])
        expect(
          verdicts(`
            machine { pseudo_nmi yes }
            page P at 0x1_1000_0000
            page Q at 0x1_1000_1000
            scenario "freed" {
              cpu 0 { ${task} }
              ${handler} shrink on cpu 0 { free_page(P.pa); }
              sometimes cpu 0 use-after-free
            }`),
          task,
        ).toEqual(['ok']);
  });

  it('come by themselves before a wait for what nobody writes', () => {
    expect(
      verdicts(`
        var never_set = 0
        var seen = 0
        scenario "before the wait" {
          cpu 0 { wait(never_set == 1); }
          irq net on cpu 0 { WRITE_ONCE(seen, 1); }
          cpu 1 { wait(seen == 1); BUG_ON(1); }
          sometimes BUG
          sometimes deadlock
        }`),
    ).toEqual(['ok']);
  });

  it('do nothing for a CPU that has ended with interrupts masked, and do not keep it from ending', () => {
    expect(
      verdicts(`
        var done = 0
        scenario "masked" {
          cpu 0 { local_irq_disable(); }
          irq ack on cpu 0 times 0 { WRITE_ONCE(done, 1); }
          cpu 1 { send_ipi(0, ack); }
          sometimes load(done) == 0
          sometimes load(done) == 1
        }`),
    ).toEqual(['ok']);
  });

  it('let two CPUs stop the machine one after the other', () => {
    expect(
      verdicts(`
        var x = 0
        scenario "both" {
          cpu 0..1 { stop_machine { fetch_add(x, 1); } }
          never deadlock || livelock
          always load(x) == 2
        }`),
    ).toEqual(['ok']);
  });
});

describe('the death of a task', () => {
  const page = 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }';
  const remap = 'vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO));';

  it('is a panic below an interrupt', () => {
    expect(
      verdicts(`${page}
        scenario "in an interrupt" {
          cpu 0 { ${remap} }
          irq net on cpu 0 { load(H.page(64).flags); }
          sometimes panic && oops-paging
          never oops-paging && !panic
        }
        scenario "in a task" {
          cpu 0 { ${remap} }
          cpu 1 { load(H.page(64).flags); }
          sometimes oops-paging
          never panic
        }`),
    ).toEqual(['ok', 'ok']);
  });

  it('ends its read-side sections', () => {
    expect(
      verdicts(`
        var done = 0
        scenario "reader" {
          cpu 0 { WRITE_ONCE(done, 1); synchronize_rcu(); r0 = 1; }
          cpu 1 { rcu { BUG_ON(READ_ONCE(done) == 0); } }
          sometimes BUG
          always r0 == 1
        }
        scenario "own reader" {
          cpu 0 { rcu { synchronize_rcu(); } }
          always deadlock
          sometimes sleep-in-atomic
        }`),
    ).toEqual(['ok', 'ok']);
  });
});

describe('a TLBI is completed by a DSB', () => {
  const page = 'hugepage H { size 2M  at 0x1_0020_0000  vmemmap pages }\nvar begun = 0\nvar done = 0';
  const shoot = 'WRITE_ONCE(*virt_to_kpte(H.tail(1)), 0); dsb(ishst); tlbi(vaale1is, H.tail(1));';
  const reader = 'cpu 1 { wait(done == 1); isb(); r0 = load(H.page(64).flags); }';

  it('in the handler of an interrupt that comes behind it', () => {
    const sender = 'cpu 2 { wait(begun == 1); send_ipi(0, late); }';
    expect(
      verdicts(`${page}
        scenario "in the handler" {
          cpu 0 { ${shoot} WRITE_ONCE(begun, 1); }
          irq late on cpu 0 times 0 { dsb(ish); WRITE_ONCE(done, 1); }
          ${sender}
          ${reader}
          never cpu 1 ok
          sometimes oops-paging && cpu 1 faults
        }
        scenario "nowhere" {
          cpu 0 { ${shoot} WRITE_ONCE(begun, 1); }
          irq late on cpu 0 times 0 { WRITE_ONCE(done, 1); }
          ${sender}
          ${reader}
          sometimes cpu 1 ok
          sometimes oops-paging
          sometimes left-broken
        }`),
    ).toEqual(['ok', 'ok']);
  });

  it('behind the interrupt whose handler has it', () => {
    expect(
      verdicts(`${page}
        scenario "behind" {
          cpu 0 { wait(begun == 1); dsb(ish); WRITE_ONCE(done, 1); }
          irq early on cpu 0 { ${shoot} WRITE_ONCE(begun, 1); }
          ${reader}
          never cpu 1 ok
          sometimes oops-paging && cpu 1 faults
          sometimes deadlock
        }
        scenario "nowhere" {
          cpu 0 { wait(begun == 1); WRITE_ONCE(done, 1); }
          irq early on cpu 0 { ${shoot} WRITE_ONCE(begun, 1); }
          ${reader}
          sometimes cpu 1 ok
          sometimes oops-paging
          sometimes left-broken
          sometimes deadlock
        }`),
    ).toEqual(['ok', 'ok']);
  });
});
