/** What went wrong in an exploration, one finding for each thing and place that a reader would tell apart. */

import type { Exploration, Path, Seen, SeenDeadlock } from '../../simulator/explore/explore';
import { printSchedule } from '../../simulator/explore/schedule';
import type { Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import type { ClaimCondition } from '../language/elaborate/claims';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { SiteInfo } from '../language/elaborate/sites';
import type { Source } from '../language/elaborate/source';
import { siteOf } from './eventSite';
import { type Ending, executionOf } from './execution';
import { codeOfOutcome } from './findingCode';
import { type Facts, isMeant } from './judge';
import { cpuName, deadlockMessage, eventMessage, livelockMessage } from './messages';
import { callsOf, placeOfSite, reportPlace } from './places';
import type { Finding, RelatedPlace, ReportPlace, Witness } from './report';
import { covers, isUnsafe, wordOfDeadlock, wordOfEvent } from './vocabulary';

/** What a report is made from. */
export interface Explored extends Facts {
  readonly scenario: ElaboratedScenario;
  /** The file that the scenario stands in. */
  readonly source: Source;
  readonly exploration: Exploration;
  /** Draw the executions, and not only name them. */
  readonly draws: boolean;
}

export function findingsOf(explored: Explored): readonly Finding[] {
  const { result } = explored;
  const findings = [
    ...groupsOf(explored).map((group) => eventFinding(explored, group)),
    ...result.deadlocks.map((deadlock) => deadlockFinding(explored, deadlock)),
    ...(result.livelock === undefined ? [] : [livelockFinding(explored, result.livelock)]),
  ];
  const rank = { error: 0, warning: 1, note: 2 } as const;
  return findings
    .map((finding, i) => ({ ...finding, i }))
    .sort((a, b) => rank[a.finding.severity] - rank[b.finding.severity] || a.length - b.length || a.i - b.i)
    .map(({ finding }) => finding);
}

interface Measured {
  readonly finding: Finding;
  /** Of the execution that shows it. */
  readonly length: number;
}

/** Events that a reader sees as one: the same word at the same place, whichever copy of a function it was in. */
interface Group {
  readonly shortest: Seen;
  readonly count: number;
}

function groupsOf({ scenario, result }: Explored): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const seen of result.events) {
    const word = wordOfEvent(seen.event);
    if (!isUnsafe(word)) continue;
    const key = `${word}|${placeKey(scenario, siteOf(seen.event))}|${seen.event.level ?? ''}|${seen.event.rule ?? ''}`;
    const group = groups.get(key);
    const shortest = group === undefined || seen.witness.length < group.shortest.witness.length ? seen : group.shortest;
    groups.set(key, { shortest, count: seen.count + (group?.count ?? 0) });
  }
  return [...groups.values()];
}

function placeKey({ sites }: ElaboratedScenario, site: number): string {
  const info = sites[site];
  if (info === undefined) return String(site);
  const { path, span } = placeOfSite(info);
  return `${path}:${span.start}-${span.end}`;
}

function eventFinding(explored: Explored, { shortest, count }: Group): Measured {
  const { scenario, exploration } = explored;
  const trace = exploration.replay(shortest.witness);
  const event = toldAtEnd(trace, shortest.event);
  const word = wordOfEvent(event);
  const site = siteOf(event);
  return measured(explored, shortest.witness, trace, {
    code: codeOfOutcome(event.outcome),
    outcome: word,
    severity: isExpected(explored, event) ? 'note' : 'error',
    message: eventMessage({ scenario, event, trace }),
    ...placesOf(scenario, site),
    cpu: scenario.world.cpuNumbers[event.cpu] ?? event.cpu,
    count,
  });
}

/** The event as the execution that is shown tells it: there, CPUs that may change places have the numbers of this execution. */
function toldAtEnd(trace: Trace, event: Event): Event {
  const told = trace.steps.at(-1)?.events ?? trace.events;
  const alike = told.filter(
    (one) => one.outcome === event.outcome && one.descriptor === event.descriptor && one.level === event.level,
  );
  return alike.find((one) => one.site === event.site && one.cpu === event.cpu) ?? alike[0] ?? event;
}

function placesOf(
  scenario: ElaboratedScenario,
  site: number,
): { readonly place: ReportPlace; readonly related: readonly RelatedPlace[] } {
  const info = scenario.sites[site] ?? (scenario.sites[0] as SiteInfo);
  return { place: placeOfSite(info), related: callsOf(info) };
}

function measured(
  explored: Explored,
  path: Path,
  trace: Trace,
  finding: Omit<Finding, 'witness'>,
  ending: Ending = {},
): Measured {
  return { length: path.length, finding: { ...finding, witness: drawn(explored, path, trace, ending) } };
}

function drawn({ scenario, draws }: Explored, path: Path, trace: Trace, ending: Ending): Witness {
  const schedule = printSchedule(path);
  return draws ? { schedule, execution: executionOf(scenario, trace, ending) } : { schedule };
}

/** A witness of a path, drawn when executions are wanted. */
export function witnessOf(explored: Explored, path: Path, ending: Ending = {}): Witness {
  if (!explored.draws) return { schedule: printSchedule(path) };
  return drawn(explored, path, explored.exploration.replay(path), ending);
}

function deadlockFinding(explored: Explored, deadlock: SeenDeadlock): Measured {
  const { scenario, exploration } = explored;
  const word = wordOfDeadlock(deadlock);
  const [first, ...others] = deadlock.waits;
  const site = first === undefined ? 0 : (scenario.program.cpus[first.cpu]?.code[first.at]?.site ?? 0);
  const { place, related } = placesOf(scenario, site);
  return measured(
    explored,
    deadlock.witness,
    exploration.replay(deadlock.witness),
    {
      code: codeOfOutcome(deadlock.kind),
      outcome: word,
      severity: isExpectedEnd(
        explored,
        word,
        deadlock.waits.map((wait) => wait.cpu),
      )
        ? 'note'
        : 'error',
      message: deadlockMessage(scenario, deadlock),
      place,
      related: [
        ...related,
        ...others.flatMap((wait): readonly RelatedPlace[] => {
          const other = scenario.program.cpus[wait.cpu]?.code[wait.at]?.site;
          const info = other === undefined ? undefined : scenario.sites[other];
          if (info === undefined) return [];
          return [{ place: placeOfSite(info), message: `${cpuName(scenario, wait.cpu)} waits here` }];
        }),
      ],
      cpu: scenario.world.cpuNumbers[first?.cpu ?? 0] ?? 0,
      count: deadlock.count,
    },
    { end: 'deadlock', waits: deadlock.waits },
  );
}

function livelockFinding(
  explored: Explored,
  { states, witness }: { readonly states: number; readonly witness: Path },
): Measured {
  const { scenario, exploration } = explored;
  const trace = exploration.replay(witness);
  const last = trace.steps.at(-1)?.after ?? trace.initial;
  const cpu = last.cpus.findIndex((one) => one.status === 'running');
  const site = last.cpus[cpu]?.exceptions[0]?.site ?? last.cpus[cpu]?.site;
  const info = site === undefined ? undefined : scenario.sites[site];
  return measured(
    explored,
    witness,
    trace,
    {
      code: codeOfOutcome('livelock'),
      outcome: 'livelock',
      severity: isExpectedEnd(explored, 'livelock', [cpu]) ? 'note' : 'error',
      message: livelockMessage(states),
      place: info === undefined ? reportPlace({ source: explored.source, span: scenario.span }) : placeOfSite(info),
      related: info === undefined ? [] : callsOf(info),
      cpu: scenario.world.cpuNumbers[Math.max(0, cpu)] ?? 0,
      count: states,
    },
    { end: 'livelock' },
  );
}

/** A scenario expects an event that it says happens sometimes or always, or that stands behind the access as `=> outcome`. */
function isExpected(explored: Explored, event: Event): boolean {
  const { scenario } = explored;
  const word = wordOfEvent(event);
  const site = siteOf(event);
  const behind = scenario.expected.some(
    ({ sites, outcomes }) =>
      sites.includes(site) &&
      outcomes.some((one) => covers(one.word, word) && (one.level === undefined || one.level === event.level)),
  );
  const code = codeOfOutcome(event.outcome);
  return (
    behind ||
    anyPositive(
      scenario,
      (leaf) =>
        (leaf.kind === 'event' && isMeant(leaf, event, explored)) || (leaf.kind === 'rule' && leaf.code === code),
    )
  );
}

function isExpectedEnd({ scenario }: Explored, word: string, cpus: readonly number[]): boolean {
  return anyPositive(
    scenario,
    (leaf) =>
      leaf.kind === 'end' &&
      covers(leaf.word, word) &&
      (leaf.cpus === undefined || leaf.cpus.some((cpu) => cpus.includes(cpu))),
  );
}

/** Whether some `sometimes` or `always` names it, not under a `!`. */
function anyPositive({ claims }: ElaboratedScenario, names: (leaf: ClaimCondition) => boolean): boolean {
  const within = (condition: ClaimCondition): boolean => {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return within(condition.left) || within(condition.right);
      case 'not':
        return false;
      case 'event':
      case 'end':
      case 'rule':
      case 'value':
        return names(condition);
    }
  };
  return claims.some(({ quantifier, condition }) => quantifier !== 'never' && within(condition));
}
