import { describe, expect, it } from 'vitest';
import { cpu, finalValues, programOf } from './check';

describe('primitives', () => {
  it('are the instructions of their names', () => {
    expect(programOf(cpu('dsb(ishst); dsb(nsh); dmb(ishld); isb(); smp_mb(); smp_wmb(); smp_rmb();'))).toEqual([
      'dsb innerShareable store',
      'dsb nonShareable full',
      'dmb innerShareable load',
      'isb',
      'dmb innerShareable full',
      'dmb innerShareable store',
      'dmb innerShareable load',
      'end',
    ]);
  });

  it('invalidate by page number, leaf only or not, here or everywhere', () => {
    expect(programOf(cpu('tlbi(vaale1is, H.tail(1)); dsb(ish); tlbi(vae1, H.tail(2), 3); tlbi(vmalle1is);'))).toEqual([
      'tlbi last-level entries of page 0xfffc0003001 on all CPUs',
      'dsb innerShareable full',
      'tlbi entries of page 0xfffc0003002 on this CPU, level 3',
      'tlbi all entries on all CPUs',
      'end',
    ]);
  });

  it('take both ends of a range, the last one not included', () => {
    expect(programOf(cpu('tlbi(rvaale1is, H.start, H.end);'))).toEqual([
      'tlbi last-level entries of pages 0xfffc0003000 to 0xfffc0003007 on all CPUs',
      'end',
    ]);
  });

  it('make one invalidation of a loop over the pages of a block, as it counts only at the DSB', () => {
    const words = programOf(cpu('flush_tlb_kernel_range(H.block(0), H.block(0) + PMD_SIZE);'));
    expect(words).toEqual([
      'dsb innerShareable store',
      'tlbi last-level entries of pages 0xfffc0003000 to 0xfffc00031ff on all CPUs',
      'dsb innerShareable full',
      'isb',
      'end',
    ]);
  });

  it('flush everything beyond PTRS_PER_PTE pages', () => {
    expect(programOf(cpu('flush_tlb_kernel_range(H.start, H.start + PMD_SIZE + PAGE_SIZE);'))[1]).toBe(
      'tlbi all entries on all CPUs',
    );
  });

  it('set an entry with barriers behind a valid value only', () => {
    expect(programOf(cpu('pte_clear(H.start, virt_to_kpte(H.start));'))).toEqual([
      'store [0xffff000008803000] = 0',
      'end',
    ]);
    expect(programOf(cpu('set_pte_at(H.start, virt_to_kpte(H.start), mk_pte(H.frame(0), PAGE_KERNEL));'))).toEqual([
      'store [0xffff000008803000] = 0x68000050600703',
      'dsb innerShareable store',
      'isb',
      'end',
    ]);
  });

  it('know the width of fields', () => {
    expect(programOf(cpu('r0 = READ_ONCE(H.page(1).refcount); WRITE_ONCE(H.page(1).flags, 1);'))).toEqual([
      'r0 = load [0xfffffc0003000074], 4 bytes',
      'store [0xfffffc0003000040] = 1',
      'end',
    ]);
  });

  it('order atomics as they say', () => {
    expect(programOf(cpu('r0 = fetch_add(V, 2); r1 = cmpxchg_acquire(V, 9, 5); stset(V, 8);'))).toEqual([
      'r0 = add [0xffff000008100000], 2 (acquire, release)',
      'r1 = compareAndSwap [0xffff000008100000], 5 when it is 9 (acquire)',
      'set [0xffff000008100000], 8 (without a result)',
      'end',
    ]);
  });

  it('do the same without LSE, in a loop', () => {
    const statements =
      'r0 = fetch_add(V, 2); r1 = cmpxchg(V, 9, 5); r2 = cmpxchg(V, 9, 6); r3 = xchg(V, 1); r4 = load(V);';
    for (const lse of ['yes', 'no']) {
      const text = `machine { lse ${lse} } ${cpu(statements)}`;
      const values = ['r0', 'r1', 'r2', 'r3', 'r4'].map((register) => finalValues(text, register));
      expect(values).toEqual([[7n], [9n], [5n], [5n], [1n]]);
    }
    expect(programOf(`machine { lse no } ${cpu('fetch_add_release(V, 2);')}`)).toEqual([
      'x0 = load [0xffff000008100000] (exclusive)',
      'x0 = add x0, 2',
      'x0 = store [0xffff000008100000] = x0 (release, exclusive)',
      'if x0 is not 0 go to 0',
      'end',
    ]);
  });

  it('take locks, and mask interrupts where their form says so', () => {
    expect(programOf(cpu('let f = spin_lock_irqsave(L); spin_unlock_irqrestore(L, f); spin_lock_irq(L);'))).toEqual([
      'x0 = mask irq mask',
      'lock L',
      'unlock L',
      'mask irq restore, from x0',
      'mask irq mask',
      'lock L',
      'end',
    ]);
  });

  it('leave interrupts alone with PREEMPT_RT, where a spin lock sleeps', () => {
    expect(
      programOf(`machine { preempt_rt yes } ${cpu('let f = spin_lock_irqsave(L); spin_unlock_irqrestore(L, f);')}`),
    ).toEqual(['lock L', 'unlock L', 'end']);
  });

  it('wait for a value in one step', () => {
    expect(programOf(cpu('wait(*V == 7); wait_acquire(*W != 1);'))).toEqual([
      'wait until [0xffff000008100000] == 7',
      'wait until [0xffff000008100040] != 1, acquire',
      'end',
    ]);
  });

  it('copy the words of a page that somebody looks at', () => {
    const words = programOf(cpu('copy_page(__va(H.frame(1)), H.start); load(H.page(2).private);'));
    expect(words).toEqual([
      'x0 = load [0xfffffc00030000a8]',
      'store [0xffff0000106010a8] = x0',
      'load [0xfffffc00030000a8]',
      'end',
    ]);
  });

  it('give -EFAULT where an access with a fix-up fails', () => {
    const text = cpu(
      'let p = virt_to_kpte(H.tail(1)); pte_clear(H.tail(1), p); flush_tlb_all(); r0 = nofault_load(H.tail(1));',
    );
    expect(finalValues(text, 'r0')).toEqual([0xffff_ffff_ffff_fff2n]);
  });

  it('keep a CPU from being stopped for as long as a trylock of a spin lock is held', { timeout: 60_000 }, () => {
    const stopped = (kind: string, statements: string) =>
      finalValues(
        `lock L : ${kind} lock M : spin var V = 0 scenario "s" {
          cpu 0 { stop_machine { r0 = load(V); } }
          cpu 1 { ${statements} }
        }`,
        'r0',
      );
    const held = 'if (%_trylock(L)) { store(V, 1); store(V, 0); %_unlock(L); }';
    expect(stopped('spin', held.replaceAll('%', 'spin'))).toEqual([0n]);
    expect(stopped('mutex', held.replaceAll('%', 'mutex'))).toEqual([0n, 1n]);
    const nested = 'spin_lock(M); if (spin_trylock(L)) { store(V, 1); spin_unlock(L); } store(V, 0); spin_unlock(M);';
    expect(stopped('spin', nested)).toEqual([0n]);
  });

  it('try again until a spin lock is taken, in a loop that is no longer for each try', () => {
    const tries = 'while (!spin_trylock(L)) cpu_relax(); store(V, load(V) + 1); spin_unlock(L);';
    const text = `lock L : spin var V = 0 scenario "s" { cpu 0 { spin_lock(L); r0 = load(V); spin_unlock(L); } cpu 1..2 { ${tries} } }`;
    expect(finalValues(text, 'r0')).toEqual([0n, 1n, 2n]);
  });

  it('say which CPU this is', () => {
    expect(programOf('scenario "s" { cpu 3 { r0 = smp_processor_id(); } }')).toEqual(['r0 = move 3', 'end']);
    expect(programOf('scenario "s" { cpu 0..1 { r0 = smp_processor_id(); } }')).toEqual([
      'r0 = number of this CPU',
      'end',
    ]);
  });

  it('follow the switches of the machine', () => {
    expect(programOf(cpu('lockdep_assert_held(L); VM_BUG_ON(1);'))).toEqual(['assert that L is held', 'end']);
    const words = programOf(
      `machine { lockdep no debug_vm yes } ${cpu('lockdep_assert_held(L); VM_WARN_ON(load(V) == 7);')}`,
    );
    expect(words).toEqual([
      'x0 = load [0xffff000008100000]',
      'x0 = equal x0, 7',
      'x0 = equal x0, 0',
      'report WARN unless x0',
      'end',
    ]);
  });
});
