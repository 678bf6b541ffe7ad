/**
 * The kernel's lock validator over all executions at once: who takes which lock with which others held, and in which
 * context. It complains where some order of these acquisitions would be a deadlock, whether or not one happens here.
 */

import type { Acquisition } from '../machine/acquisitions';
import type { LockId, LockKind } from '../machine/program';

/** What was acquired where: `cpu` and the place in the exploration by which it is shown. */
export interface Acquired<Place> {
  readonly cpu: number;
  readonly acquisition: Acquisition;
  readonly place: Place;
}

/**
 * `recursive-locking`: taken by its holder. `circular-dependency`: each of `chain` takes what the next one holds.
 * `inconsistent-lock-state`: waited for in an interrupt handler (first of the chain), and taken with interrupts on elsewhere.
 * `irq-lock-inversion`: the first of the chain is taken in a handler, the others lead from it to one that is taken with
 * interrupts on, which is the last. `lock-in-nmi`: taken in an NMI handler, and elsewhere too.
 */
export interface Splat<Place> {
  readonly kind:
    | 'recursive-locking'
    | 'circular-dependency'
    | 'inconsistent-lock-state'
    | 'irq-lock-inversion'
    | 'lock-in-nmi';
  readonly locks: readonly LockId[];
  readonly chain: readonly Acquired<Place>[];
}

export function splatsOf<Place>(
  acquired: readonly Acquired<Place>[],
  kinds: readonly LockKind[],
): readonly Splat<Place>[] {
  const waiting = acquired.filter(({ acquisition }) => !acquisition.isAttempt);
  const edges = edgesOf(waiting);
  const spins = ({ acquisition }: Acquired<Place>) => {
    const kind = kinds[acquisition.lock];
    return kind === 'spin' || kind === 'rawSpin';
  };
  // What a handler only tries never waits for what it has interrupted.
  const inIrq = firstOfEach(waiting.filter((one) => spins(one) && one.acquisition.context === 'irq'));
  const irqsOn = firstOfEach(
    acquired.filter((one) => spins(one) && one.acquisition.context === 'task' && one.acquisition.irqsOn),
  );
  const inNmi = firstOfEach(waiting.filter((one) => spins(one) && one.acquisition.context === 'nmi'));
  const outside = firstOfEach(acquired.filter((one) => one.acquisition.context !== 'nmi'));
  return [
    ...recursions(waiting),
    ...cycles(edges),
    ...both(inIrq, irqsOn, 'inconsistent-lock-state'),
    ...both(inNmi, outside, 'lock-in-nmi'),
    ...inversions(edges, inIrq, irqsOn),
  ];
}

interface Edge<Place> {
  readonly from: LockId;
  readonly to: LockId;
  readonly by: Acquired<Place>;
}

function edgesOf<Place>(acquired: readonly Acquired<Place>[]): readonly Edge<Place>[] {
  const known = new Set<string>();
  return acquired.flatMap((by) =>
    by.acquisition.held.flatMap((from): readonly Edge<Place>[] => {
      const to = by.acquisition.lock;
      const key = `${from} ${to}`;
      if (from === to || known.has(key)) return [];
      known.add(key);
      return [{ from, to, by }];
    }),
  );
}

function recursions<Place>(acquired: readonly Acquired<Place>[]): readonly Splat<Place>[] {
  const own = firstOfEach(acquired.filter(({ acquisition }) => acquisition.held.includes(acquisition.lock)));
  return [...own].map(([lock, one]) => ({ kind: 'recursive-locking', locks: [lock], chain: [one] }));
}

/** The shortest cycle through each dependency; each set of locks once, and none that contains another. */
function cycles<Place>(edges: readonly Edge<Place>[]): readonly Splat<Place>[] {
  const found: Splat<Place>[] = [];
  const candidates = edges
    .flatMap((edge) => {
      const back = shortestWay(edges, edge.to, edge.from);
      return back === undefined ? [] : [[edge, ...back]];
    })
    .sort((a, b) => a.length - b.length);
  for (const cycle of candidates) {
    const locks = cycle.map(({ from }) => from);
    if (found.some((other) => other.locks.every((lock) => locks.includes(lock)))) continue;
    found.push({ kind: 'circular-dependency', locks, chain: cycle.map(({ by }) => by) });
  }
  return found;
}

function both<Place>(
  first: ReadonlyMap<LockId, Acquired<Place>>,
  second: ReadonlyMap<LockId, Acquired<Place>>,
  kind: 'inconsistent-lock-state' | 'lock-in-nmi',
): readonly Splat<Place>[] {
  return [...first].flatMap(([lock, one]) => {
    const other = second.get(lock);
    return other === undefined ? [] : [{ kind, locks: [lock], chain: [one, other] }];
  });
}

function inversions<Place>(
  edges: readonly Edge<Place>[],
  inIrq: ReadonlyMap<LockId, Acquired<Place>>,
  irqsOn: ReadonlyMap<LockId, Acquired<Place>>,
): readonly Splat<Place>[] {
  return [...inIrq].flatMap(([safe, handler]) =>
    [...irqsOn].flatMap(([unsafe, interrupted]): readonly Splat<Place>[] => {
      const way = safe === unsafe ? undefined : shortestWay(edges, safe, unsafe);
      if (way === undefined) return [];
      const locks = [safe, ...way.map(({ to }) => to)];
      return [{ kind: 'irq-lock-inversion', locks, chain: [handler, ...way.map(({ by }) => by), interrupted] }];
    }),
  );
}

function firstOfEach<Place>(acquired: readonly Acquired<Place>[]): ReadonlyMap<LockId, Acquired<Place>> {
  const first = new Map<LockId, Acquired<Place>>();
  for (const one of acquired) if (!first.has(one.acquisition.lock)) first.set(one.acquisition.lock, one);
  return first;
}

function shortestWay<Place>(
  edges: readonly Edge<Place>[],
  from: LockId,
  to: LockId,
): readonly Edge<Place>[] | undefined {
  const ways: (readonly [LockId, readonly Edge<Place>[]])[] = [[from, []]];
  const seen = new Set([from]);
  for (const [at, way] of ways) {
    for (const edge of edges) {
      if (edge.from !== at) continue;
      if (edge.to === to) return [...way, edge];
      if (seen.has(edge.to)) continue;
      seen.add(edge.to);
      ways.push([edge.to, [...way, edge]]);
    }
  }
  return undefined;
}
