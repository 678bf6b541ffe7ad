import { describe, expect, it } from 'vitest';
import { explore } from '../../simulator/explore/explore';
import type { Instruction, Observable } from '../../simulator/machine/program';
import { cpu, end, program } from './programs';

describe('the events that a program observes', () => {
  it('are told apart however many they are', () => {
    const report = (n: number): Instruction => ({ kind: 'report', site: n, outcome: `event ${n}` });
    const observe = Array.from({ length: 70 }, (_, n): Observable => ({ kind: 'event', outcome: `event ${n}` }));
    const told = [0, 31, 32, 69];
    const [first, second, ...others] = told.map(report) as [Instruction, Instruction, ...Instruction[]];
    const { outcomes } = explore({ ...program([cpu([first, second, end()]), cpu([...others, end()])]), observe });
    expect(outcomes.map(({ values }) => [...values.entries()].filter(([, v]) => v === 1n).map(([n]) => n))).toEqual([
      told,
    ]);
  });
});
