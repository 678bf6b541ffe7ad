/** Hardware management of the access flag and the dirty state (FEAT_HAFDBS). */

import { FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';

/** The descriptor that was walked gets its access flag, and with FEAT_HAFDBS dirty state its write permission. */
export function hardwareUpdate(m: Machine, t: number, slot: number): void {
  const location = (m.w[slot + SLOT.UPDATE_CELL] as number) - 1;
  const value = updated(m, m.last(location), m.flag(slot, FLAG.UPDATE_DIRTY));
  m.clearFlag(slot, FLAG.UPDATE_PENDING | FLAG.UPDATE_DIRTY);
  m.setFlag(slot, FLAG.UPDATED);
  m.w[slot + SLOT.UPDATE_CELL] = 0;
  m.w[slot + SLOT.UPDATE_INDEX] = 0;
  const word = m.learned.locations[location] as ValueId;
  m.journal?.push({ what: 'update', cpu: t, at: m.w[slot + SLOT.IP] as number, word, value });
  m.append(location, value);
}

const ACCESS_FLAG = 1n << 10n;
const READ_ONLY = 1n << 7n;

/** A descriptor after a hardware update. */
export function updated(m: Machine, value: ValueId, dirty: boolean): ValueId {
  const set = m.values.compute('or', value, m.values.of(ACCESS_FLAG), 0);
  return dirty ? m.values.compute('bitClear', set, m.values.of(READ_ONLY), 0) : set;
}
