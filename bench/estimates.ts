/** How good the estimates are that a user sees while an exploration goes on. */

import { elaborate } from '../server/language/elaborate/elaborate';
import { parse } from '../server/language/parse';
import { Forecast, LEAST_LOOKED_AT, UNCERTAINTY } from '../simulator/explore/estimate';
import { defaultOptions, Exploration } from '../simulator/explore/explore';
import { familyText, parseSize, type Size } from './family';
import { type Rows, type Table, whole } from './table';

/** With and without the reductions: the first grow slowly, the second as fast as anything does. */
const sizes = ['1 3 3', '1 4 2', '1 5 2', '1 4 3', '2 2 3', '2 2 4', '2 3 2', '3 2 1', '3 3 1'];
const rawSizes = ['1 2 2', '1 3 2', '2 2 1', '2 2 2'];
const PARTS = [0.05, 0.1, 0.25, 0.5];
const SLICE_STATES = 50;

interface Told {
  readonly lookedAt: number;
  readonly expected: number | undefined;
}

export const estimates: Table = {
  name: 'estimates',
  title: 'Estimates of the number of states',
  how: `What was expected when a part of all states was looked at, over the true number; ${LEAST_LOOKED_AT} states at least were looked at. "-": no end was in sight.`,
  rows(): Rows {
    const ratios: number[] = [];
    let silent = 0;
    const rows = [
      ...sizes.map((size) => ({ size, reductions: true })),
      ...rawSizes.map((size) => ({ size, reductions: false })),
    ].map(({ size, reductions }) => {
      const { told, states } = explored(parseSize(size) as Size, reductions);
      const cells = PARTS.map((part) => {
        const first = told.find(({ lookedAt }) => lookedAt >= part * states && lookedAt >= LEAST_LOOKED_AT);
        if (first === undefined || first.lookedAt > 0.9 * states) return '';
        if (first.expected === undefined) {
          silent++;
          return '-';
        }
        ratios.push(first.expected / states);
        return (first.expected / states).toFixed(2);
      });
      return [
        `${size.replace(/(\d) (\d) (\d)/, 'W$1 R$2 P$3')}${reductions ? '' : ', no reductions'}`,
        whole(states),
        ...cells,
      ];
    });
    const within = ratios.filter((ratio) => ratio <= UNCERTAINTY.below && ratio >= 1 / UNCERTAINTY.above).length;
    return {
      columns: ['size', 'states', ...PARTS.map((part) => `after ${part * 100} %`)],
      rows,
      notes: [
        `${within} of ${ratios.length} are at most ${UNCERTAINTY.below} times too many and ${UNCERTAINTY.above} times too few, which is what users are told; from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; ${silent} times no end was in sight`,
      ],
    };
  },
};

function explored(size: Size, reductions: boolean): { readonly told: readonly Told[]; readonly states: number } {
  const parsed = parse(familyText(size));
  const program = elaborate({ uri: 'family.hvo', parsed, origin: 'user' }).scenarios[0]?.program;
  if (program === undefined) throw new Error('the family does not elaborate');
  const options = { ...defaultOptions, tellsAccesses: false, maxStates: 1_000_000 };
  const exploration = new Exploration(program, reductions ? options : { ...options, reductions, symmetry: false });
  let forecast = new Forecast();
  let told: Told[] = [];
  while (!exploration.isDone) {
    exploration.advance(SLICE_STATES);
    const lookedAt = exploration.states - exploration.queued;
    if (lookedAt < (told.at(-1)?.lookedAt ?? 0)) {
      forecast = new Forecast();
      told = [];
    }
    forecast.note(exploration.states, exploration.queued);
    told.push({ lookedAt, expected: forecast.expected() });
  }
  return { told, states: exploration.states };
}
