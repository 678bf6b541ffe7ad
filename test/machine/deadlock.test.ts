import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

describe('a lock whose holder has ended', () => {
  it('is waited for by those alone who really come to it', () => {
    expect(
      verdicts(`
        lock L : spin
        var x = 0
        scenario "a wrong guess comes to it" {
          cpu 0 { spin_lock(L); }
          cpu 1 { if (load(x) == 1) { spin_lock(L); spin_unlock(L); } }
          cpu 2 { store(x, 2); }
          never deadlock
        }
        scenario "a right one does" {
          cpu 0 { spin_lock(L); }
          cpu 1 { if (load(x) == 2) { spin_lock(L); spin_unlock(L); } }
          cpu 2 { store(x, 2); }
          sometimes deadlock
        }`),
    ).toEqual(['ok', 'ok']);
  });
});

describe('a semaphore that is taken for reading again', () => {
  const machine = 'machine { lockdep no }';

  it('is had at once where nobody writes, and is held until it was released as often', () => {
    expect(
      verdicts(`${machine}
        lock S : rwsem
        scenario "twice" {
          cpu 0 { down_read(S); down_read(S); up_read(S); lockdep_assert_held(S); up_read(S); r0 = 1; }
          cpu 1 { down_read(S); up_read(S); }
          never deadlock
          never cpu 0: r0 != 1
        }
        scenario "released too often" {
          cpu 0 { down_read(S); down_read(S); up_read(S); up_read(S); up_read(S); }
          always HVO205
        }
        scenario "who writes waits for both" {
          var x = 0
          cpu 0 { down_read(S); WRITE_ONCE(x, 1); if (down_read_trylock(S)) { up_read(S); WRITE_ONCE(x, 2); } else { WRITE_ONCE(x, 2); } up_read(S); }
          cpu 1 { down_write(S); r0 = READ_ONCE(x); up_write(S); }
          never deadlock
          never cpu 1: r0 == 1
        }`),
    ).toEqual(['ok', 'ok', 'ok']);
  });

  it('is not had by trying where a writer waits already', () => {
    expect(
      verdicts(`${machine}
        lock S : rwsem
        var told = 0
        scenario "a writer waits, or does not yet" {
          cpu 0 { down_read(S); if (down_read_trylock(S)) { up_read(S); r0 = 1; } else { r0 = 2; } up_read(S); }
          cpu 1 { down_write(S); up_write(S); }
          sometimes cpu 0: r0 == 1
          sometimes cpu 0: r0 == 2
          never deadlock
        }
        scenario "nobody writes" {
          cpu 0 { down_read(S); if (down_read_trylock(S)) { up_read(S); r0 = 1; } else { r0 = 2; } up_read(S); }
          cpu 1 { down_read(S); up_read(S); }
          always cpu 0: r0 == 1
        }
        scenario "a writer that only tries does not wait" {
          cpu 0 { down_read(S); if (down_read_trylock(S)) { up_read(S); r0 = 1; } else { r0 = 2; } up_read(S); }
          cpu 1 { wait(*told == 1); if (down_write_trylock(S)) { up_write(S); } }
          cpu 2 { down_read(S); WRITE_ONCE(told, 1); up_read(S); }
          always cpu 0: r0 == 1
        }
        scenario "readers try until they have it" {
          cpu 0 { down_read(S); while (!down_read_trylock(S)) { } up_read(S); up_read(S); }
          cpu 1 { down_write(S); up_write(S); }
          sometimes livelock
        }`),
    ).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('is waited for behind a writer that waits already, and had where none came first', () => {
    expect(
      verdicts(`${machine}
        lock S : rwsem
        lock L : mutex
        scenario "the same CPU" {
          cpu 0 { down_read(S); down_read(S); up_read(S); up_read(S); r0 = 1; }
          cpu 1 { down_write(S); up_write(S); }
          sometimes deadlock
          sometimes cpu 0: r0 == 1
        }
        scenario "another CPU that the first one waits for" {
          cpu 0 { down_read(S); mutex_lock(L); mutex_unlock(L); up_read(S); r0 = 1; }
          cpu 1 { down_write(S); up_write(S); }
          cpu 2 { mutex_lock(L); down_read(S); up_read(S); mutex_unlock(L); }
          sometimes deadlock
          sometimes cpu 0: r0 == 1
        }
        scenario "that circle without a writer" {
          cpu 0 { down_read(S); mutex_lock(L); mutex_unlock(L); up_read(S); }
          cpu 2 { mutex_lock(L); down_read(S); up_read(S); mutex_unlock(L); }
          never deadlock
        }
        scenario "readers and a writer that hold nothing else" {
          cpu 0 { down_read(S); up_read(S); }
          cpu 1 { down_write(S); up_write(S); }
          cpu 2 { down_read(S); up_read(S); }
          never deadlock
        }`),
    ).toEqual(Array(4).fill('ok'));
  });
});

describe('a DSB that waits for what another CPU did ahead of its own wait', () => {
  const remap = `
      let p = virt_to_kpte(H.tail(1));
      set_pte_at(H.tail(1), p, mk_pte(H.head, PAGE_KERNEL_RO));
      dsb(ishst);
      tlbi(vaae1is, H.tail(1));
      dsb(ish);
      store_release(flag, 1);
      wait_acquire(*done == 1);`;

  it('is no deadlock with what waits behind it, for nothing done too early holds up a DSB', () => {
    expect(
      verdicts(`
        hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
        var flag = 0
        var done = 0
        scenario "they shake hands" {
          cpu 0 {${remap}
          }
          cpu 1 { wait_acquire(*flag == 1); load(H.page(64).flags); store_release(done, 1); }
          never deadlock
          sometimes bbm
        }
        scenario "one hand is missing" {
          cpu 0 {${remap}
          }
          cpu 1 { wait_acquire(*flag == 1); load(H.page(64).flags); }
          sometimes deadlock
          sometimes bbm
        }`),
    ).toEqual(['ok', 'ok']);
  });
});
