import { describe, expect, it } from 'vitest';
import { buildProgram } from './scenario/build';
import { type Bounds, type Comparison, compare, usualBounds } from './scenario/compare';
import { explain } from './scenario/explain';
import { featuresOf } from './scenario/features';
import { generate } from './scenario/generate';

/** How many generated scenarios must agree, and the first seed. */
const wanted = Number(process.env.HVO_TWIN_SCENARIOS ?? 200);
const firstSeed = Number(process.env.HVO_TWIN_SEED ?? 1);
/** Each entry of a TLB may be there or not. */
const entryByEntry: Bounds = { ...usualBounds, slow: 4_000, unreduced: 0, bare: 0 };
const TIMEOUT_MS = 60_000 + wanted * 500;

/** How many scenarios have a feature, and how many of them have more than one outcome. */
class Coverage {
  private readonly rows = new Map<string, { all: number; several: number }>();

  add(features: ReadonlySet<string>, outcomes: number): void {
    for (const feature of features) {
      const row = this.rows.get(feature) ?? { all: 0, several: 0 };
      row.all++;
      if (outcomes > 1) row.several++;
      this.rows.set(feature, row);
    }
  }

  get text(): string {
    return [...this.rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([feature, { all, several }]) => `${String(all).padStart(7)} ${String(several).padStart(7)}  ${feature}`)
      .join('\n');
  }
}

/** Every fourth scenario is explored without reductions too, every 32nd without any. */
function boundsOf(seed: number): Bounds {
  const { unreduced, bare } = usualBounds;
  return { ...usualBounds, unreduced: seed % 4 === 0 ? unreduced : 0, bare: seed % 32 === 0 ? bare : 0 };
}

function agree(seed: number, tlb: 'full' | 'explicit', bounds: Bounds): Comparison {
  const comparison = compare(buildProgram(generate(seed)), tlb, bounds);
  if (comparison.verdict === 'different') expect.fail(`seed ${seed}\n${explain(generate(seed), tlb, bounds)}`);
  return comparison;
}

describe('the machine and its slow twin', () => {
  it(`have the same outcomes on ${wanted} generated scenarios`, { timeout: TIMEOUT_MS }, () => {
    const coverage = new Coverage();
    const count = { same: 0, tooLarge: 0, several: 0, states: 0 };
    const unreduced = { same: 0, unknown: 0, 'not asked': 0 };
    const bare = { same: 0, unknown: 0, 'not asked': 0 };
    for (let seed = firstSeed; count.same < wanted; seed++) {
      const { slowStates, slowOutcomes, ...found } = agree(seed, 'full', boundsOf(seed));
      unreduced[found.unreduced]++;
      bare[found.bare]++;
      count.states += slowStates;
      if (found.verdict === 'unknown') {
        count.tooLarge++;
        continue;
      }
      count.same++;
      if (slowOutcomes > 1) count.several++;
      coverage.add(featuresOf(generate(seed)), slowOutcomes);
    }
    process.stdout.write(
      `${count.same} scenarios have the same outcomes, ${count.several} of them more than one; ${count.tooLarge} more were too large; ` +
        `${count.states} states of the twin\n` +
        `${unreduced.same} have them without reductions too; ${unreduced.unknown} more were too large for that\n` +
        `${bare.same} have them without those that are apart too; ${bare.unknown} more were too large for that\n` +
        `scenarios, those with several outcomes, feature\n${coverage.text}\n`,
    );
    expect(count.several).toBeGreaterThan(wanted / 3);
    expect(count.tooLarge).toBeLessThan(wanted / 20);
    expect(unreduced.unknown).toBeLessThan((unreduced.same + unreduced.unknown) / 10);
    expect(bare.unknown).toBeLessThan((bare.same + bare.unknown) / 2);
  });

  it('have the same outcomes where TLBs are filled and evicted entry by entry', { timeout: TIMEOUT_MS }, () => {
    const count = { same: 0, unknown: 0 };
    for (let seed = 1_000_000 + firstSeed; count.same < wanted / 20; seed++) {
      // That a page may be reached is a matter of what a TLB may hold, not of what it holds.
      if (featuresOf(generate(seed)).has('free')) continue;
      const { verdict } = agree(seed, 'explicit', entryByEntry);
      if (verdict !== 'different') count[verdict]++;
    }
    process.stdout.write(
      `${count.same} scenarios have the same outcomes with TLBs entry by entry; ${count.unknown} more were too large\n`,
    );
    expect(count.unknown).toBeLessThan((count.same + count.unknown) / 6);
  });
});
