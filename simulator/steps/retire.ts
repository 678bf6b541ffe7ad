/** The end of an access: it is told how it ended once nothing can squash it, and leaves the window. */

import type { Compiled } from '../machine/code';
import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { endEntry } from './step';
import { ENDED, tellAccess } from './tell';

/** Tells how an access ended, once it is sure to have happened, and ends its entry. */
export function retire(m: Machine, t: number, slot: number, c: Compiled): void {
  const { w } = m;
  const va = w[slot + SLOT.VA] as number;
  const ip = w[slot + SLOT.IP] as number;
  if (m.flag(slot, FLAG.CONFLICTED)) tellAccess(m, t, ip, ENDED.UNPREDICTABLE, va);
  if (m.flag(slot, FLAG.FAULTED)) tellAccess(m, t, ip, w[slot + SLOT.FAULT] as number, va);
  else if (m.flag(slot, FLAG.FREED)) tellAccess(m, t, ip, ENDED.USE_AFTER_FREE, va);
  else if (m.flag(slot, FLAG.STALE)) tellAccess(m, t, ip, c.writes ? ENDED.LOST_UPDATE : ENDED.STALE_READ, va);
  else if (m.flag(slot, FLAG.UNINITIALISED)) tellAccess(m, t, ip, ENDED.UNINITIALISED, va);
  else if (va !== 0 && m.options.tellsAccesses) tellAccess(m, t, ip, ENDED.OK, va);
  endEntry(m, slot);
}

/**
 * Whether a finished entry may leave: nothing older can squash it or turn out to have been guessed wrongly, and nothing
 * needs it any more.
 */
export function mayRetire(m: Machine, t: number, k: number, slot: number): boolean {
  const { w } = m;
  const word = w[slot + SLOT.PA] as number;
  for (let j = 0; j < k; j++) {
    const older = m.slot(t, j);
    const kind = w[older + SLOT.KIND];
    if (kind === ENTRY.BRANCH || kind === ENTRY.PICK) return false;
    if (kind !== ENTRY.ACCESS && kind !== ENTRY.LOCK) continue;
    const flags = w[older + SLOT.FLAGS] as number;
    if ((flags & FLAG.WALKED) === 0) return false;
    if ((flags & FLAG.READ) === 0 && m.compiled(t, w[older + SLOT.IP] as number).spins) return false;
    if (kind === ENTRY.LOCK) continue;
    if ((flags & FLAG.READ) === 0 && w[older + SLOT.PA] === word) return false;
  }
  if (w[m.base(t) + CPU.EXCLUSIVE] === k + 1) return false;
  for (let j = k + 1; j < m.count(t); j++) {
    const younger = m.slot(t, j);
    if (
      w[younger + SLOT.KIND] === ENTRY.ACCESS &&
      w[younger + SLOT.EXCLUSIVE] === k + 1 &&
      !m.flag(younger, FLAG.WRITTEN)
    )
      return false;
  }
  return true;
}
