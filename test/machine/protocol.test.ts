import { describe, expect, it } from 'vitest';
import { explore } from '../../simulator/explore/explore';
import type { Instruction, Program } from '../../simulator/machine/program';
import {
  cpu,
  descriptor,
  dsb,
  end,
  isb,
  load,
  loadWord,
  lock,
  mapped,
  program,
  register,
  storeWord,
  tlbi,
  unlock,
} from './programs';

/** The writer of vmemmap_update_pte on page 0: frame 1 takes the place of frame 0. */
function update(
  without: 'tlbi' | 'break' | 'first-dsb' | 'second-dsb' | 'lock' | 'nothing' = 'nothing',
): Instruction[] {
  return [
    ...(without === 'lock' ? [] : [lock()]),
    ...(without === 'break' ? [] : [storeWord(descriptor(0), 0n)]),
    ...(without === 'first-dsb' ? [] : [dsb('store')]),
    ...(without === 'tlbi' ? [] : [tlbi(0)]),
    ...(without === 'second-dsb' ? [] : [dsb(), isb()]),
    storeWord(descriptor(0), mapped(1, true)),
    dsb('store'),
    isb(),
    ...(without === 'lock' ? [] : [unlock()]),
  ];
}

/** A reader of page 0 whose fault handler waits for the lock and looks whether the descriptor is valid. */
function reader(): ReturnType<typeof cpu> {
  const code: Instruction[] = [load(0, 0), end()];
  const handler: Instruction[] = [
    lock(),
    loadWord(descriptor(0), 1),
    { kind: 'report', outcome: 'oops-paging', unless: register(1), fatal: true, site: 1000 },
    unlock(),
    { kind: 'report', outcome: 'fixed-up', site: 1001 },
    { kind: 'eret', site: 1002 },
  ];
  return cpu([...code, ...handler], { faults: { kind: 'handler', entries: [code.length] } });
}

function outcomes(p: Program, reductions = true): { words: string[]; r0: bigint[]; states: number; complete: boolean } {
  const result = explore({ ...p, observe: [{ kind: 'register', cpu: 1, register: 0 }] }, { reductions });
  const words = new Set([...result.events.map((e) => e.event.outcome), ...result.deadlocks.map((d) => d.kind)]);
  return {
    words: [...words].sort(),
    r0: result.outcomes.map((o) => o.values[0] as bigint).sort(),
    states: result.states,
    complete: result.complete,
  };
}

describe('vmemmap_update_pte beside a reader whose handler waits for the lock', () => {
  for (const reductions of [true, false]) {
    it(`is safe (reductions ${reductions})`, () => {
      const seen = outcomes(program([cpu(update()), reader()]), reductions);
      expect(seen).toMatchObject({ words: ['fixed-up', 'ok', 'translation-fault'], r0: [100n, 101n], complete: true });
    });

    it(`uses the old page for ever without the TLBI (reductions ${reductions})`, () => {
      const seen = outcomes(program([cpu(update('tlbi')), reader()]), reductions);
      expect(seen.words).toEqual(['bbm', 'fixed-up', 'ok', 'stale-read', 'translation-fault']);
    });

    it(`lets the TLBI overtake the break store without the first DSB (reductions ${reductions})`, () => {
      expect(outcomes(program([cpu(update('first-dsb')), reader()]), reductions).words).toContain('bbm');
    });

    it(`lets the make overtake the invalidation without the second DSB (reductions ${reductions})`, () => {
      expect(outcomes(program([cpu(update('second-dsb')), reader()]), reductions).words).toContain('bbm');
    });

    it(`shows two translations without the break (reductions ${reductions})`, () => {
      expect(outcomes(program([cpu(update('break')), reader()]), reductions).words).toContain('bbm');
    });

    it(`oopses where the writer does not take the lock (reductions ${reductions})`, () => {
      expect(outcomes(program([cpu(update('lock')), reader()]), reductions).words).toContain('oops-paging');
    });
  }

  it('deadlocks when an interrupt on the writer touches the page under the lock', () => {
    const code = [...update(), end()];
    const handler: Instruction[] = [load(0, 2), { kind: 'eret', site: 2000 }];
    const fault = [lock(), loadWord(descriptor(0), 1), unlock(), { kind: 'eret', site: 2001 } as const];
    const p = program([
      cpu([...code, ...handler, ...fault], {
        faults: { kind: 'handler', entries: [code.length + handler.length, code.length + handler.length] },
        interrupts: [{ name: 'net', entries: [code.length, code.length], delivery: 'irq', times: 1 }],
      }),
      cpu([]),
    ]);
    expect(outcomes(p).words).toContain('self-deadlock');
    expect(outcomes(p, false).words).toContain('self-deadlock');
  });
});
