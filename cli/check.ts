/** `hvo check`: every execution of every scenario, and what is wrong with them. */

import { counted, grouped } from '../server/verdict/counts';
import { fileReport } from '../server/verdict/fileCheck';
import { forecastText } from '../server/verdict/forecastText';
import { type FileReport, type ReportDiagnostic, type ScenarioReport, unreadable } from '../server/verdict/report';
import { misuse } from './arguments';
import { defaultMaxStates, defaultTimeoutSeconds } from './bounds';
import { type CheckArguments, readCheckArguments } from './checkArguments';
import { type Answer, type ExploreBounds, type TaskProgress, taskExplorer } from './checkTask';
import { exploreInThreads } from './checkWorker';
import { now } from './clock';
import { type FileQueue, fileQueue, type Task } from './fileQueue';
import { type FileTexts, filesBelow, readTexts } from './files';
import { duration } from './formats/summary';
import { formats } from './formats/table';
import { type ExitCode, type Io, readFailure } from './io';
import { noSuchScenario } from './oneScenario';

export const usage = `usage: hvo check PATH... [--format FORMAT | --json] [--scenario NAME] [--max-states N] [--timeout SECONDS]
                 [--shard I/N] [--jobs N] [--with FILE]... [--verbose]

Explores every execution of each scenario of .hvo files; a directory stands for all .hvo files below it. Prints each
scenario's verdict, and for each failure the rule, the place, a shortest execution and the schedule that replays it.

  --format FORMAT  ${Object.entries(formats)
    .map(([name, { doc }]) => `${name}: ${doc}`)
    .join('\n                   ')}
  --json           the same as --format json
  --scenario NAME  only scenarios of this name
  --max-states N   states to visit for one scenario (${defaultMaxStates}); beyond them its verdict is "unknown"
  --timeout S      seconds for one scenario (${defaultTimeoutSeconds}); beyond them its verdict is "unknown"
  --shard I/N      only the I-th of N parts of the scenarios, for several machines
  --jobs N         threads, where it takes long; as many as there are processors if not given (auto)
  --with FILE      as if each file said \`use "FILE"\` at its top: other functions, another machine
  --verbose        also what is as expected, and every step of the executions

Exit code 0: all as expected; 1: findings or unmet expectations, or a bound was hit; 2: unusable input or arguments.
`;

export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const read = readCheckArguments(args);
  if (read.kind === 'help') {
    io.stdout(usage);
    return 0;
  }
  if (read.kind === 'problem') return misuse(io, 'check', read.message);
  const { values } = read;
  const start = now();
  const { files, unreadables } = await readAll(values, io);
  const wanted = wantedOf(files, values);
  if (values.only !== undefined && files.length > 0 && wanted.every((scenarios) => scenarios.length === 0)) {
    const titles = files.flatMap((file) => file.titles);
    const isElsewhere = titles.includes(values.only);
    io.stderr(
      `hvo check: ${isElsewhere ? `the scenario "${values.only}" is in another part than the one that --shard asks for` : noSuchScenario(values.only, titles)}\n`,
    );
    return 2;
  }
  const results = [...(await exploreAll(files, wanted, values, io)), ...unreadables];
  const milliseconds = Math.round(now() - start);
  const { verbose, first, only, shard } = values;
  const isPart = only !== undefined || shard.count > 1;
  io.stdout(formats[values.format].print(results, { verbose, first, isPart, milliseconds }));
  return exitCode(results);
}

async function readAll(
  { paths, first }: CheckArguments,
  io: Io,
): Promise<{ readonly files: readonly FileTexts[]; readonly unreadables: readonly FileReport[] }> {
  const files: FileTexts[] = [];
  const unreadables: FileReport[] = [];
  const fail = (path: string, message: string) => {
    io.stderr(`hvo check: ${path}: ${message}\n`);
    unreadables.push(unreadable(path, message));
  };
  const seen = new Set<string>();
  for (const path of paths) {
    for (const file of await filesBelow(path, '.hvo', io, fail)) {
      if (seen.has(file)) continue;
      seen.add(file);
      try {
        files.push(await readTexts(file, first, io));
      } catch (error) {
        fail(file, readFailure(error));
      }
    }
  }
  return { files, unreadables };
}

/** For each file the scenarios that are asked for, by their places in it. A part of all counts on from file to file. */
function wantedOf(files: readonly FileTexts[], { shard, only }: CheckArguments): readonly (readonly number[])[] {
  let before = 0;
  return files.map(({ titles }) => {
    const first = before;
    before += titles.length;
    return [...titles.keys()].filter(
      (i) => (first + i) % shard.count === shard.index - 1 && (only === undefined || titles[i] === only),
    );
  });
}

/** The reports of the files, in their order. */
async function exploreAll(
  files: readonly FileTexts[],
  wanted: readonly (readonly number[])[],
  values: CheckArguments,
  io: Io,
): Promise<readonly FileReport[]> {
  const { maxStates, timeoutMilliseconds, format, verbose } = values;
  const drawsAll = verbose || format === 'json';
  const bounds: ExploreBounds = {
    maxStates,
    timeoutMilliseconds,
    draws: drawsAll ? true : 'failures',
    outcomes: drawsAll,
  };
  const diagnostics: (readonly ReportDiagnostic[])[] = [];
  const reports = files.map((): ScenarioReport[] => []);
  let done = 0;
  const all = wanted.reduce((sum, { length }) => sum + length, 0);
  const progress = progressPrinter(files, all, () => done, bounds, io);
  const tell = (task: Task, answer: Answer): void => {
    const { file, scenario } = task;
    if (answer.kind === 'opened') diagnostics[file] ??= answer.diagnostics;
    else if (answer.kind === 'progress') progress(task, answer.progress);
    else if (scenario !== undefined && answer.report !== undefined) {
      (reports[file] as ScenarioReport[])[scenario] = answer.report;
      done++;
    }
  };
  const threads = io.script === undefined ? 1 : values.jobs;
  const queue = fileQueue(wanted);
  exploreHere(queue, files, bounds, threads > 1 ? values.headStart : Number.POSITIVE_INFINITY, tell);
  if (io.script !== undefined && queue.left > 0) await exploreInThreads(io.script, queue, files, bounds, threads, tell);
  return files.map(({ path }, file) => {
    // What is not wanted has left no report: `flat` leaves the holes out.
    return fileReport(path, diagnostics[file] ?? [], reports[file]?.flat() ?? []);
  });
}

/** Does what can be done in so many milliseconds, and what would leave nothing to share, in this thread. */
function exploreHere(
  queue: FileQueue,
  files: readonly FileTexts[],
  bounds: ExploreBounds,
  milliseconds: number,
  tell: (task: Task, answer: Answer) => void,
): void {
  const end = now() + milliseconds;
  let task: Task | undefined;
  const explore = taskExplorer(bounds, now, (answer) => tell(task as Task, answer));
  while (queue.left > 0) {
    const patience = queue.left > 1 ? end - now() : Number.POSITIVE_INFINITY;
    if (patience <= 0) return;
    task = queue.next(task?.file);
    if (task === undefined || explore(task, files[task.file] as FileTexts, patience)) continue;
    queue.putBack(task);
    return;
  }
}

/** Long work says how far it is, on stderr: nothing in the first seconds, then a line now and then. */
const FIRST_PROGRESS = 2_000;
const NEXT_PROGRESS = 5_000;

function progressPrinter(files: readonly FileTexts[], all: number, done: () => number, bounds: ExploreBounds, io: Io) {
  let due = FIRST_PROGRESS;
  let total = 0;
  let last: { task: Task; milliseconds: number } | undefined;
  return (task: Task, { states, queued, milliseconds, estimate }: TaskProgress): void => {
    const since = last?.task === task ? milliseconds - last.milliseconds : milliseconds;
    last = { task, milliseconds };
    total += since;
    if (total < due) return;
    due = total + NEXT_PROGRESS;
    const { path, titles } = files[task.file] as FileTexts;
    io.stderr(
      `hvo check: ${done()} of ${counted(all, 'scenario')} done; ${path} "${titles[task.scenario ?? 0]}": ` +
        `${counted(states, 'state')}, ${grouped(queued)} queued, ${duration(Math.round(milliseconds))}, ` +
        `${grouped(Math.round((states * 1000) / Math.max(1, milliseconds)))} states/s; ` +
        `${forecastText(estimate, { states, queued, milliseconds }, { states: bounds.maxStates, milliseconds: bounds.timeoutMilliseconds })}\n`,
    );
  };
}

function exitCode(files: readonly FileReport[]): ExitCode {
  const verdicts = files.map((file) => file.verdict);
  const broken = files.some((file) => file.diagnostics.some((one) => one.of === 'text' && one.severity === 'error'));
  if (broken || verdicts.includes('error')) return 2;
  return verdicts.every((verdict) => verdict === 'ok') ? 0 : 1;
}
