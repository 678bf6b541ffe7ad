/** What an access is, told from its instruction; the address and the address’s word of its window entry. */

import type { Compiled } from '../machine/code';
import { ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';

export function bytesOf(c: Compiled): number {
  const i = c.instruction;
  return i.kind === 'access' || i.kind === 'wait' ? i.bytes : 8;
}

export function isStoreExclusive(c: Compiled): boolean {
  return c.instruction.kind === 'access' && c.instruction.exclusive === true && c.instruction.access === 'store';
}

/** The virtual address of an access, or -1 while its operands are not known. */
export function addressOf(m: Machine, slot: number): ValueId {
  const base = m.w[slot + SLOT.A] as number;
  const offset = m.w[slot + SLOT.B] as number;
  return base < 0 || offset < 0 ? -1 : m.values.sum(base, offset);
}

/** A slot that reads, has read and did not fault. */
export function readDone(m: Machine, t: number, slot: number): boolean {
  const flags = m.w[slot + SLOT.FLAGS] as number;
  if ((flags & FLAG.FAULTED) !== 0 || (flags & FLAG.READ) === 0) return false;
  return m.compiled(t, m.w[slot + SLOT.IP] as number).reads;
}

/** Whether an older access of the window to the same word still has to read or write. */
export function olderSameWord(m: Machine, t: number, k: number, word: number): boolean {
  if (!m.rules.ownOrder) return false;
  for (let j = 0; j < k; j++) {
    const older = m.slot(t, j);
    if (m.w[older + SLOT.KIND] !== ENTRY.ACCESS || m.w[older + SLOT.PA] !== word) continue;
    const flags = m.w[older + SLOT.FLAGS] as number;
    if ((flags & FLAG.FAULTED) === 0 && (flags & (FLAG.READ | FLAG.WRITTEN)) !== (FLAG.READ | FLAG.WRITTEN))
      return true;
  }
  return false;
}
