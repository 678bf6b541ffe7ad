/** The options that bound an exploration, and numbers as options have them: the same for every verb that explores. */

import { availableParallelism } from 'node:os';

export const defaultMaxStates = 2_000_000;
export const defaultTimeoutSeconds = 120;

/** The largest number of threads that is started. */
const maximumJobs = 256;

/** For `parseArguments`. */
export const maxStatesOption = {
  'max-states': { type: 'string', default: String(defaultMaxStates) },
} as const;

export const boundOptions = {
  ...maxStatesOption,
  timeout: { type: 'string', default: String(defaultTimeoutSeconds) },
  jobs: { type: 'string', short: 'j', default: 'auto' },
} as const;

export interface Bounds {
  readonly maxStates: number;
  readonly timeoutMilliseconds: number;
  readonly jobs: number;
  /** Nobody asked for this number of threads. */
  readonly jobsAreAuto: boolean;
}

/** The values, or a sentence that says which is unusable. */
export function readBounds(texts: Readonly<Record<keyof typeof boundOptions, string>>): Bounds | string {
  const maxStates = readMaxStates(texts);
  if (typeof maxStates === 'string') return maxStates;
  const timeout = Number(texts.timeout);
  if (!(timeout > 0 && timeout <= 1_000_000)) return `--timeout: expected seconds such as 60, found "${texts.timeout}"`;
  const jobsAreAuto = texts.jobs === 'auto';
  const jobs = jobsAreAuto ? Math.min(maximumJobs, availableParallelism()) : wholeNumber(texts.jobs);
  if (jobs === undefined || jobs > maximumJobs)
    return `--jobs: expected a number of threads from 1 to ${maximumJobs}, or "auto", found "${texts.jobs}"`;
  return { maxStates, timeoutMilliseconds: timeout * 1000, jobs, jobsAreAuto };
}

export function readMaxStates({ 'max-states': text }: { readonly 'max-states': string }): number | string {
  return wholeNumber(text) ?? `--max-states: expected a number of states such as 500000, found "${text}"`;
}

/** A number from 1 on, such as 500000 or 500_000. */
export function wholeNumber(text: string): number | undefined {
  const value = /^[0-9][0-9_]*$/.test(text) ? Number(text.replaceAll('_', '')) : 0;
  return value >= 1 && value <= 1e12 ? value : undefined;
}
