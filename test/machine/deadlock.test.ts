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
