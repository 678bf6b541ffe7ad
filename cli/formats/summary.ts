/** Counts over all files, the same in every format. */

import type { FileReport, Verdict } from '../../server/verdict/report';

export interface Summary {
  /** Those that were read. */
  readonly files: number;
  /** Files that could not be read. */
  readonly unreadable: number;
  readonly scenarios: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Mistakes of the texts, and rules that they break though no scenario expects it. */
  readonly errors: number;
  readonly brokenRules: number;
  readonly states: number;
  readonly milliseconds: number;
}

export function summaryOf(files: readonly FileReport[]): Summary {
  const scenarios = files.flatMap((file) => file.scenarios);
  const errors = files.flatMap((file) => file.diagnostics).filter((one) => one.severity === 'error');
  const count = (verdict: Verdict) => scenarios.filter((one) => one.verdict === verdict).length;
  return {
    files: files.filter((one) => one.problem === undefined).length,
    unreadable: files.filter((one) => one.problem !== undefined).length,
    scenarios: scenarios.length,
    verdicts: { ok: count('ok'), failed: count('failed'), unknown: count('unknown'), error: count('error') },
    errors: errors.filter((one) => one.of === 'text').length,
    brokenRules: errors.filter((one) => one.of === 'rule').length,
    states: scenarios.reduce((sum, one) => sum + one.states, 0),
    milliseconds: scenarios.reduce((sum, one) => sum + one.milliseconds, 0),
  };
}

/** `12 ms`, `3.4 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
