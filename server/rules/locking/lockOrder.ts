import type { LockId } from '../../../simulator/machine/program';
import { found } from '../found';
import type { Rule, RuleFinding } from '../rule';
import { lineOf, lockName, placeAt, type RuleScenario } from '../scenario';
import type { HeldLock } from '../walk/observation';
import type { Walk } from '../walk/walker';

const example = (cpu1: string): string => `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }
lock zone_lock : spin

scenario "a page is remapped, and pages are freed" {
  on fault vmemmap_handle_page_fault
  cpu 0 {
    spin_lock(init_mm.page_table_lock);
    spin_lock(zone_lock);
    spin_unlock(zone_lock);
    spin_unlock(init_mm.page_table_lock);
  }
  cpu 1 {
${cpu1}
  }
}
`;

export const lockOrder: Rule = {
  code: 'HVO209',
  severity: 'warning',
  title: 'Locks taken in two orders',
  doc: 'One CPU holds A and takes B, another holds B and takes A: each may wait for the other for ever ("possible circular locking dependency detected"). An access to vmemmap counts as taking the lock of the fault path, for it may fault and wait. Two orders do no harm when a third lock is held around both; such pairs are not reported.',
  source: 'Linux Documentation/locking/lockdep-design.rst',
  bad: example(`    spin_lock(zone_lock);
    spin_lock(init_mm.page_table_lock);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HVO209
    spin_unlock(init_mm.page_table_lock);
    spin_unlock(zone_lock);`),
  good: example(`    spin_lock(init_mm.page_table_lock);
    spin_lock(zone_lock);
    spin_unlock(zone_lock);
    spin_unlock(init_mm.page_table_lock);`),
  outcomes: ['ABBA-deadlock', 'deadlock', 'circular-dependency'],
  check: (scenario) => {
    const edges = scenario.walks.flatMap((walk) => edgesOf(scenario, walk));
    return edges.flatMap((edge, i) =>
      edges
        .slice(0, i)
        .filter((other) => isInverse(edge, other))
        .flatMap((other) => inverted(scenario, edge, other)),
    );
  },
};

/** Somebody who holds one lock waits for another. */
interface Edge {
  readonly walk: Walk;
  readonly held: HeldLock;
  readonly wanted: LockId;
  readonly mode: HeldLock['mode'];
  readonly at: number;
  readonly all: readonly HeldLock[];
  /** The wait is that of the fault path for an access to vmemmap. */
  readonly faults: boolean;
}

/** Each order once, where it is first seen. */
function edgesOf(scenario: RuleScenario, walk: Walk): readonly Edge[] {
  const direct = walk.takings.flatMap(({ at, lock, mode, held, waits }) =>
    (waits ? held : []).map((one): Edge => ({ walk, held: one, wanted: lock, mode, at, all: held, faults: false })),
  );
  const windows = scenario.walks
    .filter((other) => other !== walk)
    .flatMap((other) => other.observations.flatMap((one) => (one.kind === 'window' ? [one.window] : [])));
  const faulting = walk.touches
    .filter(({ address }) => windows.some(({ entry }) => address >= entry.place.first && address <= entry.place.last))
    .flatMap(({ at, held }) =>
      held.flatMap((one) =>
        [...scenario.hookLocks]
          .filter((lock) => lock !== one.lock)
          .map((lock): Edge => ({ walk, held: one, wanted: lock, mode: 'exclusive', at, all: held, faults: true })),
      ),
    );
  const seen = new Set<string>();
  return [...direct, ...faulting].filter(({ held, wanted, mode }) => {
    const key = `${held.lock} ${held.mode} ${wanted} ${mode}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function isInverse(edge: Edge, other: Edge): boolean {
  if (edge.walk.context.cpu === other.walk.context.cpu) return false;
  if (edge.held.lock !== other.wanted || edge.wanted !== other.held.lock) return false;
  // Readers do not wait for readers.
  const first = edge.held.mode === 'shared' && other.mode === 'shared';
  const second = other.held.mode === 'shared' && edge.mode === 'shared';
  if (first || second) return false;
  return !edge.all.some(
    (gate) => gate !== edge.held && other.all.some((one) => one !== other.held && one.lock === gate.lock),
  );
}

function inverted(scenario: RuleScenario, edge: Edge, other: Edge): readonly RuleFinding[] {
  const there = placeAt(scenario, other.walk, other.at);
  const wanted = lockName(scenario, edge.wanted);
  const held = lockName(scenario, edge.held.lock);
  const how = edge.faults ? `may fault and then waits for ${wanted}` : `takes ${wanted}`;
  const where = there ? `line ${lineOf(there)}` : 'the other';
  const message = `${edge.walk.context.name} ${how} while it holds ${held}, and ${other.walk.context.name} waits for ${held} on ${where} while it holds ${wanted}: each may wait for the other for ever. Take the two in one order`;
  return found(scenario, edge.walk, edge.at, message).map((finding) => ({
    ...finding,
    others: [...(finding.others ?? []), ...(there ? [{ ...there, message: 'the other order is here' }] : [])],
  }));
}
