import { expect, it } from 'vitest';
import { buildProgram } from './scenario/build';
import { compare, usualBounds } from './scenario/compare';
import type { Scenario } from './scenario/scenario';

const mapped = { kind: 'page', frame: 0 } as const;

/** A TLBI of every CPU behind a non-shareable DSB: late for the others, and in time for the CPU itself. */
const scenario: Scenario = {
  ets: 0,
  levels: 2,
  apart: false,
  pmd: 'table',
  pages: [mapped, mapped],
  cpus: [
    {
      ops: [
        { op: 'set', cell: { table: 0, page: 0 }, to: { kind: 'invalid' } },
        { op: 'dsb', type: 'store', local: true },
        { op: 'tlbi', scope: 'address', page: 0 },
        { op: 'load', at: { page: 0, word: 0 } },
      ],
      faults: 'handler-mends',
    },
    { ops: [], faults: 'fatal' },
  ],
};

it('the machines agree on what a CPU itself keeps behind a non-shareable DSB and a TLBI of every CPU', () => {
  expect(compare(buildProgram(scenario), 'full', usualBounds).verdict).toBe('same');
});
