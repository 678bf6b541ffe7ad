/**
 * What an exploration takes, in counts that are the same on every machine: a change that makes the engine slower shows here, and
 * one that makes it faster takes a smaller number down. Times are measured by `npm run bench`, and never asserted.
 */

import { GCProfiler, getHeapStatistics } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { familyText, parseSize, type Size } from '../../bench/family';
import { elaborate } from '../../server/language/elaborate/elaborate';
import { parse } from '../../server/language/parse';
import { defaultOptions, Exploration } from '../../simulator/explore/explore';
import type { Program } from '../../simulator/machine/program';

function familyProgram(size: string): Program {
  const parsed = parse(familyText(parseSize(size) as Size));
  const { scenarios } = elaborate({ uri: 'family.hvo', parsed, origin: 'user' });
  return (scenarios[0] as (typeof scenarios)[number]).program;
}

/** Bytes of objects that were made meanwhile, those that are garbage by now included; typed arrays are not among them. */
function madeBy(work: () => void): number {
  const profiler = new GCProfiler();
  profiler.start();
  let before = getHeapStatistics().used_heap_size;
  work();
  const end = getHeapStatistics().used_heap_size;
  let made = 0;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    made += beforeGC.heapStatistics.usedHeapSize - before;
    before = afterGC.heapStatistics.usedHeapSize;
  }
  return made + end - before;
}

interface Counts {
  readonly states: number;
  readonly transitions: number;
  /** Transitions that were looked at, those of passes that turned out to be void included, and the times it began again. */
  readonly work: number;
  readonly restarts: number;
  /** Bytes of the typed arrays that hold the states, and those of objects, in thousands. */
  readonly bytes: number;
  readonly made: number;
}

const rows: readonly (readonly [size: string, reductions: boolean, counts: Counts])[] = [
  ['W1 R2 P2', true, { states: 407, transitions: 968, work: 2082, restarts: 2, bytes: 57_856, made: 7_500 }],
  ['W1 R2 P2', false, { states: 4698, transitions: 16_598, work: 20_026, restarts: 2, bytes: 349_484, made: 5_500 }],
  ['W2 R2 P2', true, { states: 1876, transitions: 4599, work: 7058, restarts: 2, bytes: 189_824, made: 15_600 }],
  ['W3 R3 P1', true, { states: 1307, transitions: 4325, work: 6462, restarts: 2, bytes: 138_432, made: 18_000 }],
  ['W1 R4 P2', true, { states: 5366, transitions: 17_872, work: 22_091, restarts: 2, bytes: 245_804, made: 17_000 }],
];

/** How much the bytes of objects may be above the table: V8 decides which of them it need not make. */
const MARGIN = 1.4;

function explored(program: Program, reductions: boolean): Exploration {
  const exploration = new Exploration(program, { ...defaultOptions, reductions });
  while (!exploration.isDone) exploration.advance(10_000);
  return exploration;
}

describe('an exploration of the protocol', () => {
  for (const [size, reductions, { made, ...counts }] of rows)
    it(`takes no more than it did: ${size}${reductions ? '' : ', no reductions'}`, () => {
      const program = familyProgram(size);
      const first = explored(program, reductions);
      const { states, transitions, restarts, bytes } = first.result();
      expect({ states, transitions, work: first.work, restarts, bytes }).toEqual(counts);
      expect(madeBy(() => explored(program, reductions)) / 1000).toBeLessThan(made * MARGIN);
    });

  it('has its objects counted, those that are gone too', () => {
    const objects = 100_000;
    const kept: (readonly number[])[] = [];
    const pairs = () => {
      for (let i = 0; i < objects; i++) kept[i % 16] = [i, i + 1];
    };
    // An array of two small numbers: a header of four words, and one of two with the numbers behind it.
    expect(madeBy(pairs)).toBeGreaterThan(objects * 4 * 8);
  });
});
