/** Where a code releases a lock. */

import type { CodeIndex, LockId } from '../../simulator/machine/program';
import type { Walk } from './walk/walker';

/** Code indices of the unlocks of a lock that some way comes to, in the order of the code. */
export function unlocksOf({ context, reached }: Walk, lock: LockId): readonly CodeIndex[] {
  return context.code.code.flatMap((instruction, at) =>
    instruction.kind === 'unlock' && instruction.lock === lock && reached.has(instruction.site) ? [at] : [],
  );
}
