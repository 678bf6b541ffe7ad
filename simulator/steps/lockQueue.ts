/** The queue of a lock, as far as it can be told: who waits to write makes those that only try to read go on without it. */

import { ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { LockInstruction } from '../machine/program';

/**
 * Who would read with a trylock does not when a writer waits in the queue (rwsem: RWSEM_READ_FAILED_MASK has
 * RWSEM_FLAG_WAITERS). Whether one came first is a step of the writer, where somebody tries to read.
 */
export function isAwaited(m: Machine, { lock: id, mode }: LockInstruction): boolean {
  const { queueCount, queues } = m.layout;
  return queueCount > 0 && mode === 'shared' && m.w[queues + id] !== 0 && m.rules.locksExclude;
}

export function mayQueue(m: Machine, slot: number, { mode }: LockInstruction): boolean {
  return m.layout.queueCount > 0 && mode === 'exclusive' && !m.flag(slot, FLAG.TAKEN);
}

/** A writer joins the queue of a lock, or leaves it. */
export function queue(m: Machine, slot: number, { lock: id }: LockInstruction, change: 1 | -1): void {
  const at = m.layout.queues + id;
  m.w[at] = (m.w[at] as number) + change;
  if (change > 0) m.setFlag(slot, FLAG.TAKEN);
  else m.clearFlag(slot, FLAG.TAKEN);
}

/** What waited in a lock's queue is undone. */
export function leaveQueue(m: Machine, t: number, slot: number): void {
  if (m.w[slot + SLOT.KIND] !== ENTRY.LOCK || !m.flag(slot, FLAG.TAKEN)) return;
  const { instruction } = m.compiled(t, m.w[slot + SLOT.IP] as number);
  if (instruction.kind === 'lock') queue(m, slot, instruction, -1);
}
