/** `hvo compare`: approaches to one job, side by side: what can go wrong under which reader, and what each costs. */

import { join, relative } from 'node:path';
import {
  type Approach,
  type ApproachSet,
  approachSet,
  readersName,
  type ScenarioFile,
  sizesName,
} from '../server/compare/approachSet';
import {
  type ApproachReport,
  type Comparison,
  comparisonOf,
  type ReaderReport,
  readerReport,
  type SizeReport,
} from '../server/compare/comparison';
import { comparisonText } from '../server/compare/comparisonText';
import { startCost } from '../server/compare/cost';
import { counted } from '../server/verdict/counts';
import { sourceOf } from '../server/verdict/fileCheck';
import { misuse } from './arguments';
import { defaultMaxStates, defaultTimeoutSeconds } from './bounds';
import { type Answer, type ExploreBounds, openTexts, type TaskProgress, taskExplorer } from './checkTask';
import { exploreInThreads } from './checkWorker';
import { now } from './clock';
import { type CompareArguments, maxInstructions, readCompareArguments } from './compareArguments';
import { fileQueue, type Task } from './fileQueue';
import { type FileTexts, filesBelow, readTexts, usedPath } from './files';
import { duration } from './formats/summary';
import { type ExitCode, type Io, readFailure } from './io';

export const usage = `usage: hvo compare [FOLDER] [--approach NAME]... [--reader TITLE]... [--size TITLE]...
                   [--hazards | --costs] [--max-states N] [--timeout SECONDS] [--jobs N] [--json] [--verbose]

Compares approaches to one job. FOLDER holds a file for each approach, ${readersName}, whose scenarios are explored under
each approach, and ${sizesName}, whose scenarios are executed once under each approach and counted. Without FOLDER it is
the shipped ways to change live vmemmap. Prints which hazards each has, by which reader, with an execution that shows it,
and what each costs.

  --approach NAME  only this approach: the name of its file without .hvo
  --reader TITLE   only this scenario of ${readersName}
  --size TITLE     only this scenario of ${sizesName}
  --hazards        only the hazards; --costs: only the costs
  --max-states N   states to visit for one reader under one approach (${defaultMaxStates}); beyond them it is "unknown"
  --timeout S      seconds for one of them (${defaultTimeoutSeconds})
  --jobs N         threads; as many as there are processors if not given (auto)
  --json           print one JSON document
  --verbose        every execution that shows a hazard, not only one for each hazard

Exit code 0: compared; 1: a bound was hit; 2: unusable input or arguments.
`;

/** Where the shipped approaches are: beside the folder of the program. */
const shipped = join(__dirname, '..', 'approaches');

export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const read = readCompareArguments(args);
  if (read.kind === 'help') {
    io.stdout(usage);
    return 0;
  }
  if (read.kind === 'problem') return misuse(io, 'compare', read.message);
  const { values } = read;
  const folder = values.folder ?? (relative('', shipped) || '.');
  const set = await openSet(folder, values, io);
  if (typeof set === 'string') return misuse(io, 'compare', set);
  const comparison = await compare(set, values, io);
  io.stdout(
    values.json
      ? `${JSON.stringify(comparison, undefined, 2)}\n`
      : comparisonText(comparison, { verbose: values.verbose }),
  );
  return exitCode(comparison);
}

/** The set with what was asked for, or what is wrong. */
async function openSet(folder: string, values: CompareArguments, io: Io): Promise<ApproachSet | string> {
  const files = [];
  const problems: string[] = [];
  for (const path of await filesBelow(folder, '.hvo', io, (at, why) => problems.push(`${at}: ${why}`))) {
    try {
      files.push({ path, text: await io.readText(path) });
    } catch (error) {
      return `${path}: ${readFailure(error)}`;
    }
  }
  const [problem] = problems;
  if (problem !== undefined) return problem;
  const set = approachSet(files);
  if (set.readers === undefined && set.sizes === undefined)
    return `${folder}: there is neither ${readersName} nor ${sizesName} in it`;
  if (set.approaches.length === 0) return `${folder}: there is no approach in it, a .hvo file that no other file uses`;
  const unknown = values.approaches.find((name) => !set.approaches.some((one) => one.name === name));
  if (unknown !== undefined)
    return `--approach: there is no "${unknown}"; there are ${set.approaches.map((one) => one.name).join(', ')}`;
  const readers = chosen('--reader', set.readers, values.readers);
  if (typeof readers === 'string') return readers;
  const sizes = chosen('--size', set.sizes, values.sizes);
  if (typeof sizes === 'string') return sizes;
  return {
    readers: values.hazards ? readers : undefined,
    sizes: values.costs ? sizes : undefined,
    approaches: set.approaches.filter(({ name }) => values.approaches.length === 0 || values.approaches.includes(name)),
  };
}

/** The scenarios of a file that are asked for, or which there are. */
function chosen(
  option: string,
  file: ScenarioFile | undefined,
  titles: readonly string[],
): ScenarioFile | undefined | string {
  if (file === undefined || titles.length === 0) return file;
  const stranger = titles.find((title) => !file.scenarios.includes(title));
  if (stranger === undefined) return { ...file, scenarios: file.scenarios.filter((title) => titles.includes(title)) };
  return `${option}: there is no scenario "${stranger}"; there are ${file.scenarios.map((one) => `"${one}"`).join(', ')}`;
}

async function compare(set: ApproachSet, values: CompareArguments, io: Io): Promise<Comparison> {
  const { readers, sizes, approaches } = set;
  const explored =
    readers === undefined ? [] : await exploreAll(readers.path, readers.scenarios, approaches, values, io);
  const reports: ApproachReport[] = [];
  for (const [i, approach] of approaches.entries()) {
    const costs = sizes === undefined ? [] : await countAll(sizes.path, sizes.scenarios, approach, io);
    reports.push({ ...approach, readers: explored[i] ?? [], costs });
  }
  return comparisonOf(set, reports);
}

/** The reports of every reader, by approach. */
async function exploreAll(
  path: string,
  titles: readonly string[],
  approaches: readonly Approach[],
  values: CompareArguments,
  io: Io,
): Promise<readonly (readonly ReaderReport[])[]> {
  const texts: FileTexts[] = [];
  for (const approach of approaches) texts.push(await readTexts(path, [approach.path], io));
  const bounds: ExploreBounds = {
    maxStates: values.maxStates,
    timeoutMilliseconds: values.timeoutMilliseconds,
    draws: false,
    outcomes: true,
  };
  const wanted = texts.map((file) => titles.map((title) => file.titles.indexOf(title)));
  const reports = texts.map((): ReaderReport[] => []);
  let done = 0;
  const titleOf = ({ file, scenario }: Task) => texts[file]?.titles[scenario ?? 0] ?? '';
  const progress = progressPrinter(approaches, approaches.length * titles.length, () => done, io);
  const tell = (task: Task, answer: Answer): void => {
    if (answer.kind === 'progress') progress(task.file, titleOf(task), answer.progress);
    if (answer.kind !== 'done' || answer.report === undefined) return;
    const { report } = answer;
    const problems =
      report.verdict === 'error' ? openTexts(texts[task.file] as FileTexts, titleOf(task)).diagnostics : [];
    (reports[task.file] as ReaderReport[])[titles.indexOf(titleOf(task))] = readerReport(report, problems);
    done++;
  };
  const queue = fileQueue(wanted);
  if (values.jobs > 1 && io.script !== undefined)
    await exploreInThreads(io.script, queue, texts, bounds, values.jobs, tell);
  let task: Task | undefined;
  const explore = taskExplorer(bounds, now, (answer) => tell(task as Task, answer));
  for (task = queue.next(undefined); task !== undefined; task = queue.next(task.file))
    await explore(task, texts[task.file] as FileTexts);
  return reports;
}

async function countAll(
  path: string,
  titles: readonly string[],
  approach: Approach,
  io: Io,
): Promise<readonly SizeReport[]> {
  const { text, used, first } = await readTexts(path, [approach.path], io);
  const sources = new Map(used.map((one) => [one.path, sourceOf(one.path, one.text)]));
  const front = sources.get(first[0] ?? '');
  if (front === undefined) return [];
  const main = sourceOf(path, text);
  return titles.map((size) => {
    const open = (from: string, name: string) => sources.get(usedPath(from, name));
    const run = startCost(main, front, open, size, { maxInstructions });
    while (!run.advance(1_000_000));
    return { size, ...run.result() };
  });
}

/** Long work says how far it is, on stderr: nothing in the first seconds, then a line now and then. */
const FIRST_PROGRESS = 2_000;
const NEXT_PROGRESS = 5_000;

function progressPrinter(approaches: readonly Approach[], all: number, done: () => number, io: Io) {
  const start = now();
  let due = FIRST_PROGRESS;
  return (approach: number, title: string, { states, milliseconds }: TaskProgress): void => {
    const soFar = now() - start;
    if (soFar < due) return;
    due = soFar + NEXT_PROGRESS;
    io.stderr(
      `hvo compare: ${done()} of ${counted(all, 'reader')} done; ${approaches[approach]?.name} "${title}": ` +
        `${counted(states, 'state')}, ${duration(Math.round(milliseconds))}\n`,
    );
  };
}

function exitCode({ approaches }: Comparison): ExitCode {
  const readers = approaches.flatMap((one) => one.readers);
  const costs = approaches.flatMap((one) => one.costs);
  if (readers.some((one) => one.result === 'error')) return 2;
  return readers.some((one) => one.result === 'unknown') || costs.some((one) => one.problem !== undefined) ? 1 : 0;
}
