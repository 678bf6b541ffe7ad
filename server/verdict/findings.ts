/** What went wrong in an exploration, one finding for each thing and place that a reader would tell apart. */

import type { Exploration, Path, Seen, SeenDeadlock } from '../../simulator/explore/explore';
import { printSchedule } from '../../simulator/explore/schedule';
import type { Snapshot } from '../../simulator/explore/snapshot';
import type { Trace } from '../../simulator/explore/trace';
import type { Event } from '../../simulator/machine/events';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { SiteInfo } from '../language/elaborate/sites';
import type { Source } from '../language/elaborate/source';
import { siteOf } from './eventSite';
import { type Ending, executionOf } from './execution';
import { anyPositive } from './expected';
import { codeOfFinding } from './findingCode';
import { type Facts, isMeant } from './judge';
import { isDeadlockToo, splatMessage, splatOf } from './lockdep';
import { cpuName, deadlockMessage, eventMessage, faultedSite, livelockMessage, mendOf, type Told } from './messages';
import { missingStepsOf } from './missingSteps';
import { callsOf, placeOfSite, placeOfUser, reportPlace } from './places';
import type { Finding, RelatedPlace, ReportPlace, Witness } from './report';
import { covers, isUnsafe, wordOfDeadlock, wordOfEvent } from './vocabulary';

/** What a report is made from. */
export interface Explored extends Omit<Facts, 'codes'> {
  readonly scenario: ElaboratedScenario;
  /** The file that the scenario stands in. */
  readonly source: Source;
  readonly exploration: Exploration;
  /** Draw the executions, all or those of what fails, and not only name them. */
  readonly draws: boolean | 'failures';
  /** Rules that the scenario's text breaks. */
  readonly textCodes: ReadonlySet<string>;
}

/** A finding and the path of the execution that shows it. */
export interface Found {
  readonly finding: Finding;
  readonly path: Path;
}

/** How accesses end whose TLB may hold two entries: what is told of one entry is easier to follow. */
const conflicts: ReadonlySet<string> = new Set(['unpredictable', 'oops-TLB-conflict']);

/** Most severe first, then what no conflict in a TLB brought about, then shortest execution first. */
export function findingsOf(explored: Explored): readonly Found[] {
  const { result } = explored;
  const findings = [
    ...onceEach(groupsOf(explored).map((group) => eventFinding(explored, group))),
    ...result.deadlocks.map((deadlock) => deadlockFinding(explored, deadlock)),
    ...(result.livelock === undefined ? [] : [livelockFinding(explored, result.livelock)]),
  ];
  const rank = { error: 0, warning: 1, note: 2 } as const;
  const isOpen = ({ finding }: Found): number => Number(conflicts.has(finding.outcome));
  return findings
    .map((finding, i) => ({ ...finding, i }))
    .sort(
      (a, b) =>
        rank[a.finding.severity] - rank[b.finding.severity] ||
        isOpen(a) - isOpen(b) ||
        a.path.length - b.path.length ||
        a.i - b.i,
    )
    .map(({ finding, path }) => ({ finding, path }));
}

/** What equal CPUs may do on lines of their own is told once where one execution shows it for all of them. */
function onceEach(findings: readonly Found[]): readonly Found[] {
  const shown = new Set<string>();
  return findings.filter(({ finding }) => {
    const { code, outcome, place, witness } = finding;
    const key = `${code}|${outcome}|${place.path}:${place.span.start}|${witness?.schedule ?? ''}`;
    if (shown.has(key)) return false;
    shown.add(key);
    return true;
  });
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
    if (!isUnsafe(word) || isDeadlockToo(result, seen.event)) continue;
    const key = `${word}|${placeKey(scenario, siteOf(seen.event))}|${seen.event.level ?? ''}|${seen.event.rule ?? ''}`;
    const group = groups.get(key);
    const shortest = group === undefined || seen.length < group.shortest.length ? seen : group.shortest;
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

function eventFinding(explored: Explored, { shortest, count }: Group): Found {
  const { scenario, exploration } = explored;
  const trace = exploration.replay(shortest.witness);
  const event = toldAtEnd(trace, shortest.event);
  const word = wordOfEvent(event);
  const site = siteOf(event);
  const missing = missingStepsOf(scenario, trace, event);
  // What a page is used for after it is freed has a rule of its own, whatever was left out before.
  const isOfFree = word === 'use-after-free';
  const code = codeOfFinding(event.outcome, explored.textCodes, isOfFree ? undefined : missing);
  const message = messageOf(explored, { scenario, event, trace, missing });
  const mend = missing === undefined ? undefined : mendOf(missing);
  return found(explored, shortest.witness, trace, {
    code,
    outcome: word,
    severity: isExpected(explored, event, code) ? 'note' : 'error',
    message,
    ...(mend !== undefined && message.endsWith(mend) ? { mend } : {}),
    ...placesOf(scenario, site),
    cpu: scenario.world.cpuNumbers[event.cpu] ?? event.cpu,
    count,
  });
}

function messageOf({ scenario, result }: Explored, told: Told): string {
  const splat = splatOf(result, told.event);
  return splat === undefined ? eventMessage(told) : splatMessage(scenario, splat);
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

function found(
  explored: Explored,
  path: Path,
  trace: Trace,
  finding: Omit<Finding, 'witness'>,
  ending: Ending = {},
): Found {
  const draws = explored.draws === true || (explored.draws === 'failures' && finding.severity === 'error');
  const schedule = printSchedule(path);
  const witness = draws ? { schedule, execution: executionOf(explored.scenario, trace, ending) } : { schedule };
  return { path, finding: { ...finding, witness } };
}

/** A witness of a path, drawn when executions are wanted. */
export function witnessOf(explored: Explored, path: Path, fails: boolean, ending: Ending = {}): Witness {
  const { scenario, exploration, draws } = explored;
  const schedule = printSchedule(path);
  if (draws === false || (draws === 'failures' && !fails)) return { schedule };
  return { schedule, execution: executionOf(scenario, exploration.replay(path), ending) };
}

function deadlockFinding(explored: Explored, deadlock: SeenDeadlock): Found {
  const { scenario, exploration } = explored;
  const word = wordOfDeadlock(deadlock);
  const code = codeOfFinding(deadlock.kind, explored.textCodes);
  const [first, ...others] = deadlock.waits;
  const cpus = deadlock.waits.map((wait) => wait.cpu);
  const trace = exploration.replay(deadlock.witness);
  const last = lastState(trace);
  const waiting = first === undefined ? 0 : (scenario.program.cpus[first.cpu]?.code[first.at]?.site ?? 0);
  // Who waits in the fault path waits where the access faulted, for the user.
  const isOfUser = scenario.sites[waiting] !== undefined && placeOfUser(scenario.sites[waiting]) !== undefined;
  const site = isOfUser ? waiting : (faultedSite(last, first?.cpu ?? 0) ?? waiting);
  const { place, related } = placesOf(scenario, site);
  return found(
    explored,
    deadlock.witness,
    trace,
    {
      code,
      outcome: word,
      severity: isExpectedEnd(explored, word, code, cpus) ? 'note' : 'error',
      message: deadlockMessage(scenario, deadlock, last),
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

/** The state that an execution leads to. */
export function lastState(trace: Trace): Snapshot {
  return trace.steps.at(-1)?.after ?? trace.initial;
}

function livelockFinding(
  explored: Explored,
  { states, witness }: { readonly states: number; readonly witness: Path },
): Found {
  const { scenario, exploration } = explored;
  const code = codeOfFinding('livelock', explored.textCodes);
  const trace = exploration.replay(witness);
  const last = lastState(trace);
  const cpu = last.cpus.findIndex((one) => one.status === 'running');
  const { exceptions = [], site: next, inFlight = [] } = last.cpus[cpu] ?? {};
  const sites = [exceptions[0]?.site, next, ...inFlight.map(({ site }) => site)];
  // The jump back of a loop has no text of its own.
  const info = sites.map((site) => scenario.sites[site ?? 0]).find((one) => one !== undefined && one.text !== '');
  return found(
    explored,
    witness,
    trace,
    {
      code,
      outcome: 'livelock',
      severity: isExpectedEnd(explored, 'livelock', code, [cpu]) ? 'note' : 'error',
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
function isExpected(explored: Explored, event: Event, code: string): boolean {
  const { scenario } = explored;
  const word = wordOfEvent(event);
  const site = siteOf(event);
  const behind = scenario.expected.some(
    ({ sites, outcomes }) =>
      sites.includes(site) &&
      outcomes.some((one) => covers(one.word, word) && (one.level === undefined || one.level === event.level)),
  );
  return (
    behind ||
    anyPositive(
      scenario,
      (leaf) =>
        (leaf.kind === 'event' && isMeant(leaf, event, explored)) || (leaf.kind === 'rule' && leaf.code === code),
    )
  );
}

function isExpectedEnd({ scenario }: Explored, word: string, code: string, cpus: readonly number[]): boolean {
  return anyPositive(
    scenario,
    (leaf) =>
      (leaf.kind === 'rule' && leaf.code === code) ||
      (leaf.kind === 'end' &&
        covers(leaf.word, word) &&
        (leaf.cpus === undefined || leaf.cpus.some((cpu) => cpus.includes(cpu)))),
  );
}
