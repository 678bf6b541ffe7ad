/** `hvo litmus`: runs litmus tests in herd7's AArch64 format, and compares with recorded verdicts. */

import { dirname, resolve } from 'node:path';
import {
  type Agreement,
  agreementTable,
  BBM_FLAG,
  type Compared,
  compare,
  contradictsItself,
  type ManifestRow,
  parseManifest,
  type Reference,
} from '../server/litmus/manifest';
import { describeState, printResult } from '../server/litmus/print';
import { type LitmusRun, runLitmus } from '../server/litmus/run';
import type { SettingDefaults } from '../server/litmus/settings';
import { counted } from '../server/verdict/counts';
import { defaultOptions } from '../simulator/explore/explore';
import { misuse, parseArguments } from './arguments';
import { readMaxStates } from './bounds';
import { filesBelow, readForeign } from './files';
import { type ExitCode, type Io, ownMistake, readFailure } from './io';
import { tellManifestProblems } from './manifestProblems';

export const usage = `usage: hvo litmus PATH... [--ets2] [--faults fatal|handled|skip] [--manifest FILE] [--max-states N] [--json]

Runs every litmus test (*.litmus, herd7's AArch64 format) of the files and directories.

  --ets2        the CPUs have FEAT_ETS2
  --faults      what a fault does in a thread without a handler, where the test does not say (fatal)
  --manifest    compare with the verdicts of a table: columns name, file, category, kind, kind_ets2, herd7_observed,
                herd7_states, ...; files are relative to the table
  --max-states  states to visit for one test (${defaultOptions.maxStates})
  --json        print one JSON document

Exit code 0: all ran, or none disagrees with the manifest; 1: otherwise; 2: a file that cannot be read or is no
litmus test, or a manifest with words that mean nothing.
`;

const FAULTS = ['fatal', 'handled', 'skip'] as const;

interface Job {
  readonly path: string;
  readonly row?: ManifestRow;
}

interface Unreadable {
  readonly file: string;
  readonly message: string;
}

interface Done extends Job {
  readonly run: LitmusRun;
  readonly agreement?: Agreement;
  /** What the manifest says of the test, in this setting. */
  readonly reference?: Reference;
  readonly flagAgrees?: boolean;
}

/**
 * Exit code 0: all tests ran, or with a manifest none disagrees with it (what is not supported is counted in the table);
 * 1: otherwise; 2: unusable input or arguments, such as a file that cannot be read or is no litmus test.
 */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    ets2: { type: 'boolean', default: false },
    faults: { type: 'string', default: 'fatal' },
    manifest: { type: 'string' },
    'max-states': { type: 'string', default: String(defaultOptions.maxStates) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  const fail = (message: string): ExitCode => {
    io.stderr(`hvo litmus: ${message}\n`);
    return 2;
  };
  if (parsed.kind === 'problem') return misuse(io, 'litmus', parsed.message);
  const { values, positionals } = parsed;
  if (values.help) {
    io.stdout(usage);
    return 0;
  }
  if (positionals.length === 0) return misuse(io, 'litmus', 'name at least one file or directory');
  const faults = FAULTS.find((f) => f === values.faults);
  if (faults === undefined)
    return misuse(io, 'litmus', `--faults: expected ${FAULTS.join(', ')}, found "${values.faults}"`);
  const maxStates = readMaxStates(values);
  if (typeof maxStates === 'string') return misuse(io, 'litmus', maxStates);
  const jobs = await collect(positionals, values.manifest, io);
  if (typeof jobs === 'string') return fail(jobs);
  const { jobs: wanted, isFaulty } = jobs;
  const settings: SettingDefaults = { faults, ets: values.ets2 ? 2 : 0 };
  const done: Done[] = [];
  const unreadable: Unreadable[] = [];
  for (const job of wanted) {
    let source: string;
    try {
      source = await readForeign(job.path, io);
    } catch (error) {
      const message = readFailure(error);
      unreadable.push({ file: job.path, message });
      fail(`${job.path}: ${message}`);
      continue;
    }
    let ran: LitmusRun;
    try {
      ran = runLitmus(source, settings, maxStates);
    } catch (error) {
      // The other tests are run all the same.
      const message = ownMistake(error);
      unreadable.push({ file: job.path, message });
      fail(`${job.path}: ${message}`);
      continue;
    }
    const result = judgeJob(job, ran, values.ets2);
    done.push(result);
    if (!values.json) io.stdout(text(result, values.manifest !== undefined));
  }
  if (values.json) io.stdout(`${JSON.stringify(document(done, unreadable, settings), undefined, 2)}\n`);
  else if (values.manifest !== undefined) io.stdout(`\n${agreementTable(done.flatMap(comparedOf))}`);
  if (isFaulty || unreadable.length > 0 || done.some(isMistaken)) return 2;
  return done.every((d) => isGood(d, values.manifest !== undefined)) ? 0 : 1;
}

/** The tests to run, in order, each with its line of the manifest if there is one; or what is wrong. `isFaulty`: some of it, which was told. */
async function collect(
  paths: readonly string[],
  manifest: string | undefined,
  io: Io,
): Promise<{ readonly jobs: readonly Job[]; readonly isFaulty: boolean } | string> {
  const files: string[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    if (!(await io.exists(path))) return `${path}: no such file`;
    files.push(...(await filesBelow(path, '.litmus', io, (folder, why) => problems.push(`${folder}: ${why}`))));
  }
  const [problem] = problems;
  if (problem !== undefined) return problem;
  if (manifest === undefined) return { jobs: files.map((path) => ({ path })), isFaulty: false };
  let source: string;
  try {
    source = await readForeign(manifest, io);
  } catch (error) {
    return `${manifest}: ${readFailure(error)}`;
  }
  const table = parseManifest(source);
  if (typeof table === 'string') return `${manifest}: ${table}`;
  const isFaulty = tellManifestProblems(manifest, table, io);
  const byFile = new Map(table.rows.map((row) => [resolve(dirname(manifest), row.file), row]));
  const jobs = files.map((path) => {
    const row = byFile.get(resolve(path));
    return row === undefined ? { path } : { path, row };
  });
  return { jobs, isFaulty };
}

function judgeJob(job: Job, result: LitmusRun, ets2: boolean): Done {
  const { row } = job;
  if (result.kind === 'problem') return { ...job, run: result, agreement: 'unsupported' };
  if (!result.result.complete) return { ...job, run: result, agreement: 'incomplete' };
  if (row === undefined) return { ...job, run: result };
  const reference = ets2 ? row.ets2 : row.plain;
  const agreement = compare(reference, result.verdict.observation, result.verdict.states.length);
  // herd7 gives its flag only when it finishes.
  const flagged =
    reference.observed === undefined
      ? {}
      : { flagAgrees: result.flags.includes(BBM_FLAG) === row.flags.includes(BBM_FLAG) };
  return { ...job, run: result, agreement, reference, ...flagged };
}

/** It is no litmus test, or not one of this architecture. */
function isMistaken({ run: result }: Done): boolean {
  return result.kind === 'problem' && result.problem.kind !== 'unsupported';
}

function isGood({ agreement }: Done, compares: boolean): boolean {
  if (agreement === undefined || agreement === 'agree' || agreement === 'noReference') return true;
  return compares && agreement === 'unsupported';
}

function comparedOf({ row, agreement, flagAgrees }: Done): readonly Compared[] {
  if (row === undefined || agreement === undefined) return [];
  return [{ category: row.category, agreement, ...(flagAgrees === undefined ? {} : { flagAgrees }) }];
}

/** One test in herd7's form; with a manifest only what does not agree, one line a test. */
function text({ path, row, run: result, agreement, flagAgrees, reference }: Done, compares: boolean): string {
  if (result.kind === 'problem') {
    const { kind, line, column, message } = result.problem;
    const what = kind === 'unsupported' ? `not supported: ${message}` : message;
    return `${path}:${line}:${column}: ${result.name === '' ? '' : `${result.name}: `}${what}\n`;
  }
  const incomplete =
    result.result.bound === undefined ? {} : { incomplete: `the bound \`${result.result.bound}\` was hit` };
  const remarks = remarksOf(path, result, !compares);
  if (!compares) return `${printResult({ ...result, ...incomplete })}${remarks.map((line) => `${line}\n`).join('')}\n`;
  const { name } = result.test;
  const { observation, states } = result.verdict;
  const lines: string[] = [];
  if (row === undefined) lines.push(`${name}: not in the manifest`);
  else if (agreement !== 'agree')
    lines.push(`${name}: ${agreement}: here ${observation}, ${counted(states.length, 'state')}`);
  if (reference !== undefined && contradictsItself(reference))
    lines.push(
      `${name}: herd7 observed ${reference.observed} against the kind ${reference.kind}: its states do not count`,
    );
  if (flagAgrees === false)
    lines.push(`${name}: the flag ${BBM_FLAG} differs: here ${result.flags.length > 0 ? 'given' : 'not given'}`);
  return [...lines, ...remarks].map((line) => `${line}\n`).join('');
}

type Ran = Extract<LitmusRun, { kind: 'ran' }>;

/** What a reader should look at, each with its place: TLBIs that miss, and where break-before-make is not kept. */
function remarksOf(path: string, result: Ran, withFindings: boolean): readonly string[] {
  const { name } = result.test;
  const at = (one: { readonly line?: number; readonly column?: number }): string =>
    one.line === undefined ? path : `${path}:${one.line}:${one.column}`;
  return [
    ...result.lowered.notes.map((note) => `${at(note)}: ${name}: note: P${note.thread}: ${note.message}`),
    ...(withFindings ? result.findings().map((one) => `${at(one)}: ${name}: break-before-make: ${one.message}`) : []),
  ];
}

function document(done: readonly Done[], unreadable: readonly Unreadable[], settings: SettingDefaults): unknown {
  return {
    settings: { ets: settings.ets, faults: settings.faults },
    ...(unreadable.length === 0 ? {} : { unreadable }),
    tests: done.map(({ path, run: result, agreement, flagAgrees }) => {
      if (result.kind === 'problem') return { file: path, name: result.name, problem: result.problem };
      const { test, lowered, verdict } = result;
      return {
        file: path,
        name: test.name,
        quantifier: test.quantifier,
        states: verdict.states.map((state) => describeState(state, test, lowered)),
        positive: verdict.holds,
        negative: verdict.fails,
        observation: verdict.observation,
        validated: verdict.validated ?? null,
        flags: result.flags,
        notes: lowered.notes,
        findings: result.findings(),
        complete: result.result.complete,
        ...(result.result.bound === undefined ? {} : { bound: result.result.bound }),
        explored: { states: result.result.states, transitions: result.result.transitions },
        ...(agreement === undefined ? {} : { agreement }),
        ...(flagAgrees === undefined ? {} : { flagAgrees }),
      };
    }),
  };
}
