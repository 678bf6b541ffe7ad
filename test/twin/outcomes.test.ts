import { describe, expect, it } from 'vitest';
import { compare, usualBounds } from './scenario/compare';
import { explain } from './scenario/explain';
import { generate } from './scenario/generate';
import { buildProgram } from './scenario/scenario';

/**
 * How many generated scenarios must agree, and the first seed. Without a number as many as fit into some CPU seconds: for
 * 10,000 of them, HVO_TWIN_SCENARIOS=10000 npx vitest run test/twin/outcomes.test.ts (about ten minutes).
 */
const wanted = process.env.HVO_TWIN_SCENARIOS;
const firstSeed = Number(process.env.HVO_TWIN_SEED ?? 1);
const cpuSeconds = 16;

function cpuSecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

describe('the machine and its slow twin', () => {
  it(`have the same outcomes on ${wanted ?? 'generated'} scenarios`, { timeout: 7_200_000 }, () => {
    const start = process.cpuUsage();
    let same = 0;
    let unreduced = 0;
    let unknown = 0;
    let states = 0;
    const goesOn = (): boolean => (wanted === undefined ? cpuSecondsSince(start) < cpuSeconds : same < Number(wanted));
    for (let seed = firstSeed; goesOn(); seed++) {
      const comparison = compare(buildProgram(generate(seed)), 'full', usualBounds);
      if (comparison.verdict === 'different')
        expect.fail(`seed ${seed}\n${explain(generate(seed), 'full', usualBounds)}`);
      if (comparison.verdict === 'unknown') unknown++;
      else same++;
      if (comparison.unreduced) unreduced++;
      states += comparison.slowStates;
    }
    const counts = `${same} scenarios have the same outcomes, ${unreduced} of them without reductions too`;
    process.stdout.write(`${counts}; ${unknown} were too large; ${states} slow states\n`);
    expect(same).toBeGreaterThan(20);
    expect(unknown).toBeLessThan(same / 10);
  });

  it('have the same outcomes where TLBs are filled and evicted entry by entry', { timeout: 600_000 }, () => {
    const start = process.cpuUsage();
    let same = 0;
    for (let seed = 1_000_000 + firstSeed; cpuSecondsSince(start) < cpuSeconds / 4; seed++) {
      const comparison = compare(buildProgram(generate(seed)), 'explicit', usualBounds);
      if (comparison.verdict === 'different')
        expect.fail(`seed ${seed}\n${explain(generate(seed), 'explicit', usualBounds)}`);
      if (comparison.verdict === 'same') same++;
    }
    expect(same).toBeGreaterThan(5);
  });
});
