/** Answers to questions about a document: one execution, all executions, page tables and TLBs at a place. */

import { atSites, type There } from '../../simulator/explore/atSite';
import type { Exploration } from '../../simulator/explore/explore';
import { parseSchedule, printSchedule } from '../../simulator/explore/schedule';
import { enclosing } from '../features/enclosing';
import { expansionMarkdown } from '../features/expansion';
import { pageTableMarkdown, pageTableText } from '../features/pageTableView';
import { failingWitness, scenarioLine } from '../features/scenarioView';
import { subjectsAt } from '../features/subjectAt';
import { isWithin } from '../language/elaborate/sites';
import { executionLines } from '../verdict/columns';
import { executionOf } from '../verdict/execution';
import type { ScenarioReport } from '../verdict/report';
import { type Analysis, scenariosOf } from './analysis';
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
  const chosen = schedule ?? failingWitness(report)?.schedule ?? interestingSchedule(report, exploration);
  const path = parseSchedule(chosen);
  if ('problem' in path) return { refused: `The schedule cannot be read: ${path.problem}.` };
  const trace = exploration.replay(path);
  if (trace.brokenAt !== undefined)
    return { refused: `The schedule does not fit: “${name}” is another program since it was made. Explore it again.` };
  const execution = executionOf(scenario, trace);
  const lines = executionLines(execution, { verbose: false, changes: true });
  return {
    report: {
      title: `Run of “${name}”`,
      language: 'plaintext',
      text: [`One execution of “${name}”, ${execution.steps.length} steps, schedule ${chosen}`, '', ...lines, ''].join(
        '\n',
      ),
      schedule: chosen,
    },
    scenarios: [report],
  };
}

/** A run that nobody named a schedule for looks this long for an execution that fails. */
const MAX_RUN_MILLISECONDS = 3000;

/** An execution in which something happens that is worth a look, or any one. */
function interestingSchedule({ outcomes }: ScenarioReport, exploration: Exploration): string {
  const items = outcomes.flatMap((place) => place.items);
  const note = items.find(({ severity }) => severity === 'bad') ?? items.find(({ severity }) => severity === 'note');
  return note?.schedule ?? printSchedule(exploration.sample(1));
}

function* exploreAll(asked: Asked, name: string | undefined): Generator<void, Answer | NoAnswer, void> {
  const all = preparedScenarios(asked, name);
  if (all.length === 0) return { refused: 'The file has no scenario: write scenario "name" { … }.' };
  const scenarios: ScenarioReport[] = [];
  for (const prepared of all) {
    const control = asked.control(prepared.item.title.value);
    scenarios.push(yield* exploreScenario(prepared, asked.limits, control));
  }
  const title = name === undefined ? 'All executions' : `All executions of “${name}”`;
  return {
    report: { title, language: 'plaintext', text: scenarios.map(scenarioLine).join('\n') },
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
    const expansion =
      form === 'hover' && place.statement !== undefined
        ? expansionMarkdown(scenario, source, place.statement, place.expressions)
        : undefined;
    if (subjects.length === 0 && expansion === undefined && (form === 'hover' || name === undefined)) continue;
    const there = yield* thereAt(prepared, form === 'hover' ? MAX_HOVER_STATES : MAX_REPORT_STATES, offset);
    const text =
      form === 'report'
        ? pageTableText(scenario, subjects, there)
        : [
            ...(expansion === undefined ? [] : [expansion]),
            ...(subjects.length === 0 ? [] : [pageTableMarkdown(scenario, subjects, there)]),
          ].join('\n\n');
    const title = `Page tables in “${scenario.name}”`;
    const span = subjects[0]?.span ?? place.statement?.span;
    return { report: { title, language: 'markdown', text }, scenarios, ...(span === undefined ? {} : { span }) };
  }
  return {
    refused: 'There is no address, page or entry of a scenario here. Put the cursor on one, such as H.tail(1).',
  };
}

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
