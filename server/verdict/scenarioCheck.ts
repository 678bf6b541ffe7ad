/**
 * The exploration of one scenario in slices, and its report. The host decides how long it goes on and has the clock;
 * it may stop at any time, and the report then says what is known so far.
 */

import { defaultOptions, Exploration, type Path, type Result } from '../../simulator/explore/explore';
import type { Machine } from '../../simulator/machine/machine';
import { physicalOf } from '../language/elaborate/addressSpace';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { Source } from '../language/elaborate/source';
import { barrierOutcomes } from './barrierOutcomes';
import { claimReports } from './claimReports';
import { type Explored, type Found, findingsOf } from './findings';
import { withoutSplats } from './lockdep';
import { inTextOrder, placeOutcomes } from './placeOutcomes';
import { reportPlace } from './places';
import type { PlaceOutcomes, ScenarioReport, Verdict } from './report';

export interface ScenarioCheckOptions {
  /** Bound on the number of states. */
  readonly maxStates: number;
  /** Draw the executions of findings and claims, of all or of what fails; else they are named by their schedule only. */
  readonly draws: boolean | 'failures';
  /** Say what can happen at each access and barrier; absent: yes. */
  readonly outcomes?: boolean;
  /** Codes of rules that the text breaks, for claims that speak of them. */
  readonly textCodes?: readonly string[];
  /** An exploration that was begun before; it goes on where the scenario still has its program. */
  readonly begun?: Exploration | undefined;
}

/** Scenarios are elaborated anew with fewer assumptions this often at most; the last one is taken as it is. */
const MAX_ROUNDS = 8;

export interface ScenarioCheck {
  readonly isDone: boolean;
  readonly states: number;
  /** States that are known and not looked at yet. */
  readonly queued: number;
  /** The scenario as it is explored, and its exploration: for replays and views. */
  readonly scenario: ElaboratedScenario;
  readonly exploration: Exploration | undefined;
  /** Explores up to `budget` more states. */
  advance(budget: number): void;
  /** `stopped`: why it is not done, such as `time` or `cancelled`. */
  report(milliseconds: number, stopped?: string): ScenarioReport;
}

/**
 * `elaborate` gives the scenario, with no assumption made about the words of physical memory that it is given (see
 * `Assumption`): an exploration may find that somebody writes them after all.
 */
export function startCheck(
  source: Source,
  elaborate: (unsettled: ReadonlySet<bigint>) => ElaboratedScenario,
  options: ScenarioCheckOptions,
): ScenarioCheck {
  let scenario = elaborate(new Set());
  const unsettled = new Set<bigint>();
  const begin = () => {
    if (!scenario.isUsable) return undefined;
    const { begun } = options;
    if (begun?.program === scenario.program && begun.options.maxStates === options.maxStates) return begun;
    return new Exploration(scenario.program, { ...defaultOptions, maxStates: options.maxStates });
  };
  let exploration = begin();
  let rounds = 1;
  const check: ScenarioCheck = {
    get isDone() {
      return exploration?.isDone ?? true;
    },
    get states() {
      return exploration?.states ?? 0;
    },
    get queued() {
      return exploration?.queued ?? 0;
    },
    get scenario() {
      return scenario;
    },
    get exploration() {
      return exploration;
    },
    advance(budget) {
      if (exploration === undefined) return;
      exploration.advance(budget);
      if (!exploration.isDone || rounds >= MAX_ROUNDS) return;
      const disproved = disprovedBy(scenario, exploration).filter((word) => !unsettled.has(word));
      if (disproved.length === 0) return;
      for (const word of disproved) unsettled.add(word);
      scenario = elaborate(unsettled);
      exploration = begin();
      rounds++;
    },
    report(milliseconds, stopped) {
      return exploration === undefined
        ? unusable(source, scenario, milliseconds)
        : reportOf(source, scenario, exploration, options, milliseconds, stopped);
    },
  };
  return check;
}

/** Words that the program takes as known and that a store of the program reaches by an address that it had not seen. */
function disprovedBy(scenario: ElaboratedScenario, exploration: Exploration): readonly bigint[] {
  if (scenario.assumptions.length === 0) return [];
  const m = exploration.stateAt(0);
  const assumed = new Set(scenario.assumptions.map((one) => one.physicalAddress));
  const found = new Set<bigint>();
  scenario.program.cpus.forEach((cpu, t) => {
    cpu.code.forEach((instruction, at) => {
      if (instruction.kind !== 'access' || instruction.access === 'load') return;
      for (const word of writtenAt(m, t, at)) {
        const aligned = word & ~7n;
        if (!assumed.has(aligned)) continue;
        const { base } = instruction;
        const known = base.kind === 'value' ? physicalOf(scenario.world.environment.space, base.value) : undefined;
        if (known === undefined || (known & ~7n) !== aligned) found.add(aligned);
      }
    });
  });
  return [...found];
}

function writtenAt(m: Machine, cpu: number, at: number): readonly bigint[] {
  return [...m.footprint(cpu, at).writes].map((word) => m.values.get(word));
}

function unusable(source: Source, scenario: ElaboratedScenario, milliseconds: number): ScenarioReport {
  return {
    name: scenario.name,
    place: reportPlace({ source, span: scenario.span }),
    verdict: 'error',
    states: 0,
    transitions: 0,
    depth: 0,
    milliseconds,
    claims: [],
    findings: [],
    outcomes: [],
  };
}

function reportOf(
  source: Source,
  scenario: ElaboratedScenario,
  exploration: Exploration,
  options: ScenarioCheckOptions,
  milliseconds: number,
  stopped: string | undefined,
): ScenarioReport {
  const all = exploration.result();
  const result = scenario.world.environment.configuration.lockdep ? all : withoutSplats(all);
  const explored: Explored = {
    scenario,
    source,
    exploration,
    result,
    interchangeable: exploration.interchangeable,
    draws: options.draws,
    textCodes: new Set(options.textCodes),
  };
  const found = findingsOf(explored);
  const findings = found.map(({ finding }) => finding);
  const claims = claimReports(explored, codesOf(explored, found));
  const bound = result.bound ?? (result.complete ? undefined : (stopped ?? 'cancelled'));
  return {
    name: scenario.name,
    place: reportPlace({ source, span: scenario.span }),
    verdict: verdictOf(
      claims.some((claim) => claim.holds === 'no') || findings.some((finding) => finding.severity === 'error'),
      result.complete,
    ),
    states: result.states,
    transitions: result.transitions,
    depth: result.depth,
    milliseconds,
    ...(bound === undefined ? {} : { bound }),
    claims,
    findings,
    outcomes: options.outcomes === false ? [] : outcomesOf(scenario, result, exploration),
  };
}

function outcomesOf(scenario: ElaboratedScenario, result: Result, exploration: Exploration): readonly PlaceOutcomes[] {
  return [...placeOutcomes(scenario, result), ...barrierOutcomes(scenario, exploration)].sort(inTextOrder);
}

/** The rules that are broken: in the text, or as the machine found; then with the shortest execution that shows it. */
function codesOf({ textCodes }: Explored, found: readonly Found[]): ReadonlyMap<string, Path | undefined> {
  const codes = new Map<string, Path | undefined>([...textCodes].map((code) => [code, undefined]));
  for (const { finding, path } of found) {
    const known = codes.get(finding.code);
    if (known === undefined || path.length < known.length) codes.set(finding.code, path);
  }
  return codes;
}

function verdictOf(fails: boolean, complete: boolean): Verdict {
  if (fails) return 'failed';
  return complete ? 'ok' : 'unknown';
}
