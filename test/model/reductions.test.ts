/** Each reduction of docs/model.md is switched off: the verdicts, outcomes, findings and deadlocks are the same. */

import { describe, expect, it } from 'vitest';
import type { ExploreOptions } from '../../simulator/explore/explore';
import { reductions } from '../../simulator/machine/reductions';
import { type Explore, exploreWithEveryWord, litmusTests, type Subject, scenarios } from './subjects';

const subjects: readonly Subject[] = [...litmusTests, ...scenarios];

/** Without closure, what may be done at once may be put off in as many ways as there are subsets of it. */
const MANY_STATES = 20_000;

/** Subjects that even so many states do not hold. */
const tooMany: Readonly<Record<string, readonly string[]>> = {
  closure: ['a holder of a spin lock is not stopped'],
  'every one of them': ['a holder of a spin lock is not stopped', 'writes-reach-all-others-at-once'],
};

function found(options: Partial<ExploreOptions>, explore?: Explore): Record<string, string> {
  return Object.fromEntries(subjects.map((subject) => [subject.name, subject.found(options, explore)]));
}

describe('nothing is seen without a reduction that is not seen with all of them', { timeout: 600_000 }, () => {
  const usual = found({});

  /** Nothing else is seen; where the bound is hit, that is said of the subjects that are known for it and of no other. */
  function expectTheSame(id: string, options: Partial<ExploreOptions>): void {
    const without = found({ maxStates: MANY_STATES, ...options });
    for (const name of tooMany[id] ?? []) {
      expect(without[name], name).toMatch(/incomplete: states|\d states/);
      delete without[name];
    }
    const others = Object.entries(usual).filter(([name]) => tooMany[id]?.includes(name) !== true);
    expect(without).toEqual(Object.fromEntries(others));
  }

  for (const { id } of reductions) it(id, () => expectTheSame(id, { without: new Set([id]) }));

  it('all that are not apart', () => expectTheSame('', { reductions: false }));

  it('every one of them', () => {
    const options = { reductions: false, symmetry: false, without: new Set(reductions.map(({ id }) => id)) };
    expectTheSame('every one of them', options);
  });

  it('symmetry', () => expect(found({ symmetry: false })).toEqual(usual));

  it('remembered steps', () => expect(found({ remembers: false })).toEqual(usual));

  it('the learned layout', () => expect(found({}, exploreWithEveryWord)).toEqual(usual));
});
