import { describe, expect, it } from 'vitest';
import { explore } from './explore';
import { correctProtocol, protocolSystem } from './protocol';

/**
 * States, transitions and levels of the correct protocol, as SPIN 6.5 counts them for the same system in Promela (its first
 * transition, which makes the initial state, left out) and as an explorer independent of this one does.
 */
const rows: readonly (readonly [writers: number, readers: number, pages: number, ...counts: number[]])[] = [
  [1, 1, 1, 71, 152, 18],
  [1, 1, 2, 864, 3004, 31],
  [1, 1, 3, 7024, 32496, 44],
  [1, 1, 4, 47360, 270464, 57],
  [1, 2, 1, 343, 1110, 24],
  [1, 2, 2, 13808, 71992, 39],
  [1, 2, 3, 313664, 2171072, 54],
  [1, 3, 1, 1971, 8740, 30],
  [1, 3, 2, 258432, 1808656, 47],
  [1, 4, 1, 12343, 69950, 36],
  [1, 5, 1, 80043, 552024, 42],
  [2, 1, 1, 752, 1990, 32],
  [2, 1, 2, 27712, 121072, 59],
  [2, 1, 3, 600064, 3583232, 86],
  [2, 2, 1, 4760, 18134, 39],
  [2, 2, 2, 551808, 3404576, 69],
  [2, 3, 1, 33032, 166406, 46],
  [2, 4, 1, 242264, 1529014, 53],
  [3, 1, 1, 5730, 18087, 48],
  [3, 1, 2, 637440, 3402576, 91],
  [3, 2, 1, 40598, 177859, 56],
  [3, 3, 1, 305134, 1727427, 64],
];

/**
 * Rows of up to this many states run. The 15 small ones take seconds and run always; all 22 run with HVO_TWIN_STATES=700000, in
 * a minute or two.
 */
const boundStates = Number(process.env.HVO_TWIN_STATES ?? 100_000);

describe(`the slow twin counts what SPIN counts, up to ${boundStates} states`, () => {
  for (const [writers, readers, pages, states, transitions, levels] of rows.filter((row) => row[3]! <= boundStates)) {
    it(`${writers} writers, ${readers} readers, ${pages} pages: ${states} states`, { timeout: 600_000 }, () => {
      const found = explore(protocolSystem(correctProtocol(writers, readers, pages)), boundStates);
      expect(found).toEqual({ states, transitions, levels, violations: [], complete: true });
    });
  }
});
