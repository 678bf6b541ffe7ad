/** What each barrier and TLBI of the user's files waits for and removes, over the explored states. */

import { type BarrierSeen, barriersSeen } from '../../simulator/explore/atBarriers';
import type { Exploration } from '../../simulator/explore/explore';
import { printSchedule } from '../../simulator/explore/schedule';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { SiteInfo } from '../language/elaborate/sites';
import { placeOfSite, placeOfUser } from './places';
import type { OutcomeCount, PlaceOutcomes } from './report';

/** States that are looked at; in a larger exploration the first ones stand for all. */
const MAX_STATES = 20_000;

export function barrierOutcomes(scenario: ElaboratedScenario, exploration: Exploration): readonly PlaceOutcomes[] {
  const rows = new Map<string, { readonly info: SiteInfo; readonly cpu: number; readonly seen: BarrierSeen[] }>();
  for (const seen of barriersSeen(exploration, MAX_STATES)) {
    const info = scenario.sites[seen.site];
    if (info === undefined || !isOfUser(info)) continue;
    const { path, span } = placeOfSite(info);
    const key = `${path}:${span.start}-${span.end} ${seen.cpu}`;
    const row = rows.get(key) ?? { info, cpu: seen.cpu, seen: [] };
    rows.set(key, row);
    row.seen.push(seen);
  }
  return [...rows.values()].map(({ info, cpu, seen }) => ({
    place: placeOfSite(info),
    cpu: scenario.world.cpuNumbers[cpu] ?? cpu,
    at: 'barrier',
    items: itemsOf(scenario, exploration, seen),
  }));
}

/** A barrier in the user's own text, or one in a function of the library that this text calls (flush_tlb_kernel_range). */
function isOfUser(info: SiteInfo): boolean {
  const place = placeOfUser(info);
  return place !== undefined && (place === info || place === info.stack.at(-1));
}

function itemsOf(
  scenario: ElaboratedScenario,
  exploration: Exploration,
  seen: readonly BarrierSeen[],
): readonly OutcomeCount[] {
  const items = new Map<string, { count: number; first: number }>();
  for (const one of seen) {
    const outcome = effectText(scenario, one);
    const item = items.get(outcome);
    if (item === undefined) items.set(outcome, { count: one.states, first: one.first });
    else {
      item.count += one.states;
      item.first = Math.min(item.first, one.first);
    }
  }
  return [...items]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([outcome, { count, first }]) => ({
      outcome,
      severity: 'good',
      count,
      schedule: printSchedule(exploration.pathTo(first)),
    }));
}

function effectText({ world }: ElaboratedScenario, { effect }: BarrierSeen): string {
  switch (effect.kind) {
    case 'waitsForLoad':
      return 'waits for a load';
    case 'waitsForStore':
      return 'waits for a store';
    case 'waitsForTlbi':
      return 'waits for the TLBI';
    case 'waitsForWalk':
      return 'waits for a walk';
    case 'waitsForCpu':
      return `waits for cpu ${world.cpuNumbers[effect.cpu]}`;
    case 'removesFromTlb':
      return `removes an old entry on cpu ${world.cpuNumbers[effect.cpu]}`;
  }
}
