/** The arguments of `hvo check` as values. */

import { parseArguments } from './arguments';
import { boundOptions, readBounds } from './bounds';
import { type Format, formats, isFormat } from './formats/table';

/** Work that is done by then takes less time than to start threads. */
const HEAD_START_MILLISECONDS = 400;

export interface CheckArguments {
  readonly paths: readonly string[];
  readonly format: Format;
  readonly maxStates: number;
  readonly timeoutMilliseconds: number;
  /** This part of the scenarios, from 1, of so many. */
  readonly shard: { readonly index: number; readonly count: number };
  readonly jobs: number;
  /** Milliseconds before threads are started. */
  readonly headStart: number;
  readonly only: string | undefined;
  readonly verbose: boolean;
  /** Files that go first. */
  readonly first: readonly string[];
}

export type ReadArguments =
  | { readonly kind: 'arguments'; readonly values: CheckArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly message: string };

export function readCheckArguments(args: readonly string[]): ReadArguments {
  const parsed = parseArguments(args, {
    format: { type: 'string' },
    json: { type: 'boolean', default: false },
    ...boundOptions,
    shard: { type: 'string', default: '1/1' },
    scenario: { type: 'string' },
    with: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', short: 'v', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return parsed;
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const problem = (message: string): ReadArguments => ({ kind: 'problem', message });
  if (positionals.length === 0) return problem('name at least one file or directory');
  if (values.json && values.format !== undefined && values.format !== 'json')
    return problem(`--json and --format ${values.format} name two formats; give one of them`);
  const format = values.json ? 'json' : (values.format ?? 'text');
  if (!isFormat(format)) return problem(`--format: expected ${Object.keys(formats).join(', ')}, found "${format}"`);
  const bounds = readBounds(values);
  if (typeof bounds === 'string') return problem(bounds);
  const { maxStates, timeoutMilliseconds, jobs, jobsAreAuto } = bounds;
  const shard = readShard(values.shard);
  if (shard === undefined) return problem(`--shard: expected i/n such as 1/4, found "${values.shard}"`);
  return {
    kind: 'arguments',
    values: {
      paths: positionals,
      format,
      maxStates,
      timeoutMilliseconds,
      shard,
      jobs,
      headStart: jobsAreAuto ? HEAD_START_MILLISECONDS : 0,
      only: values.scenario,
      verbose: values.verbose,
      first: values.with,
    },
  };
}

function readShard(text: string): { readonly index: number; readonly count: number } | undefined {
  const match = /^([0-9]{1,6})\/([0-9]{1,6})$/.exec(text);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  return index >= 1 && index <= count ? { index, count } : undefined;
}
