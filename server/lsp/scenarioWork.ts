/** One scenario in the worker: from its text to its report, in slices. */

import { type Meaning, meaningOf, moveBetween } from '../features/scenarioMeaning';
import type { ScenarioItem } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { reportPlace } from '../verdict/places';
import type { ScenarioReport } from '../verdict/report';
import { type ScenarioCheck, startCheck } from '../verdict/scenarioCheck';
import type { Analysis } from './analysis';
import type { ExploreLimits } from './explorerMessages';
import { movedReport, reportNamesLines } from './movedReport';
import type { Cached, ScenarioCache } from './scenarioCache';
import { isOnLines, rulesOf } from './scenarioRules';

/** A scenario of one text, elaborated when somebody looks at what that gives. */
export interface Prepared {
  readonly analysis: Analysis;
  readonly item: ScenarioItem;
  readonly meaning: Meaning;
  readonly cached: Cached;
  readonly cache: ScenarioCache;
  /** With its places in this text. */
  readonly scenario: ElaboratedScenario;
  /** Syntax or names of what it depends on are wrong: what the elaboration says mostly follows from that. */
  readonly isMisread: boolean;
  /** A mistake in what it depends on leaves open what it means. */
  readonly isBroken: boolean;
}

export function prepare(analysis: Analysis, item: ScenarioItem, cache: ScenarioCache): Prepared {
  const { source, used, errors } = analysis;
  const meaning = meaningOf(item, source, used, analysis.libraryOf(item));
  let [cached, scenario]: [Cached?, ElaboratedScenario?] = [];
  const isMisread = errors.some(({ start, end }) =>
    meaning.items.some(({ span }) => span.start <= start && end <= span.end),
  );
  return {
    analysis,
    item,
    meaning,
    cache,
    get cached() {
      cached ??= cache.get(meaning, item, source, used);
      return cached;
    },
    get scenario() {
      scenario ??= this.cached.scenario;
      return scenario;
    },
    isMisread,
    get isBroken() {
      return isMisread || !this.scenario.isUsable;
    },
  };
}

/** What the host of an exploration decides while it goes on. */
export interface ExploreControl {
  readonly now: () => number;
  /** Why to stop now, if at all. */
  readonly stopped: () => 'cancelled' | undefined;
  /** `scenario`: another one than the control is for. */
  readonly progress: (states: number, queued: number, milliseconds: number, scenario?: string) => void;
}

/** A step of the exploration takes about this long. */
const STEP_MILLISECONDS = 3;

/** Explores to the end or to a limit, and goes on where an earlier exploration of the same scenario was left. */
export function* exploreScenario(
  prepared: Prepared,
  limits: ExploreLimits,
  control: ExploreControl,
  { draws }: { readonly draws: boolean } = { draws: false },
): Generator<void, ScenarioReport, void> {
  if (prepared.isBroken) return brokenReport(prepared);
  const known = draws ? undefined : knownReport(prepared, limits);
  if (known !== undefined) return known;
  const { cached, cache } = prepared;
  const { work } = cache;
  const started = control.now();
  const check = checkOf(prepared, limits, draws);
  keep(prepared, check);
  cached.milliseconds += control.now() - started;
  let stopped: string | undefined;
  let budget = 64;
  while (!check.isDone && stopped === undefined) {
    yield;
    const before = control.now();
    const { states } = check;
    check.advance(budget);
    // A pass that learned something begins again.
    work.statesExplored += Math.max(0, check.states - states);
    const took = control.now() - before;
    budget = Math.max(8, Math.min(20_000, Math.round((budget * STEP_MILLISECONDS) / Math.max(took, 0.05))));
    keep(prepared, check);
    cached.milliseconds += took;
    control.progress(check.states, check.queued, cached.milliseconds);
    stopped = control.stopped() ?? limitOf(check, cached, limits);
  }
  keep(prepared, check);
  const report = check.report(Math.round(cached.milliseconds), stopped);
  work.scenariosReported++;
  if (check.isDone && !draws) remember(prepared, check, limits, report);
  return report;
}

/** What was reported of the same exploration, at the places of today. */
function knownReport({ analysis, meaning, cached }: Prepared, limits: ExploreLimits): ScenarioReport | undefined {
  const known = cached.report;
  if (known === undefined || known.program !== cached.scenario.program || known.states !== limits.states)
    return undefined;
  const { source } = analysis;
  if (known.source === source) return known.report;
  if (known.namesLines && !isOnLines(known, source, meaning.starts)) return undefined;
  return movedReport(known.report, source, moveBetween(known.starts, meaning.starts));
}

function remember(
  { analysis, meaning, cached }: Prepared,
  { scenario: { program } }: ScenarioCheck,
  { states }: ExploreLimits,
  report: ScenarioReport,
): void {
  if (cached.source !== analysis.source || cached.scenario.program !== program) return;
  const namesLines = reportNamesLines(report);
  cached.report = { report, program, states, source: analysis.source, starts: meaning.starts, namesLines };
}

function limitOf({ exploration }: ScenarioCheck, cached: Cached, limits: ExploreLimits): string | undefined {
  if (cached.milliseconds > limits.milliseconds) return 'time';
  return (exploration?.bytes ?? 0) > limits.bytes ? 'memory' : undefined;
}

/** The check of a scenario, with what is explored of it already. */
function checkOf(prepared: Prepared, limits: ExploreLimits, draws: boolean): ScenarioCheck {
  const { analysis, item, cache, cached, scenario } = prepared;
  const { source, used } = analysis;
  const textCodes = rulesOf(prepared).codes;
  const elaborate = (unsettled: ReadonlySet<bigint>): ElaboratedScenario => {
    if (unsettled.size === 0) return scenario;
    for (const word of unsettled) cached.unsettled.add(word);
    return cache.make(item, source, used, cached.unsettled);
  };
  return startCheck(source, elaborate, { maxStates: limits.states, draws, textCodes, begun: cached.exploration });
}

/** Remembers how far a check is; another text may have taken the scenario's place meanwhile. */
function keep({ analysis, cached }: Prepared, { scenario, exploration }: ScenarioCheck): void {
  if (cached.source !== analysis.source) return;
  cached.exploration = exploration;
  if (scenario.program === cached.scenario.program) return;
  cached.scenario = scenario;
  cached.made = { scenario, source: cached.source, starts: cached.starts };
}

function brokenReport({ analysis, item }: Prepared): ScenarioReport {
  return {
    name: item.title.value,
    place: reportPlace({ source: analysis.source, span: item.title.span }),
    verdict: 'error',
    states: 0,
    transitions: 0,
    depth: 0,
    milliseconds: 0,
    claims: [],
    findings: [],
    outcomes: [],
  };
}
