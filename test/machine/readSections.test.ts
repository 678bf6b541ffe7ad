import { describe, expect, it } from 'vitest';
import { verdicts } from './verdicts';

const declarations = {
  P: 'page P at 0x1_1000_0000',
  H: 'hugepage H { size 2M  at 0x1_0020_0000  vmemmap pages }',
  x: 'var x = 0',
  y: 'var y = 0',
  gone: 'var gone = 0',
  L: 'lock L: spin',
  M: 'lock M: mutex',
};

/** A scenario with what it names declared. */
function scenario(members: string): string {
  const used = Object.entries(declarations).filter(([name]) => new RegExp(`\\b${name}\\b`).test(members));
  return [...used.map(([, text]) => text), `scenario "s" { ${members} }`].join('\n');
}

/** A page is unlinked, and freed behind a grace period; somebody looks for it and reads it. */
const found = (reader: string) =>
  scenario(`
    cpu 0 { WRITE_ONCE(gone, 1); synchronize_rcu(); free_page(P.pa); }
    ${reader}
    never use-after-free`);
const look = 'if (!READ_ONCE(gone)) load(P.va);';

describe('a grace period waits for a reader', () => {
  it.each([
    ['in an RCU section', `cpu 1 { rcu { ${look} } }`],
    ['with interrupts masked', `cpu 1 { local_irq_disable(); ${look} local_irq_enable(); }`],
    ['with interrupts masked, again', `cpu 1 { irqs_off { isb(); } irqs_off { ${look} } }`],
    ['with preemption off', `cpu 1 { preempt_disable(); ${look} preempt_enable(); }`],
    ['that holds a spin lock', `cpu 1 { spin_lock(L); ${look} spin_unlock(L); }`],
    ['that tried to take a spin lock', `cpu 1 { if (spin_trylock(L)) { ${look} spin_unlock(L); } }`],
    ['in a handler', `cpu 1 { isb(); } irq net on cpu 1 { ${look} }`],
    ['in an NMI', `cpu 1 { isb(); } nmi perf on cpu 1 { ${look} }`],
    ['that masks interrupts within a section', `cpu 1 { rcu { irqs_off { isb(); } ${look} } }`],
    ['whose program ends with interrupts masked', `cpu 1 { local_irq_disable(); ${look} }`],
  ])('%s', (_, reader) => {
    expect(verdicts(found(reader))).toEqual(['ok']);
  });

  it('with a lock of PREEMPT_RT, and not with a mutex', () => {
    const text = `machine { preempt_rt yes }\n${found(`cpu 1 { spin_lock(L); ${look} spin_unlock(L); }`)}`;
    expect(verdicts(text)).toEqual(['ok']);
    const sleeping = found(`cpu 1 { mutex_lock(M); ${look} mutex_unlock(M); }`);
    expect(verdicts(sleeping.replace('never', 'sometimes'))).toEqual(['ok']);
  });

  it('but for no reader outside, or beside the section', () => {
    for (const reader of [look, `rcu { isb(); } ${look}`, `if (!READ_ONCE(gone)) rcu { load(P.va); }`])
      expect(verdicts(found(`cpu 1 { ${reader} }`).replace('never', 'sometimes'))).toEqual(['ok']);
  });
});

/** What the reader has read of two words that are written before and behind a grace period. */
const order = (reader: string, claim: string) =>
  scenario(`
    cpu 0 { WRITE_ONCE(x, 1); synchronize_rcu(); WRITE_ONCE(y, 1); }
    cpu 1 { ${reader} }
    ${claim}`);
const unmap = 'WRITE_ONCE(*virt_to_kpte(H.tail(1)), 0); dsb(ishst); tlbi(vaale1is, H.tail(1)); dsb(ish);';
const fault = 'if (nofault_load(H.page(64).flags) == -EFAULT) r2 = 1;';
const [r0, r1] = ['r0 = READ_ONCE(x);', 'r1 = READ_ONCE(y);'];

describe('sections and grace periods are ordered as tools/memory-model says', () => {
  it('both reads within: not the old one before and the new one behind', () => {
    expect(verdicts(order(`rcu { ${r0} ${r1} }`, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`rcu { ${r1} ${r0} }`, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`${r0} ${r1}`, 'sometimes r0 == 0 && r1 == 1'))).toEqual(['ok']);
  });

  it('what is before the end counts as well as what is behind the beginning', () => {
    expect(verdicts(order(`${r1} rcu { ${r0} }`, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`rcu { ${r1} } ${r0}`, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`${r1} rcu { isb(); } ${r0}`, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`${r0} rcu { ${r1} }`, 'sometimes r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`rcu { ${r0} } ${r1}`, 'sometimes r0 == 0 && r1 == 1'))).toEqual(['ok']);
  });

  it('two sections are not one', () => {
    expect(verdicts(order(`rcu { ${r0} } rcu { ${r1} }`, 'sometimes r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`rcu { rcu { ${r0} } rcu { ${r1} } }`, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
    expect(verdicts(order(`irqs_off { ${r0} } irqs_off { ${r1} }`, 'sometimes r0 == 0 && r1 == 1'))).toEqual(['ok']);
    const overlapping = `rcu_read_lock(); ${r0} local_irq_disable(); rcu_read_unlock(); ${r1} local_irq_enable();`;
    expect(verdicts(order(overlapping, 'never r0 == 0 && r1 == 1'))).toEqual(['ok']);
  });

  it('a section orders nothing by itself, and a section that has not begun is not waited for', () => {
    const reading = 'r0 = READ_ONCE(x); rcu { r1 = READ_ONCE(y); }';
    const writer = 'cpu 2 { WRITE_ONCE(y, 1); smp_wmb(); WRITE_ONCE(x, 1); }';
    const text = scenario(`cpu 0 { synchronize_rcu(); } cpu 1 { ${reading} } ${writer} sometimes r0 == 1 && r1 == 0`);
    expect(verdicts(text)).toEqual(['ok']);
    expect(verdicts(order(`rcu { ${r0} ${r1} }`, 'sometimes r0 == 1 && r1 == 1'))).toEqual(['ok']);
  });

  it('the release of a lock begins a section for those that take the lock next', () => {
    const text = scenario(`
        cpu 0 { WRITE_ONCE(x, 1); wait(x == 2); spin_lock(L); spin_unlock(L); synchronize_rcu(); WRITE_ONCE(y, 1); }
        cpu 1 { wait(x == 1); spin_lock(L); WRITE_ONCE(x, 2); irqs_off { spin_unlock(L); ${r1} } }
        never r1 == 1`);
    expect(verdicts(text)).toEqual(['ok']);
  });

  it('a reader that faults may come before the grace period, and behind it', () => {
    const text = scenario(`
      cpu 0 { ${unmap} WRITE_ONCE(x, 1); synchronize_rcu(); WRITE_ONCE(y, 1); }
      cpu 1 { rcu { ${fault} ${r0} ${r1} } }
      sometimes r1 == 1 && r0 == 1
      sometimes r1 == 0 && r0 == 1 && r2 == 1
      never r1 == 1 && r0 == 0
      sometimes left-broken`);
    expect(verdicts(text)).toEqual(['ok']);
  });

  it('a reader is waited for that the DSB behind a TLBI has waited for', () => {
    const text = scenario(`
      cpu 0 { ${unmap} synchronize_rcu(); WRITE_ONCE(y, 1); }
      cpu 1 { rcu { ${fault} ${r1} } }
      sometimes r1 == 1
      sometimes r2 == 0
      never r1 == 1 && r2 == 0
      sometimes left-broken`);
    expect(verdicts(text)).toEqual(['ok']);
  });

  it('a section that a fault takes back has not begun', () => {
    const text = scenario(`
        cpu 0 { WRITE_ONCE(*virt_to_kpte(H.tail(1)), 0); synchronize_rcu(); r2 = 1; }
        cpu 1 { load(H.page(64).flags); rcu { ${r0} } }
        cpu 2 { WRITE_ONCE(x, 1); }
        never deadlock || livelock
        sometimes left-broken
        sometimes oops-paging`);
    expect(verdicts(text)).toEqual(['ok']);
  });

  it('may have begun where it is left open, though nothing of it has happened', () => {
    const open = (statements: string, claims: string) => `
      scenario "left open: ${statements}" {
        cpu 0 { ${statements} }
        cpu 1 { synchronize_rcu(); r0 = 1; }
        ${claims}
      }`;
    const both = 'sometimes deadlock sometimes cpu 1: r0 == 1';
    expect(
      verdicts(
        [
          open('rcu_read_lock();', both),
          open('rcu_read_lock(); rcu_read_lock(); rcu_read_unlock();', `${both} sometimes section-left-open`),
          open('rcu_read_lock(); preempt_enable();', `${both} sometimes lockdep-splat`),
          open('rcu_read_lock(); rcu_read_unlock();', 'never deadlock'),
          open('preempt_disable();', 'never deadlock'),
        ].join(''),
      ),
    ).toEqual(Array(5).fill('ok'));
  });

  it.each([
    ['waits for a word', 'rcu { wait(*x == 1); }'],
    ['waits with interrupts masked', 'irqs_off { wait(*x == 1); }'],
    ['waits with preemption off', 'preempt_disable(); wait(*x == 1); preempt_enable();'],
    ['waits in a handler', 'isb(); } irq net on cpu 0 { wait(*x == 1);'],
    ['waits in every round of a loop', 'loop { rcu { wait(*x == 1); } }'],
  ])('may have begun, and need not have, where it %s before anything of it has happened', (_, reader) => {
    const against = (writer: string, claims: string) => scenario(`cpu 0 { ${reader} } cpu 1 { ${writer} } ${claims}`);
    const both = 'sometimes deadlock sometimes cpu 1: r0 == 1';
    expect(verdicts(against('synchronize_rcu(); WRITE_ONCE(x, 1); r0 = 1;', both))).toEqual(['ok']);
    expect(verdicts(against('WRITE_ONCE(x, 1); synchronize_rcu();', 'never deadlock || livelock'))).toEqual(['ok']);
  });

  it('may have begun where it missed the value that it waits for', () => {
    const text = scenario(`
      cpu 0 { wait(*y == 1); rcu { wait(*x == 1); } }
      cpu 1 { WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); synchronize_rcu(); WRITE_ONCE(y, 2); wait(*y == 3); WRITE_ONCE(x, 1); }
      cpu 2 { wait(*x == 1); WRITE_ONCE(x, 0); wait(*y == 2); WRITE_ONCE(y, 3); }
      sometimes deadlock`);
    expect(verdicts(text)).toEqual(['ok']);
  });

  it('may have begun where it waits for a lock, or goes round for ever', () => {
    const lock = `
      cpu 0 { rcu { spin_lock(L); spin_unlock(L); } }
      cpu 1 { synchronize_rcu(); WRITE_ONCE(x, 1); }
      cpu 2 { spin_lock(L); wait(*x == 1); spin_unlock(L); }
      sometimes deadlock`;
    expect(verdicts(scenario(lock))).toEqual(['ok']);
    const round = (reader: string, claims: string) =>
      scenario(`cpu 0 { ${reader} } cpu 1 { synchronize_rcu(); r0 = 1; } ${claims}`);
    for (const body of ['', 'isb();'])
      expect(verdicts(round(`rcu { while (1) { ${body} } }`, 'sometimes livelock'))).toEqual(['ok']);
    expect(verdicts(round('while (1) { rcu { isb(); } }', 'never deadlock || livelock'))).toEqual(['ok']);
  });

  it('has not begun where the wait is before it', () => {
    const text = scenario(`
      cpu 0 { wait(*x == 1); rcu { r0 = READ_ONCE(y); } }
      cpu 1 { synchronize_rcu(); WRITE_ONCE(x, 1); }
      never deadlock || livelock`);
    expect(verdicts(text)).toEqual(['ok']);
  });
});
