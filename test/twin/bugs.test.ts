import { describe, expect, it } from 'vitest';
import { type Exploration, explore } from './explore';
import { correctProtocol, protocolSystem } from './protocol';
import type { Action } from './protocolAction';
import type { Protocol } from './protocolState';

const boundStates = 100_000;

function check(writers: number, readers: number, pages: number, changes: Partial<Protocol>): Exploration<Action> {
  return explore(protocolSystem({ ...correctProtocol(writers, readers, pages), ...changes }), boundStates);
}

/** SPIN's depth is the depth of the state in which the breaking step is taken: one less than the number of steps. */
function shortest(found: Exploration<Action>) {
  return found.violations.map(({ assertion, actions }) => ({ assertion, depth: actions.length - 1 }));
}

describe('a broken protocol breaks, as soon as SPIN says', () => {
  const broken: readonly (readonly [string, Partial<Protocol>, string, number])[] = [
    ['no TLBI', { omit: { tlbi: true } }, 'stale', 6],
    ['no DSB before the TLBI', { omit: { firstDsb: true } }, 'stale', 8],
    ['no DSB after the TLBI', { omit: { secondDsb: true } }, 'stale', 7],
    ['no invalid value between old and new', { omit: { break: true } }, 'conflict', 4],
    ['a fault handler without the lock', { omit: { handlerLock: true } }, 'unhandled', 4],
    ['interrupts while the lock is held', { interrupts: 'always' }, 'selfLock', 4],
  ];
  for (const [name, changes, assertion, depth] of broken) {
    it(name, () => {
      expect(shortest(check(1, 1, 1, changes))).toEqual([{ assertion, depth }]);
    });
  }
});

describe('an unbroken variant has no violation, and the number of states that SPIN counts', () => {
  const unbroken: readonly (readonly [string, number, number, number, Partial<Protocol>, number])[] = [
    [
      'no DSB before the TLBI, but no store buffers either',
      1,
      1,
      1,
      { omit: { firstDsb: true, storeBuffer: true } },
      59,
    ],
    ['interrupts masked by the lock', 1, 1, 1, { interrupts: 'maskedByLock' }, 71],
    ['interrupts masked by the lock, 2 writers', 2, 1, 1, { interrupts: 'maskedByLock' }, 1604],
    ['interrupts masked by the lock, 2 pages', 1, 1, 2, { interrupts: 'maskedByLock' }, 864],
    ['3 accesses for each of 2 readers', 1, 2, 1, { boundAccesses: 3 }, 3051],
  ];
  for (const [name, writers, readers, pages, changes, states] of unbroken) {
    it(name, () => {
      expect(check(writers, readers, pages, changes)).toMatchObject({ states, violations: [], complete: true });
    });
  }
});

describe('a counterexample', () => {
  it('tells the story: without the TLBI, a reader still uses the entry that it cached', () => {
    const [violation] = check(1, 1, 1, { omit: { tlbi: true } }).violations;
    expect(violation?.actions.map(({ cpu, what }) => `cpu ${cpu}: ${what}`)).toEqual([
      'cpu 0: lock',
      'cpu 0: clear',
      'cpu 1: access walks',
      'cpu 0: store reaches memory',
      'cpu 0: dsb',
      'cpu 0: dsb',
      'cpu 1: access hits',
    ]);
  });

  it('ends in a deadlock where nothing can happen and somebody still waits', () => {
    const withoutUnlock = protocolSystem({ ...correctProtocol(1, 1, 1), boundAccesses: 1 });
    const stuck = explore(
      { ...withoutUnlock, successors: (s) => withoutUnlock.successors(s).filter((x) => x.action.what !== 'unlock') },
      boundStates,
    );
    expect(stuck.violations.map((violation) => violation.assertion)).toEqual(['deadlock']);
  });

  it('is not claimed to be absent when the bound was hit', () => {
    const found = explore(protocolSystem(correctProtocol(2, 1, 2)), 1000);
    expect(found.complete).toBe(false);
    expect(found.states).toBeGreaterThan(1000);
  });
});
