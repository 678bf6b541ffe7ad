/** Scenarios of the gallery and of a test's own text, elaborated and explored. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ElaboratedScenario } from '../../server/language/elaborate/scenario';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import type { ScenarioReport } from '../../server/verdict/report';

export interface Explored {
  readonly scenario: ElaboratedScenario;
  readonly report: ScenarioReport;
}

const gallery = join(import.meta.dirname, '../../examples');

/** The text of the file of the gallery that has a scenario. */
export function textWith(name: string): string {
  const texts = readdirSync(gallery).map((file) => readFileSync(join(gallery, file), 'utf8'));
  const text = texts.find((one) => one.includes(`scenario "${name}"`));
  if (text === undefined) throw new Error(`no example has a scenario "${name}"`);
  return text;
}

/** A scenario of the gallery. */
export function exampleScenario(name: string): Explored {
  return exploredScenario('example.hvo', textWith(name), name);
}

export function exploredScenario(path: string, text: string, name: string): Explored {
  const file = openFile(sourceOf(path, text), () => undefined, { only: (title) => title === name });
  expect(
    file.diagnostics.filter((one) => one.severity === 'error' && one.of === 'text').map((one) => one.message),
  ).toEqual([]);
  const planned = file.scenarios.find((one) => one.name === name);
  const check = planned?.start({ maxStates: 200_000, draws: false });
  if (check === undefined) throw new Error(`${path} has no scenario "${name}"`);
  while (!check.isDone) check.advance(10_000);
  return { scenario: check.scenario, report: check.report(0) };
}
