import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

const text = (task: string, handler: string, claim: string) => `
  lock A : spin
  lock B : spin
  var V = 0
  scenario "an interrupt of one CPU, a task of another" {
    cpu 0 { WRITE_ONCE(V, 1); }
    irq tick on cpu 0 { ${handler} }
    cpu 1 { ${task} }
    ${claim}
  }`;

const waits = (lock: string) => `spin_lock(${lock}); spin_unlock(${lock});`;
const tries = (lock: string, inside = '') => `if (spin_trylock(${lock})) { ${inside} spin_unlock(${lock}); }`;

describe('lockdep, where a handler and a task with interrupts on take a lock', () => {
  it.each([
    ['waits where a task waits', waits('A'), waits('A')],
    ['waits where a task tries', tries('A'), waits('A')],
    ['waits with a lock that it only tried', waits('B'), tries('A', waits('B'))],
  ])('complains when the handler %s', (_, task, handler) => {
    expect(verdicts(text(task, handler, 'sometimes lockdep-splat'))).toEqual(['ok']);
  });

  it.each([
    ['only tries, where a task waits', waits('A'), tries('A')],
    ['only tries, where a task tries', tries('A'), tries('A')],
  ])('says nothing when the handler %s', (_, task, handler) => {
    expect(verdicts(text(task, handler, 'never lockdep-splat'))).toEqual(['ok']);
  });
});
