/** CPUs that differ only in the values that they start with change places, and nothing that can be seen depends on it. */

import { describe, expect, it } from 'vitest';
import { families } from '../../bench/litmusFamilies';
import { lowerTest } from '../../server/litmus/lower';
import { parseLitmus } from '../../server/litmus/parse';
import { defaultOptions, Exploration, type ExploreOptions, type Result } from '../../simulator/explore/explore';
import type { Snapshot } from '../../simulator/explore/snapshot';
import { eventKey } from '../../simulator/machine/events';
import type { Program } from '../../simulator/machine/program';
import { equalWriters } from './equalWriters';

function programOf(text: string): Program {
  const parsed = parseLitmus(text);
  if (parsed.kind === 'problem') throw new Error(`${parsed.problem.message}\n${text}`);
  const lowering = lowerTest(parsed.test, { faults: 'fatal', ets: 0 });
  if (lowering.kind === 'problem') throw new Error(`${lowering.problem.message}\n${text}`);
  return lowering.lowered.program;
}

function explored(program: Program, options: Partial<ExploreOptions> = {}): Exploration {
  const exploration = new Exploration(program, { ...defaultOptions, livelock: false, maxStates: 4_000, ...options });
  while (!exploration.isDone) exploration.advance(10_000);
  return exploration;
}

const without = new Set(['ownValues']);

/** What can be seen: outcomes, and what is told. */
function seen({ outcomes, events }: Result): readonly string[] {
  return [
    ...outcomes.map(({ values }) => values.join()),
    ...new Set(events.map(({ event }) => eventKey(event))),
  ].sort();
}

/** The observed values as the last snapshot of a trace has them; of words only that some word has the value. */
function shownAtEnd(program: Program, end: Snapshot, values: readonly (bigint | undefined)[]): readonly unknown[] {
  const inMemory = new Set(end.words.map(({ value }) => value));
  return program.observe.map((o, i) => {
    if (o.kind === 'register') return end.cpus[o.cpu]?.registers[o.register];
    const value = values[i];
    return value === undefined || value < 10n || inMemory.has(value) ? value : 'nowhere';
  });
}

/** The family F of the bench: writers of one descriptor, each with a page of its own. */
const writers = (n: number): string => families.find(({ name }) => name === 'F')?.text(n) ?? '';

describe('values that stand for their CPU', { timeout: 120_000 }, () => {
  for (const [n, states, plainStates] of [
    [2, 99, 180],
    [3, 359, 1743],
    [4, 1034, 16964],
    [6, 5267, 1621650],
  ] as const)
    it(`make ${states} states of the ${plainStates} of ${n} writers`, () => {
      const { outcomes, ...found } = explored(programOf(writers(n)), { maxStates: 10_000 }).result();
      expect(found).toMatchObject({ states, complete: true });
      expect(outcomes).toHaveLength(n * n + 2 * n + 3);
      if (n > 3) return;
      const plain = explored(programOf(writers(n)), { without }).result();
      expect(plain.states).toBe(plainStates);
      expect(seen({ ...found, outcomes })).toEqual(seen(plain));
    });

  it('are no names any more where somebody looks into one', () => {
    const looks = writers(2).replace('L1: LDR W3,[X1]', 'ADD W3,W2,#1   ');
    expect(looks).toContain('ADD');
    const found = explored(programOf(looks));
    expect(found.interchangeable).toEqual([]);
    expect(seen(found.result())).toEqual(seen(explored(programOf(looks), { without }).result()));
  });

  it('are no names where another CPU starts with one of them', () => {
    const named = writers(2).replace('2:X1=x;', '2:X1=x; 2:X9=3;');
    expect(explored(programOf(writers(2))).interchangeable).toEqual([[0, 1]]);
    expect(explored(programOf(named)).interchangeable).toEqual([]);
  });

  it('show the same as without, in executions that show it, in tests made by chance', () => {
    let moved = 0;
    for (let seed = 0; seed < 60; seed++) {
      const text = equalWriters(seed);
      const program = programOf(text);
      const plain = explored(program, { symmetry: false }).result();
      if (!plain.complete) continue;
      const exploration = explored(program);
      const found = exploration.result();
      expect(seen(found), text).toEqual(seen(plain));
      if (exploration.interchangeable.length > 0) moved++;
      for (const { values, witness, length } of found.outcomes) {
        const { steps, initial } = exploration.replay(witness);
        expect(shownAtEnd(program, steps.at(-1)?.after ?? initial, values), text).toEqual(values);
        expect(witness, text).toHaveLength(length);
      }
      for (const { event, witness } of found.events) {
        const { events, steps } = exploration.replay(witness);
        const told = [...events, ...steps.flatMap((step) => step.events)].map(eventKey);
        expect(told, text).toContain(eventKey(event));
      }
    }
    expect(moved).toBeGreaterThan(30);
  });
});
