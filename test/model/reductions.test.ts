/** Each reduction of docs/model.md is switched off: the verdicts, outcomes, findings and deadlocks are the same. */

import { describe, expect, it } from 'vitest';
import type { ExploreOptions } from '../../simulator/explore/explore';
import { reductions } from '../../simulator/machine/reductions';
import { type Explore, exploreWithEveryWord, litmusTests, type Subject, scenarios } from './subjects';

const subjects: readonly Subject[] = [...litmusTests, ...scenarios];

function found(options: Partial<ExploreOptions>, explore?: Explore): Record<string, string> {
  return Object.fromEntries(subjects.map((subject) => [subject.name, subject.found(options, explore)]));
}

describe('nothing is seen without a reduction that is not seen with all of them', { timeout: 600_000 }, () => {
  const usual = found({});

  for (const { id } of reductions) it(id, () => expect(found({ without: new Set([id]) })).toEqual(usual));

  it('all of them', () => expect(found({ reductions: false })).toEqual(usual));

  it('symmetry', () => expect(found({ symmetry: false })).toEqual(usual));

  it('remembered steps', () => expect(found({ remembers: false })).toEqual(usual));

  it('the learned layout', () => expect(found({}, exploreWithEveryWord)).toEqual(usual));
});
