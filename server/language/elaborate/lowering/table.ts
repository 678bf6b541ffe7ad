/** What each primitive becomes. A test holds that this table and `primitives.ts` have the same names. */

import { accessLowerings } from './accesses';
import { atomicLowerings } from './atomics';
import { barrierLowerings } from './barriers';
import type { Lowering } from './call';
import { choiceLowerings } from './choices';
import { faultPathLowerings } from './faultPath';
import { interruptLowerings } from './interrupts';
import { listLowerings } from './lists';
import { lockLowerings } from './locks';
import { pageLowerings } from './pages';
import { reportLowerings } from './reports';

export const lowerings: ReadonlyMap<string, Lowering> = new Map([
  ...accessLowerings,
  ...atomicLowerings,
  ...barrierLowerings,
  ...lockLowerings,
  ...interruptLowerings,
  ...pageLowerings,
  ...faultPathLowerings,
  ...reportLowerings,
  ...choiceLowerings,
  ...listLowerings,
]);
