import { describe, expect, it } from 'vitest';
import { check } from '../check';
import { buildProgram } from './scenario/build';
import { slowOutcomes } from './scenario/compare';
import { generate } from './scenario/generate';
import { hvoText } from './scenario/hvoText';

const seeds = Array.from({ length: 20 }, (_, n) => n + 1);

describe('a generated scenario as text', () => {
  it('is read without a mistake, and what it says in full comes about', () => {
    let confirmed = 0;
    for (const seed of seeds) {
      const scenario = generate(seed);
      const [outcome] = [...slowOutcomes(buildProgram(scenario), 'full', 1_000).outcomes].sort();
      const text = hvoText(scenario, outcome);
      const { scenarios } = check(text, { maxStates: 2_000 });
      expect(
        scenarios.map(({ verdict }) => verdict === 'error'),
        `seed ${seed}\n${text}`,
      ).toEqual([false]);
      if (text.includes('// Not said') || outcome === undefined) continue;
      const claims = scenarios.flatMap((one) => one.claims.map((claim) => claim.holds));
      expect(claims, `seed ${seed}\n${text}`).not.toContain('no');
      if (claims.includes('yes')) confirmed++;
    }
    expect(confirmed).toBeGreaterThan(2);
  });
});
