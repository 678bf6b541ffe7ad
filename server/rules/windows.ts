/** Windows of broken entries and the lock that the fault path waits for. */

import type { CodeIndex } from '../../simulator/machine/program';
import type { RuleScenario } from './scenario';
import type { HeldLock, Window } from './walk/observation';
import type { Walk } from './walk/walker';

export interface MadeWindow {
  readonly walk: Walk;
  readonly window: Window;
  readonly makeAt: CodeIndex;
  readonly heldAtMake: readonly HeldLock[];
}

/** Windows that matter to the hook of the fault path: it waits for a lock, and the other CPUs run. */
export function hookedWindows({ walks, hookLocks }: RuleScenario): readonly MadeWindow[] {
  if (hookLocks.size === 0) return [];
  return walks.flatMap((walk) =>
    walk.observations.flatMap((one) =>
      one.kind === 'window' && !one.window.othersWait
        ? [{ walk, window: one.window, makeAt: one.makeAt, heldAtMake: one.heldAtMake }]
        : [],
    ),
  );
}

/** The lock of the hook that is held when the entry is broken. */
export function hookLockOf({ hookLocks }: RuleScenario, { heldAtBreak }: Window): HeldLock | undefined {
  return heldAtBreak.find(({ lock }) => hookLocks.has(lock));
}
