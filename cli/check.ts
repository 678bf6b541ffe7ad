/** `hvo check`: every execution of every scenario, and what is wrong with them. */

import { counted, grouped } from '../server/verdict/counts';
import type { FileCheck, PlannedScenario } from '../server/verdict/fileCheck';
import { forecastText } from '../server/verdict/forecastText';
import { type FileReport, type ScenarioReport, unreadable } from '../server/verdict/report';
import { misuse } from './arguments';
import { defaultMaxStates, defaultTimeoutSeconds } from './bounds';
import { type CheckArguments, readCheckArguments } from './checkArguments';
import { type ExploreBounds, exploreScenario, openTexts, type TaskProgress } from './checkTask';
import { exploreInThreads, type Task } from './checkWorker';
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

interface OpenedFile {
  readonly texts: FileTexts;
  readonly check: FileCheck;
}

export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const read = readCheckArguments(args);
  if (read.kind === 'help') {
    io.stdout(usage);
    return 0;
  }
  if (read.kind === 'problem') return misuse(io, 'check', read.message);
  const { values } = read;
  const start = performance.now();
  const { files, unreadables } = await openAll(values, io);
  const tasks = tasksOf(files, values);
  if (values.only !== undefined && tasks.length === 0 && files.length > 0) {
    const titles = files.flatMap(({ check }) => check.scenarios.map((one) => one.name));
    const isElsewhere = titles.includes(values.only);
    io.stderr(
      `hvo check: ${isElsewhere ? `the scenario "${values.only}" is in another part than the one that --shard asks for` : noSuchScenario(values.only, titles)}\n`,
    );
    return 2;
  }
  const reports = await exploreAll(files, tasks, values, io);
  const results = [
    ...files.map(({ check }, file) => check.report(reports.filter((_, i) => tasks[i]?.file === file))),
    ...unreadables,
  ];
  const milliseconds = Math.round(performance.now() - start);
  io.stdout(formats[values.format].print(results, { verbose: values.verbose, first: values.first, milliseconds }));
  return exitCode(results);
}

async function openAll(
  { paths, first }: CheckArguments,
  io: Io,
): Promise<{ readonly files: readonly OpenedFile[]; readonly unreadables: readonly FileReport[] }> {
  const files: OpenedFile[] = [];
  const unreadables: FileReport[] = [];
  const fail = (path: string, message: string) => {
    io.stderr(`hvo check: ${path}: ${message}\n`);
    unreadables.push(unreadable(path, message));
  };
  const seen = new Set<string>();
  for (const path of paths) {
    const found = await filesBelow(path, '.hvo', io).catch(() => []);
    if (found.length === 0) fail(path, 'there is no .hvo file below it');
    for (const file of found) {
      if (seen.has(file)) continue;
      seen.add(file);
      try {
        files.push(await open(file, first, io));
      } catch (error) {
        fail(file, readFailure(error));
      }
    }
  }
  return { files, unreadables };
}

async function open(path: string, first: readonly string[], io: Io): Promise<OpenedFile> {
  const texts = await readTexts(path, first, io);
  return { texts, check: openTexts(texts) };
}

interface PlannedTask extends Task {
  readonly planned: PlannedScenario;
}

/** The scenarios that are asked for, in the order of files and texts. */
function tasksOf(files: readonly OpenedFile[], { shard, only }: CheckArguments): readonly PlannedTask[] {
  return files
    .flatMap(({ check }, file) => check.scenarios.map((planned) => ({ planned, file, scenario: planned.name })))
    .filter((_, i) => i % shard.count === shard.index - 1)
    .filter(({ scenario }) => only === undefined || scenario === only);
}

/** The reports of the tasks, in their order. */
async function exploreAll(
  files: readonly OpenedFile[],
  tasks: readonly PlannedTask[],
  values: CheckArguments,
  io: Io,
): Promise<readonly ScenarioReport[]> {
  const done = new Map<Task, ScenarioReport>();
  const { maxStates, timeoutMilliseconds, format, verbose } = values;
  const drawsAll = verbose || format === 'json';
  const bounds: ExploreBounds = { maxStates, timeoutMilliseconds, draws: drawsAll ? true : 'failures' };
  const progress = progressPrinter(files, tasks.length, () => done.size, bounds, io);
  const [broken, sound] = [tasks.filter((one) => one.planned.isBroken), tasks.filter((one) => !one.planned.isBroken)];
  const now = () => performance.now();
  const end = now() + values.headStart;
  const threads = io.script === undefined ? 1 : values.jobs;
  let waiting: readonly PlannedTask[] = [...broken, ...sound];
  while (waiting.length > 0) {
    const [task, ...others] = waiting as [PlannedTask, ...PlannedTask[]];
    const patience = threads > 1 && others.length > 0 ? end - now() : Number.POSITIVE_INFINITY;
    if (patience <= 0 && !task.planned.isBroken) break;
    const report = exploreScenario(task.planned, bounds, now, (how) => progress(task, how), patience);
    if (report === undefined) break;
    done.set(task, report);
    waiting = others;
  }
  if (waiting.length > 0 && io.script !== undefined) {
    const plain = new Map(waiting.map((task): [Task, Task] => [{ file: task.file, scenario: task.scenario }, task]));
    const texts = files.map((file) => file.texts);
    await exploreInThreads(io.script, [...plain.keys()], texts, bounds, threads, progress, (task, report) =>
      done.set(plain.get(task) as Task, report),
    );
  }
  return tasks.map((task) => done.get(task) as ScenarioReport);
}

/** Long work says how far it is, on stderr: nothing in the first seconds, then a line now and then. */
const FIRST_PROGRESS = 2_000;
const NEXT_PROGRESS = 5_000;

function progressPrinter(files: readonly OpenedFile[], all: number, done: () => number, bounds: ExploreBounds, io: Io) {
  let due = FIRST_PROGRESS;
  let total = 0;
  let last: { task: Task; milliseconds: number } | undefined;
  return (task: Task, { states, queued, milliseconds, estimate }: TaskProgress): void => {
    const since = last?.task === task ? milliseconds - last.milliseconds : milliseconds;
    last = { task, milliseconds };
    total += since;
    if (total < due) return;
    due = total + NEXT_PROGRESS;
    const { check } = files[task.file] as OpenedFile;
    io.stderr(
      `hvo check: ${done()} of ${counted(all, 'scenario')} done; ${check.source.uri} "${task.scenario}": ` +
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
