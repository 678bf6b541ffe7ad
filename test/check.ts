/** From text to verdict in one call, as every host does it: the helper of all tests that stand on text. */

import { openFile, sourceOf } from '../server/verdict/fileCheck';
import type { FileReport, ScenarioReport } from '../server/verdict/report';

export interface CheckOptions {
  readonly maxStates?: number;
  /** Draw executions. */
  readonly draws?: boolean;
  /** Texts that the file may use, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Explores every scenario of a file to its end, or to `maxStates`. */
export function check(text: string, { maxStates = 500_000, draws = false, files = {} }: CheckOptions = {}): FileReport {
  const sources = new Map(Object.entries(files).map(([path, content]) => [path, sourceOf(path, content)]));
  const file = openFile(sourceOf('test.hvo', text), (_, path) => sources.get(path));
  const scenarios = file.scenarios.map((planned): ScenarioReport => {
    const scenario = planned.start({ maxStates, draws });
    while (!scenario.isDone) scenario.advance(10_000);
    return scenario.report(0);
  });
  return file.report(scenarios);
}

/** The one scenario of a text. Fails with the text's errors where it cannot be explored. */
export function checkOne(text: string, options: CheckOptions = {}): ScenarioReport {
  const report = check(text, options);
  const [scenario, ...others] = report.scenarios;
  if (scenario === undefined || others.length > 0) throw new Error(`${report.scenarios.length} scenarios`);
  if (scenario.verdict === 'error') {
    const lines = report.diagnostics.map((one) => `${one.place.line}:${one.place.column} ${one.code} ${one.message}`);
    throw new Error(lines.join('\n'));
  }
  return scenario;
}
