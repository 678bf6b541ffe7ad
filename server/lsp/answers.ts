/** Answers to questions about a document: one execution, all executions, page tables and TLBs at a place. */

import { atSites, type There } from '../../simulator/explore/atSite';
import type { Exploration, Path } from '../../simulator/explore/explore';
import { parseSchedule, printSchedule } from '../../simulator/explore/schedule';
import { type Enclosing, enclosing } from '../features/enclosing';
import { expansionMarkdown } from '../features/expansion';
import { exploreText } from '../features/exploreText';
import { pageTableMarkdown, pageTableText } from '../features/pageTableView';
import { expectedWitness, failingWitness } from '../features/scenarioView';
import { subjectsAt } from '../features/subjectAt';
import { tlbiOperandMarkdown } from '../features/tlbiView';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { isWithin } from '../language/elaborate/sites';
import type { Source } from '../language/elaborate/source';
import { timelineLines } from '../verdict/columns';
import { type Ending, executionOf } from '../verdict/execution';
import type { ExecutionEnd, ScenarioReport } from '../verdict/report';
import { type Analysis, scenariosOf } from './analysis';
import { compareAll } from './compareAnswer';
import type { Answer, ExploreLimits, Question } from './explorerMessages';
import type { ScenarioCache } from './scenarioCache';
import { type ExploreControl, exploreScenario, type Prepared, prepare } from './scenarioWork';

/** What an answer needs beside the question. */
export interface Asked {
  readonly analysis: Analysis;
  readonly cache: ScenarioCache;
  readonly limits: ExploreLimits;
  readonly control: (scenario: string) => ExploreControl;
}

/** A sentence for the user: there is no answer. */
export interface NoAnswer {
  readonly refused: string;
}

export function* answer(asked: Asked, question: Question): Generator<void, Answer | NoAnswer, void> {
  switch (question.kind) {
    case 'run':
      return yield* run(asked, question.scenario, question.schedule);
    case 'explore':
      return yield* exploreAll(asked, question.scenario);
    case 'pageTables':
      return yield* pageTables(asked, question.offset, question.form);
    case 'compare':
      return yield* compareAll(asked, question.title, question.files);
  }
}

function preparedScenarios({ analysis, cache }: Asked, name?: string): readonly Prepared[] {
  return scenariosOf(analysis)
    .filter(({ title }) => name === undefined || title.value === name)
    .map((item) => prepare(analysis, item, cache));
}

function* run(asked: Asked, name: string, schedule: string | undefined): Generator<void, Answer | NoAnswer, void> {
  const [prepared] = preparedScenarios(asked, name);
  if (prepared === undefined) return { refused: `There is no scenario “${name}”.` };
  if (prepared.isBroken)
    return { refused: `“${name}” cannot run: its text has mistakes, see the problems of the file.` };
  const limits = { ...asked.limits, milliseconds: Math.min(asked.limits.milliseconds, MAX_RUN_MILLISECONDS) };
  const report = yield* exploreScenario(prepared, schedule === undefined ? limits : asked.limits, asked.control(name));
  const { exploration, scenario } = prepared.cached;
  if (exploration === undefined) return { refused: `“${name}” cannot run.` };
  const shown = failingWitness(report) ?? expectedWitness(report);
  const chosen = schedule ?? shown?.schedule ?? interestingSchedule(exploration);
  const path = parseSchedule(chosen);
  if ('problem' in path) return { refused: `The schedule cannot be read: ${path.problem}.` };
  if (path.length > MAX_STEPS) return { refused: `The schedule has more than ${MAX_STEPS} steps.` };
  const trace = exploration.replay(path);
  if (trace.brokenAt !== undefined)
    return { refused: `The schedule does not fit: “${name}” is another program since it was made. Explore it again.` };
  const execution = executionOf(scenario, trace, endingOf(exploration, chosen));
  const lines = timelineLines(execution, { verbose: false });
  const head = [`One execution of “${name}”: ${endWords[execution.end]}`, `schedule ${chosen}`];
  const title = `Run: ${name}`;
  return {
    report: { title, language: 'plaintext', text: [...head, '', ...lines, ''].join('\n'), schedule: chosen },
    scenarios: [report],
  };
}

/** Steps of an execution that are shown. */
const MAX_STEPS = 5_000;

const endWords: Readonly<Record<ExecutionEnd, string>> = {
  done: 'every CPU comes to its end',
  endless: 'what is left is endless: each such loop has done a round, and the next one would begin',
  oops: 'the kernel oopses',
  panic: 'the machine panics',
  deadlock: 'it ends in a deadlock',
  livelock: 'from its end on no execution ends',
  cut: 'the schedule ends before it does',
};

/** A schedule may be that of a deadlock, or of the beginning of a livelock. */
function endingOf(exploration: Exploration, schedule: string): Ending {
  const { deadlocks, livelock } = exploration.result();
  const deadlock = deadlocks.find(({ witness }) => printSchedule(witness) === schedule);
  if (deadlock !== undefined) return { end: 'deadlock', waits: deadlock.waits };
  return livelock !== undefined && printSchedule(livelock.witness) === schedule ? { end: 'livelock' } : {};
}

/** A run that nobody named a schedule for looks this long for an execution that fails. */
const MAX_RUN_MILLISECONDS = 3000;

/** A whole execution in which something happens that is worth a look, or any one. */
function interestingSchedule(exploration: Exploration): string {
  const samples = Array.from({ length: MAX_SAMPLES }, (_, i) => exploration.sample(i + 1).slice(0, MAX_STEPS));
  const isWorth = (path: Path): boolean =>
    exploration.replay(path).steps.some(({ events }) => events.some(({ kind }) => kind !== 'access'));
  return printSchedule(samples.find(isWorth) ?? samples[0] ?? []);
}

/** Random executions that are looked at for one in which something happens. */
const MAX_SAMPLES = 12;

function* exploreAll(asked: Asked, name: string | undefined): Generator<void, Answer | NoAnswer, void> {
  const all = preparedScenarios(asked, name);
  if (all.length === 0) return { refused: 'The file has no scenario: write scenario "name" { … }.' };
  const scenarios: ScenarioReport[] = [];
  for (const prepared of all) {
    const control = asked.control(prepared.item.title.value);
    scenarios.push(yield* exploreScenario(prepared, asked.limits, control, { draws: true }));
  }
  const title = name === undefined ? 'Explored' : `Explored: ${name}`;
  return {
    report: { title, language: 'plaintext', text: exploreText(scenarios) },
    scenarios,
  };
}

function* pageTables(asked: Asked, offset: number, form: 'hover' | 'report'): Generator<void, Answer | NoAnswer, void> {
  const { analysis } = asked;
  const { source } = analysis;
  const place = enclosing(source.parsed.file, offset);
  const name = place.scenario?.title.value;
  const scenarios: ScenarioReport[] = [];
  for (const prepared of preparedScenarios(asked, name)) {
    if (prepared.isBroken) continue;
    if (form === 'report') {
      const control = asked.control(prepared.item.title.value);
      scenarios.push(yield* exploreScenario(prepared, asked.limits, control));
    }
    // An exploration may find that the program is another one than it seemed.
    const { scenario } = prepared.cached;
    const subjects = subjectsAt(scenario, source, offset);
    const steps = form === 'hover' && place.statement !== undefined ? stepViews(scenario, source, place) : [];
    if (subjects.length === 0 && steps.length === 0 && (form === 'hover' || name === undefined)) continue;
    const there = yield* thereAt(prepared, form === 'hover' ? MAX_HOVER_STATES : MAX_REPORT_STATES, offset);
    const text =
      form === 'report'
        ? pageTableText(scenario, subjects, there)
        : [...steps, ...(subjects.length === 0 ? [] : [pageTableMarkdown(scenario, subjects, there)])].join('\n\n');
    const title = `Page tables: ${scenario.name}`;
    const span = subjects[0]?.span ?? place.statement?.span;
    const isValue = steps.length === 0;
    return {
      report: { title, language: 'markdown', text },
      scenarios,
      isValue,
      ...(span === undefined ? {} : { span }),
    };
  }
  return {
    refused: 'There is no address, page or entry of a scenario here. Put the cursor on one, such as H.tail(1).',
  };
}

/** What the statement at a place does: what a call expands to, and what it invalidates. */
function stepViews(scenario: ElaboratedScenario, source: Source, place: Enclosing): readonly string[] {
  const { statement, expressions } = place;
  if (statement === undefined || expressions.length > MAX_STEP_DEPTH) return [];
  return [
    expansionMarkdown(scenario, source, statement, expressions),
    tlbiOperandMarkdown(scenario, source, statement),
  ].filter((view) => view !== undefined);
}

/** Nested deeper than this in a statement, a position is about a value and no longer about the step. */
const MAX_STEP_DEPTH = 2;

/** States that a hover, and a report, looks at to say what TLBs may hold. */
const MAX_HOVER_STATES = 20_000;
const MAX_REPORT_STATES = 200_000;
/** While an exploration goes on it must not move meanwhile, so that only so many are looked at in one go. */
const MAX_RUNNING_STATES = 2_000;

function* thereAt(prepared: Prepared, maxStates: number, offset: number): Generator<void, There | undefined, void> {
  const { exploration, scenario } = prepared.cached;
  if (exploration === undefined || exploration.states === 0) return undefined;
  const { source } = prepared.analysis;
  const { statement } = enclosing(source.parsed.file, offset);
  const sites = new Set(
    scenario.sites.flatMap((info, site) =>
      statement !== undefined && isWithin(info, { source, span: statement.span }) ? [site] : [],
    ),
  );
  if (exploration.isDone) return yield* atSites(exploration, sites, maxStates);
  const looking = atSites(exploration, sites, Math.min(maxStates, MAX_RUNNING_STATES));
  for (;;) {
    const next = looking.next();
    if (next.done) return next.value;
  }
}
