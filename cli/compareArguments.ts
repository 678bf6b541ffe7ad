/** The arguments of `hvo compare` as values. */

import { parseArguments } from './arguments';
import { boundOptions, readBounds } from './bounds';

/** Instructions of one execution that is counted: a job over the largest huge page takes half a million. */
export const maxInstructions = 20_000_000;

export interface CompareArguments {
  /** Absent: the approaches that are shipped. */
  readonly folder: string | undefined;
  /** Names of approaches, titles of readers and sizes; empty: all. */
  readonly approaches: readonly string[];
  readonly readers: readonly string[];
  readonly sizes: readonly string[];
  readonly hazards: boolean;
  readonly costs: boolean;
  readonly maxStates: number;
  readonly timeoutMilliseconds: number;
  readonly jobs: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

export type ReadArguments =
  | { readonly kind: 'arguments'; readonly values: CompareArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly message: string };

export function readCompareArguments(args: readonly string[]): ReadArguments {
  const parsed = parseArguments(args, {
    approach: { type: 'string', multiple: true, default: [] },
    reader: { type: 'string', multiple: true, default: [] },
    size: { type: 'string', multiple: true, default: [] },
    hazards: { type: 'boolean', default: false },
    costs: { type: 'boolean', default: false },
    ...boundOptions,
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', short: 'v', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return parsed;
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const problem = (message: string): ReadArguments => ({ kind: 'problem', message });
  if (positionals.length > 1) return problem('name one folder of approaches, or none for those that are shipped');
  const bounds = readBounds(values);
  if (typeof bounds === 'string') return problem(bounds);
  const { maxStates, timeoutMilliseconds, jobs } = bounds;
  const both = values.hazards === values.costs;
  return {
    kind: 'arguments',
    values: {
      folder: positionals[0],
      approaches: values.approach,
      readers: values.reader,
      sizes: values.size,
      hazards: both || values.hazards,
      costs: both || values.costs,
      maxStates,
      timeoutMilliseconds,
      jobs,
      json: values.json,
      verbose: values.verbose,
    },
  };
}
