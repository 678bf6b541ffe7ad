import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elaborate } from '../../server/language/elaborate/elaborate';
import type { ElaboratedScenario } from '../../server/language/elaborate/scenario';
import { formatFile } from '../../server/language/format';
import { resolveNames } from '../../server/language/names';
import { standardLibrary } from '../../server/language/stdlib/library';
import { startCheck } from '../../server/verdict/scenarioCheck';
import { sourceOf } from './check';

const folder = join(import.meta.dirname, '../../examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.hvo'));

describe.each(files)('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const source = sourceOf(text);

  it('is laid out, and says nothing that is unknown or unused', () => {
    expect(formatFile(source.parsed)).toBe(text);
    const { diagnostics } = resolveNames(source, { used: [], library: standardLibrary('v6.7') });
    expect([...source.parsed.diagnostics, ...diagnostics].map((one) => one.message)).toEqual([]);
  });

  it('holds in every execution what it says', { timeout: 120_000 }, () => {
    const { scenarios, diagnostics } = elaborate(source);
    expect(diagnostics.map((one) => one.message)).toEqual([]);
    for (const scenario of scenarios) {
      const again = (unsettled: ReadonlySet<bigint>) =>
        elaborate(source, {
          only: ({ span }) => span.start === scenario.extent.start,
          unsettled: new Map([[scenario.name, unsettled]]),
        }).scenarios[0] as ElaboratedScenario;
      const check = startCheck(source, again, { maxStates: 100_000, draws: false });
      while (!check.isDone) check.advance(1000);
      const report = check.report(0);
      const broken = report.claims
        .filter((claim) => claim.holds !== 'yes')
        .map((claim) => `${claim.text}: ${claim.why}`);
      const found = report.findings.filter((one) => one.severity === 'error').map((one) => one.message);
      expect([...broken, ...found], scenario.name).toEqual([]);
      expect(report.verdict, scenario.name).toBe('ok');
    }
  });
});
