/** Counts over all files, the same in every format. */

import type { FileReport, Verdict } from '../../server/verdict/report';

export interface Summary {
  /** Those that were read. */
  readonly files: number;
  /** Files that could not be read. */
  readonly unreadable: number;
  readonly scenarios: number;
  /** Scenarios that were not explored, because it was stopped. */
  readonly leftOut: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Mistakes of the texts, and rules that they break though no scenario expects it. */
  readonly errors: number;
  readonly brokenRules: number;
  readonly states: number;
  readonly milliseconds: number;
}

export const nothing: Summary = {
  files: 0,
  unreadable: 0,
  scenarios: 0,
  leftOut: 0,
  verdicts: { ok: 0, failed: 0, unknown: 0, error: 0 },
  errors: 0,
  brokenRules: 0,
  states: 0,
  milliseconds: 0,
};

export function summaryOf(files: readonly FileReport[]): Summary {
  return files.reduce(withFile, nothing);
}

/** The counts with one more file. */
export function withFile(sum: Summary, file: FileReport): Summary {
  const { scenarios, diagnostics, problem, leftOut = [] } = file;
  const errors = diagnostics.filter((one) => one.severity === 'error');
  const verdicts = { ...sum.verdicts };
  for (const { verdict } of scenarios) verdicts[verdict]++;
  return {
    files: sum.files + (problem === undefined ? 1 : 0),
    unreadable: sum.unreadable + (problem === undefined ? 0 : 1),
    scenarios: sum.scenarios + scenarios.length,
    leftOut: sum.leftOut + leftOut.length,
    verdicts,
    errors: sum.errors + errors.filter((one) => one.of === 'text').length,
    brokenRules: sum.brokenRules + errors.filter((one) => one.of === 'rule').length,
    states: scenarios.reduce((states, one) => states + one.states, sum.states),
    milliseconds: scenarios.reduce((milliseconds, one) => milliseconds + one.milliseconds, sum.milliseconds),
  };
}

/** `12 ms`, `3.4 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
