/** Scenarios of the gallery and of a test's own text, elaborated and explored. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ElaboratedScenario } from '../../server/language/elaborate/scenario';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import type { ScenarioReport } from '../../server/verdict/report';

export interface Explored {
  readonly scenario: ElaboratedScenario;
  readonly report: ScenarioReport;
}

export function example(file: string): string {
  return readFileSync(join(import.meta.dirname, '../../examples', file), 'utf8');
}

export function exploredScenario(path: string, text: string, name: string): Explored {
  const file = openFile(sourceOf(path, text), () => undefined, [name]);
  expect(
    file.diagnostics.filter((one) => one.severity === 'error' && one.of === 'text').map((one) => one.message),
  ).toEqual([]);
  const planned = file.scenarios.find((one) => one.name === name);
  const check = planned?.start({ maxStates: 200_000, draws: false });
  if (check === undefined) throw new Error(`${path} has no scenario "${name}"`);
  while (!check.isDone) check.advance(10_000);
  return { scenario: check.scenario, report: check.report(0) };
}
