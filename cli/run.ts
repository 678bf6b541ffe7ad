/** `hvo run`: one execution of a scenario, step by step. */

import { timelineLines } from '../server/verdict/columns';
import { type Ending, executionOf } from '../server/verdict/execution';
import type { FileCheck, PlannedScenario } from '../server/verdict/fileCheck';
import { sourceOf } from '../server/verdict/fileCheck';
import type { Execution, ScenarioReport } from '../server/verdict/report';
import type { ScenarioCheck } from '../server/verdict/scenarioCheck';
import type { Exploration, Path } from '../simulator/explore/explore';
import { parseSchedule, printSchedule } from '../simulator/explore/schedule';
import { parseArguments } from './arguments';
import { defaultMaxStates, wholeNumber } from './checkArguments';
import { openTexts } from './checkTask';
import { readTexts } from './files';
import { counted } from './formats/summary';
import { type ExitCode, type Io, readFailure } from './io';

export const usage = `usage: hvo run FILE [--scenario NAME] [--schedule S | --seed N] [--max-states N] [--with FILE]...
               [--verbose] [--json]

Shows one execution as a timeline: what each CPU does in the order in which it takes effect, with what changes in page
tables and TLBs, and where it ends so, the oops as the kernel prints it.

  --scenario NAME  the scenario; needed when the file has several
  --schedule S     the execution that \`hvo check\` printed
  --seed N         a random execution; the same number gives the same one
  --max-states N   states to visit first (${defaultMaxStates}): a schedule counts choices of the explored program
  --with FILE      as if the file said \`use "FILE"\` at its top: other functions, another machine
  --verbose        every step, also those that nobody else can see
  --json           print one JSON document

Without --schedule and --seed it is a shortest failing execution, or, when nothing fails, the one of seed 1.
`;

/** Steps of an execution that are shown; a longer schedule is refused, a longer random execution is cut. */
const MAX_STEPS = 5_000;

interface Wanted {
  readonly schedule?: Path;
  readonly seed?: number;
  readonly maxStates: number;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** Exit code 0: shown, and nothing fails in it; 1: it ends in a failure; 2: unusable input or arguments. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    scenario: { type: 'string' },
    schedule: { type: 'string' },
    seed: { type: 'string' },
    'max-states': { type: 'string', default: String(defaultMaxStates) },
    with: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', short: 'v', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  const fail = (message: string): ExitCode => {
    io.stderr(`hvo run: ${message}\n`);
    return 2;
  };
  if (parsed.kind === 'problem') return fail(parsed.message);
  const { values, positionals } = parsed;
  if (values.help) {
    io.stdout(usage);
    return 0;
  }
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) return fail(`name one file\n${usage}`);
  const wanted = readWanted(values);
  if (typeof wanted === 'string') return fail(wanted);
  let file: FileCheck;
  try {
    const texts = await readTexts(path, values.with, io);
    const names = scenariosOf(texts.text);
    const known = values.scenario === undefined ? undefined : names.find((name) => name === values.scenario);
    file = openTexts(texts, known);
  } catch (error) {
    return fail(`${path}: ${readFailure(error)}`);
  }
  const planned = choose(file, values.scenario);
  if (typeof planned === 'string') return fail(planned);
  if (planned.isBroken) {
    for (const { place, code, severity, message } of file.diagnostics)
      if (severity === 'error') io.stderr(`${place.path}:${place.line}:${place.column}: ${code}: ${message}\n`);
    return fail(`${path}: "${planned.name}" cannot be run before its text is mended`);
  }
  const check = planned.start({ maxStates: wanted.maxStates, draws: false });
  while (!check.isDone) check.advance(10_000);
  return show(planned.name, check, wanted, io);
}

function readWanted(values: {
  readonly schedule?: string | undefined;
  readonly seed?: string | undefined;
  readonly 'max-states': string;
  readonly verbose: boolean;
  readonly json: boolean;
}): Wanted | string {
  const { schedule: text, seed: seedText, verbose, json } = values;
  if (text !== undefined && seedText !== undefined)
    return '--schedule and --seed name two executions; give one of them';
  const maxStates = wholeNumber(values['max-states']);
  if (maxStates === undefined) return `--max-states: expected a number of states, found "${values['max-states']}"`;
  const base = { maxStates, verbose, json };
  if (text !== undefined) {
    const schedule = parseSchedule(text);
    if ('problem' in schedule) return `--schedule: ${schedule.problem}`;
    if (schedule.length > MAX_STEPS)
      return `--schedule: it has ${schedule.length} steps; at most ${MAX_STEPS} are shown`;
    return { ...base, schedule };
  }
  if (seedText === undefined) return base;
  const seed = wholeNumber(seedText);
  return seed === undefined ? `--seed: expected a whole number from 1 on, found "${seedText}"` : { ...base, seed };
}

function scenariosOf(text: string): readonly string[] {
  const { items } = sourceOf('', text).parsed.file;
  return items.flatMap((item) => (item.kind === 'scenario' ? [item.title.value] : []));
}

function choose(file: FileCheck, name: string | undefined): PlannedScenario | string {
  const { scenarios } = file;
  const [first, ...others] = scenarios;
  const list = scenarios.map((one) => `  "${one.name}"`).join('\n');
  if (first === undefined) return `${file.source.uri} has no scenario`;
  if (name === undefined) return others.length === 0 ? first : `name the scenario with --scenario:\n${list}`;
  return scenarios.find((one) => one.name === name) ?? `there is no scenario "${name}"; there are\n${list}`;
}

function show(name: string, check: ScenarioCheck, wanted: Wanted, io: Io): ExitCode {
  const { exploration } = check;
  if (exploration === undefined) return 2;
  const report = check.report(0);
  const failure = firstFailure(report);
  const path =
    wanted.schedule ?? (wanted.seed === undefined ? failure : undefined) ?? sampled(exploration, wanted.seed);
  const trace = exploration.replay(path);
  if (trace.brokenAt !== undefined) {
    io.stderr(
      `hvo run: step ${trace.brokenAt + 1} of the schedule does not exist in "${name}": it was printed for another text, ` +
        'another version of hvo, or another --max-states\n',
    );
    return 2;
  }
  const execution = executionOf(check.scenario, trace, endingOf(exploration, path));
  io.stdout(wanted.json ? json(name, execution, report) : text(name, execution, report, wanted));
  return execution.end === 'done' || execution.end === 'cut' ? 0 : 1;
}

function firstFailure({ findings, claims }: ScenarioReport): Path | undefined {
  const schedule =
    findings.find((finding) => finding.severity === 'error')?.witness.schedule ??
    claims.find((claim) => claim.holds === 'no')?.witness?.schedule;
  const path = schedule === undefined ? undefined : parseSchedule(schedule);
  return path === undefined || 'problem' in path ? undefined : path;
}

function sampled(exploration: Exploration, seed = 1): Path {
  return exploration.sample(seed).slice(0, MAX_STEPS);
}

/** The path is that of a deadlock or of the begin of a livelock. */
function endingOf(exploration: Exploration, path: Path): Ending {
  const schedule = printSchedule(path);
  const { deadlocks, livelock } = exploration.result();
  const deadlock = deadlocks.find((one) => printSchedule(one.witness) === schedule);
  if (deadlock !== undefined) return { end: 'deadlock', waits: deadlock.waits };
  return livelock !== undefined && printSchedule(livelock.witness) === schedule ? { end: 'livelock' } : {};
}

function text(name: string, execution: Execution, report: ScenarioReport, { verbose }: Wanted): string {
  const ends = {
    done: 'every CPU comes to its end',
    oops: 'the kernel oopses',
    panic: 'the machine panics',
    deadlock: 'deadlock',
    livelock: 'from here on no execution ends',
    cut: 'the schedule ends here; the execution goes on',
  }[execution.end];
  return [
    `scenario "${name}": ${report.verdict}, ${counted(report.states, 'state')}`,
    '',
    ...timelineLines(execution, { verbose }),
    '',
    `end: ${ends}`,
    `schedule: ${execution.schedule}`,
    '',
  ].join('\n');
}

function json(name: string, execution: Execution, { verdict, states }: ScenarioReport): string {
  return `${JSON.stringify({ version: 1, scenario: name, verdict, states, execution }, undefined, 2)}\n`;
}
