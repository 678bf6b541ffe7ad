import { expect, it } from 'vitest';
import { buildProgram } from './scenario/build';
import { compare, usualBounds } from './scenario/compare';
import type { Scenario } from './scenario/scenario';

/** A table that translates page 1 is filled for page 0 and then linked above page 0 too. */
const scenario: Scenario = {
  ets: 0,
  levels: 2,
  apart: true,
  pmd: 'block',
  pages: [
    { kind: 'page', frame: 0 },
    { kind: 'page', frame: 0 },
  ],
  cpus: [
    {
      ops: [
        { op: 'set', cell: { table: 0, page: 0 }, to: { kind: 'page', frame: 2 } },
        { op: 'dsb', type: 'store' },
        { op: 'set', cell: { pmd: true }, to: { kind: 'table', table: 0 } },
      ],
      faults: 'fatal',
    },
    {
      ops: [
        { op: 'load', at: { page: 1, word: 0 } },
        { op: 'load', at: { page: 0, word: 0 } },
      ],
      faults: 'fatal',
    },
  ],
};

it('the machines agree that no TLB holds for an address what stood in a table before it was linked there', () => {
  const { verdict, slowOutcomes } = compare(buildProgram(scenario), 'full', usualBounds);
  expect({ verdict, slowOutcomes }).toEqual({ verdict: 'same', slowOutcomes: 1 });
});
