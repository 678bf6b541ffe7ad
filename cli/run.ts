/** `hvo run`: one execution of a scenario, step by step. */

import { timelineLines } from '../server/verdict/columns';
import { counted } from '../server/verdict/counts';
import { type Ending, executionOf, failsIn } from '../server/verdict/execution';
import type { Execution, ScenarioReport } from '../server/verdict/report';
import type { ScenarioCheck } from '../server/verdict/scenarioCheck';
import type { Exploration, Path } from '../simulator/explore/explore';
import { parseSchedule, printSchedule } from '../simulator/explore/schedule';
import { misuse, parseArguments } from './arguments';
import { defaultMaxStates, maxStatesOption, readMaxStates, wholeNumber } from './bounds';
import { boundReason } from './formats/text';
import type { ExitCode, Io } from './io';
import { exploreOne } from './oneScenario';

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

Without --schedule and --seed it is a shortest failing execution, or, when nothing fails, a shortest one that shows what
a \`sometimes\` of the scenario asks for, or else the random one of seed 1.

Exit code 0: shown, and nothing fails in it; 1: something fails in it, expected or not: an oops, a deadlock, a livelock,
or another outcome that fails a scenario, such as bbm or stale-read; 2: unusable input or arguments.
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

/** Exit code 0: shown, and nothing fails in it; 1: something fails in it; 2: unusable input or arguments. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    scenario: { type: 'string' },
    schedule: { type: 'string' },
    seed: { type: 'string' },
    ...maxStatesOption,
    with: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', short: 'v', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return misuse(io, 'run', parsed.message);
  const { values, positionals } = parsed;
  if (values.help) {
    io.stdout(usage);
    return 0;
  }
  const wanted = readWanted(values);
  if (typeof wanted === 'string') return misuse(io, 'run', wanted);
  const { scenario, with: first } = values;
  const { maxStates } = wanted;
  const explored = await exploreOne('run', 'run', { positionals, scenario, first, maxStates }, io);
  return typeof explored === 'number' ? explored : show(explored.name, explored.check, wanted, io);
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
  const maxStates = readMaxStates(values);
  if (typeof maxStates === 'string') return maxStates;
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

function show(name: string, check: ScenarioCheck, wanted: Wanted, io: Io): ExitCode {
  const { exploration } = check;
  if (exploration === undefined) return 2;
  const report = check.report(0);
  const { path, shows } = pathOf(wanted, report, exploration);
  const trace = exploration.replay(path);
  if (trace.brokenAt !== undefined) {
    io.stderr(
      `hvo run: step ${trace.brokenAt + 1} of the schedule does not exist in "${name}": it was printed for another text, ` +
        'another version of hvo, or another --max-states\n',
    );
    return 2;
  }
  const execution = executionOf(check.scenario, trace, endingOf(exploration, path));
  if (execution.end === 'cut' && execution.steps.length === 0)
    return misuse(
      io,
      'run',
      '--schedule: it has no step; paste all of what hvo check printed, or leave the option out',
    );
  io.stdout(wanted.json ? json(name, execution, report, shows) : text(name, execution, report, shows, wanted));
  return failsIn(trace, execution) || isOfFailure(report, execution) ? 1 : 0;
}

/** It is shown for an expectation that does not hold, or for a finding that no step of it tells by itself. */
function isOfFailure({ findings, claims }: ScenarioReport, { schedule }: Execution): boolean {
  return (
    findings.some((finding) => finding.severity === 'error' && finding.witness.schedule === schedule) ||
    claims.some((claim) => claim.holds === 'no' && claim.witness?.schedule === schedule)
  );
}

/** What is shown, and of what it is an execution. */
function pathOf(
  { schedule, seed }: Wanted,
  report: ScenarioReport,
  exploration: Exploration,
): { readonly path: Path; readonly shows: string } {
  if (schedule !== undefined) return { path: schedule, shows: 'the schedule that was given' };
  if (seed !== undefined) return { path: sampled(exploration, seed), shows: `a random execution, seed ${seed}` };
  const { findings, claims } = report;
  const found = findings.find((finding) => finding.severity === 'error');
  const failure = found && pathOfText(found.witness.schedule);
  if (failure !== undefined) return { path: failure, shows: `${found?.code} ${found?.outcome}` };
  for (const holds of ['no', 'yes'] as const) {
    const claim = claims.find((one) => one.holds === holds && one.witness !== undefined);
    const path = claim?.witness && pathOfText(claim.witness.schedule);
    const how = holds === 'no' ? 'does not hold' : 'holds';
    if (path !== undefined) return { path, shows: `${claim?.text.replace(/\s+/g, ' ')}: ${how}` };
  }
  const fails = report.bound === undefined ? 'nothing fails' : `nothing fails up to ${counted(report.states, 'state')}`;
  return { path: sampled(exploration, 1), shows: `a random execution, seed 1: ${fails}, and no claim asks for one` };
}

function pathOfText(text: string): Path | undefined {
  const path = parseSchedule(text);
  return 'problem' in path ? undefined : path;
}

function sampled(exploration: Exploration, seed: number): Path {
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

function text(name: string, execution: Execution, report: ScenarioReport, shows: string, { verbose }: Wanted): string {
  const ends = {
    done: 'every CPU comes to its end',
    endless: 'what is left is endless: each such loop has done a round, and the next one would begin',
    oops: 'the kernel oopses',
    panic: 'the machine panics',
    deadlock: 'deadlock',
    livelock: 'from here on no execution ends',
    cut: 'the schedule ends here; the execution goes on',
  }[execution.end];
  return [
    `scenario "${name}": ${report.verdict}, ${counted(report.states, 'state')}${report.bound === undefined ? '' : `; ${boundReason(report.bound)}`}`,
    `shown: ${shows}`,
    '',
    ...timelineLines(execution, { verbose }),
    '',
    `end: ${ends}`,
    `schedule: ${execution.schedule}`,
    '',
  ].join('\n');
}

function json(name: string, execution: Execution, { verdict, states }: ScenarioReport, shows: string): string {
  return `${JSON.stringify({ version: 1, scenario: name, verdict, states, shows, execution }, undefined, 2)}\n`;
}
