/** What can happen at each access of the user's files, over all executions: events, summed up by place and CPU. */

import type { Result, Seen } from '../../simulator/explore/explore';
import { printSchedule } from '../../simulator/explore/schedule';
import type { Event } from '../../simulator/machine/events';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { siteOf } from './eventSite';
import { placeOfSite, placeOfUser } from './places';
import type { OutcomeCount, PlaceOutcomes } from './report';
import { severityOf, wordOfEvent } from './vocabulary';

interface Row {
  readonly site: number;
  readonly cpu: number;
  readonly items: Map<string, { readonly word: string; count: number; shortest: Seen }>;
}

export function placeOutcomes(scenario: ElaboratedScenario, result: Result): readonly PlaceOutcomes[] {
  const rows = new Map<string, Row>();
  const handled = new Set(result.events.flatMap(({ event }) => (isHandled(event) ? [siteOf(event)] : [])));
  for (const seen of result.events) {
    const { event } = seen;
    const site = siteOf(event);
    if (!isOfAccess(event) || (isFault(event) && handled.has(site))) continue;
    const info = scenario.sites[site];
    const place = info === undefined ? undefined : placeOfUser(info);
    if (place === undefined) continue;
    const key = `${place.source.uri}:${place.span.start}-${place.span.end} ${event.cpu}`;
    const row = rows.get(key) ?? { site, cpu: event.cpu, items: new Map() };
    rows.set(key, row);
    const outcome = outcomeLabel(event);
    const item = row.items.get(outcome);
    if (item === undefined) row.items.set(outcome, { word: wordOfEvent(event), count: seen.count, shortest: seen });
    else {
      item.count += seen.count;
      if (seen.length < item.shortest.length) item.shortest = seen;
    }
  }
  return [...rows.values()].map((row) => placed(scenario, row));
}

/** Something was said about an access that faulted. */
function isHandled(event: Event): boolean {
  return event.kind === 'report' && event.origin !== undefined && event.esr !== 0n;
}

function isOfAccess(event: Event): boolean {
  return (event.kind === 'access' && event.outcome !== 'supervisor-call') || isHandled(event);
}

function isFault({ kind, outcome }: Event): boolean {
  return kind === 'access' && outcome.endsWith('-fault');
}

/** `oops-paging at L3`: the level where it tells one failure from another. */
export function outcomeLabel(event: Event): string {
  const word = wordOfEvent(event);
  const hasLevel = event.level !== undefined && (word.startsWith('oops') || isFault(event));
  return hasLevel ? `${word} at L${event.level}` : word;
}

const ranks = { good: 0, note: 1, bad: 2 } as const;

function placed({ sites, world }: ElaboratedScenario, { site, cpu, items }: Row): PlaceOutcomes {
  const counts = [...items].map(
    ([outcome, { word, count, shortest }]): OutcomeCount => ({
      outcome,
      severity: severityOf(word),
      count,
      schedule: printSchedule(shortest.witness),
    }),
  );
  return {
    place: placeOfSite(sites[site] as NonNullable<(typeof sites)[number]>),
    cpu: world.cpuNumbers[cpu] ?? cpu,
    at: 'access',
    items: counts.sort((a, b) => ranks[a.severity] - ranks[b.severity] || (a.outcome < b.outcome ? -1 : 1)),
  };
}

export function inTextOrder(a: PlaceOutcomes, b: PlaceOutcomes): number {
  if (a.place.path !== b.place.path) return a.place.path < b.place.path ? -1 : 1;
  return a.place.span.start - b.place.span.start || a.place.span.end - b.place.span.end || a.cpu - b.cpu;
}
