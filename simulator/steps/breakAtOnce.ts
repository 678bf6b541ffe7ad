/**
 * A break is done at once. Until a TLBI every CPU may go on with the valid value that it replaces, so a walk that came
 * before it may as well come behind; and an earlier break only adds the fault. What could tell the two apart must be out
 * of the question: an access to the descriptor, a TLBI that comes first, the link of a table above it.
 */

import type { Compiled } from '../machine/code';
import type { Level } from '../machine/granule';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import { FRAME, type Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { BARRIER, BARRIER_FOR, isForItself } from './order';
import { valueToWrite } from './writing';

/** Whether the store of slot k of CPU t, which may happen now, is a break that nobody can tell from a later one. */
export function breakNow(m: Machine, t: number, k: number, c: Compiled): boolean {
  if (!m.reduces.breaksAtOnce || !m.rules.staleTranslations || !m.rules.faultsAreCurrent) return false;
  const slot = m.slot(t, k);
  const location = m.location((m.w[slot + SLOT.PA] as number) - 1);
  if (location < 0 || !m.future.isOnlyWalked(t, slot)) return false;
  if ((m.nonShareable && isBehindOwnDsb(m, t, k)) || !isBreak(m, location, valueToWrite(m, slot, c))) return false;
  for (let u = 0; u < m.layout.cpus; u++) if (u !== t && m.future.mayUncover(u, location)) return false;
  return !m.future.mayUncover(t, location) || isHeldBack(m, t, k, location);
}

/** Behind a non-shareable DSB it may be seen before what is older, which is noted. */
function isBehindOwnDsb(m: Machine, t: number, k: number): boolean {
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    if (m.w[slot + SLOT.KIND] === ENTRY.DSB && isForItself(m, slot)) return true;
  }
  return false;
}

/** A valid leaf that TLBs may go on to hold becomes invalid. */
function isBreak(m: Machine, location: number, value: ValueId): boolean {
  const word = m.learned.locations[location] as ValueId;
  const before = m.last(location);
  return (
    !m.entries.anyContiguous &&
    (m.learned.cells.get(word) ?? []).every((place) => {
      const level = place.level as Level;
      const old = m.entries.describe(before, level);
      return (
        old.kind === 'leaf' &&
        old.cacheable &&
        m.entries.describe(value, level).kind === 'invalid' &&
        !isUnwritten(m, old.output)
      );
    })
  );
}

/** A read of a word that nobody has written asks whether the page still has its translation. */
function isUnwritten(m: Machine, output: bigint): boolean {
  if (m.layout.frameCount === 0 || !m.rules.uninitialisedReads) return false;
  const frame = m.frameWord(m.frameOfWord(m.values.of(output)));
  return frame >= 0 && m.w[frame] !== FRAME.USED && m.w[frame] !== FRAME.ZEROED;
}

/** What CPU t does to TLBs and to tables above waits, behind a DSB, for the store of slot k. */
function isHeldBack(m: Machine, t: number, k: number, location: number): boolean {
  const { rules, w } = m;
  if (!rules.dsbHoldsBackInvalidations || !rules.dsbHoldsBackAccesses) return false;
  if (!rules.dsbWaitsForWrites || !rules.dsbStoreWaitsForWrites) return false;
  for (let j = 0; j < m.count(t); j++) {
    if (j === k) continue;
    const slot = m.slot(t, j);
    const flags = w[slot + SLOT.FLAGS] as number;
    switch (w[slot + SLOT.KIND]) {
      case ENTRY.DSB:
        if (j > k && w[slot + SLOT.A] !== BARRIER.LOAD && w[slot + SLOT.B] === BARRIER_FOR.ALL) return true;
        break;
      case ENTRY.ACCESS:
        // What may still fault may take the DSB out of the window.
        if ((flags & (FLAG.WALKED | FLAG.FAULTED)) !== FLAG.WALKED) return false;
        if ((flags & FLAG.WRITTEN) === 0 && m.future.isAbove(m.location((w[slot + SLOT.PA] as number) - 1), location))
          return false;
        break;
      case ENTRY.TLBI:
        if ((flags & FLAG.DONE) === 0) return false;
        break;
      case ENTRY.DMB:
      case ENTRY.DEAD:
        break;
      default:
        return false;
    }
  }
  return false;
}
