/** One scenario in the worker: from its text to its report, in slices. */

import { type Meaning, meaningOf } from '../features/scenarioMeaning';
import type { ScenarioItem } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { reportPlace } from '../verdict/places';
import type { ScenarioReport } from '../verdict/report';
import { type ScenarioCheck, startCheck } from '../verdict/scenarioCheck';
import type { Analysis } from './analysis';
import type { ExploreLimits } from './explorerMessages';
import { type Cached, make, type ScenarioCache } from './scenarioCache';
import { rulesOf } from './scenarioRules';

/** A scenario of one text, elaborated. */
export interface Prepared {
  readonly analysis: Analysis;
  readonly item: ScenarioItem;
  readonly meaning: Meaning;
  readonly cached: Cached;
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
  const cached = cache.get(meaning, item, source, used);
  const { scenario } = cached;
  const isMisread = errors.some(({ start, end }) =>
    meaning.items.some(({ span }) => span.start <= start && end <= span.end),
  );
  return { analysis, item, meaning, cached, scenario, isMisread, isBroken: isMisread || !scenario.isUsable };
}

/** What the host of an exploration decides while it goes on. */
export interface ExploreControl {
  readonly now: () => number;
  /** Why to stop now, if at all. */
  readonly stopped: () => 'cancelled' | undefined;
  readonly progress: (states: number, queued: number, milliseconds: number) => void;
}

/** A step of the exploration takes about this long. */
const STEP_MILLISECONDS = 3;
/** Bytes of states that one exploration may take. */
const MAX_EXPLORATION_BYTES = 1024 * 2 ** 20;

/** Explores to the end or to a limit, and goes on where an earlier exploration of the same scenario was left. */
export function* exploreScenario(
  prepared: Prepared,
  limits: ExploreLimits,
  control: ExploreControl,
  { draws }: { readonly draws: boolean } = { draws: false },
): Generator<void, ScenarioReport, void> {
  if (prepared.isBroken) return brokenReport(prepared);
  const { cached } = prepared;
  const started = control.now();
  const check = checkOf(prepared, limits, draws);
  keep(prepared, check);
  cached.milliseconds += control.now() - started;
  let stopped: string | undefined;
  let budget = 64;
  while (!check.isDone && stopped === undefined) {
    yield;
    const before = control.now();
    check.advance(budget);
    const took = control.now() - before;
    budget = Math.max(8, Math.min(20_000, Math.round((budget * STEP_MILLISECONDS) / Math.max(took, 0.05))));
    keep(prepared, check);
    cached.milliseconds += took;
    control.progress(check.states, check.queued, cached.milliseconds);
    stopped = control.stopped() ?? limitOf(check, cached, limits);
  }
  keep(prepared, check);
  return check.report(Math.round(cached.milliseconds), stopped);
}

function limitOf({ exploration }: ScenarioCheck, cached: Cached, limits: ExploreLimits): string | undefined {
  if (cached.milliseconds > limits.milliseconds) return 'time';
  return (exploration?.bytes ?? 0) > MAX_EXPLORATION_BYTES ? 'memory' : undefined;
}

/** The check of a scenario, with what is explored of it already. */
function checkOf(prepared: Prepared, limits: ExploreLimits, draws: boolean): ScenarioCheck {
  const { analysis, item, cached, scenario } = prepared;
  const { source, used } = analysis;
  const textCodes = rulesOf(prepared).codes;
  const elaborate = (unsettled: ReadonlySet<bigint>): ElaboratedScenario => {
    if (unsettled.size === 0) return scenario;
    for (const word of unsettled) cached.unsettled.add(word);
    return make(item, source, used, cached.unsettled);
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

function brokenReport({ analysis, item, scenario }: Prepared): ScenarioReport {
  return {
    name: item.title.value,
    place: reportPlace({ source: analysis.source, span: scenario.span }),
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
