/** Whether some code goes through an entry, so that what is wrong with it shows. */

import type { CodeIndex } from '../../simulator/machine/program';
import type { RuleScenario } from './scenario';
import type { EntryAt } from './walk/observation';
import type { Walk } from './walk/walker';

/** Another code, or the same one behind the change. Accesses with an exception-table entry do not count. */
export function isUsed({ walks }: RuleScenario, changing: Walk, { entry }: EntryAt, changedAt: CodeIndex): boolean {
  const { first, last } = entry.place;
  return walks.some((walk) =>
    walk.touches.some(
      ({ address, at }) => first <= address && address <= last && (walk !== changing || at > changedAt),
    ),
  );
}
