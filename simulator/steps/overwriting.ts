/**
 * A descriptor, or a word of a struct page, that is read and then stored in two steps: what another CPU, or the hardware, has written in between is
 * undone where the store puts back what was read.
 */

import type { Compiled } from '../machine/code';
import { SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { undoneBits } from '../machine/undoneBits';
import type { ValueId } from '../machine/values';
import { tell } from './tell';

/** Called when a store of CPU t has replaced the value `before` of a word by another one. */
export function checkOverwriting(
  m: Machine,
  t: number,
  c: Compiled,
  slot: number,
  word: ValueId,
  before: ValueId,
  value: ValueId,
): void {
  const i = c.instruction;
  if (i.kind !== 'access' || i.overwrites === undefined || !m.rules.updatesAreWatched) return;
  const [place] = m.learned.cells.get(word) ?? [];
  if (place === undefined && !isOfStructPages(m, m.values.get(word))) return;
  const known = m.w[slot + SLOT.D] as number;
  if (known < 0 || known === before) return;
  const [held, found] = [m.values.get(known), m.values.get(before)];
  const undone = undoneBits(held, found, m.values.get(value), i.overwrites.bits);
  if (undone === 0n) return;
  tell(m, t, c, {
    kind: 'finding',
    outcome: 'overwritten-update',
    ...(place === undefined ? {} : { level: place.level }),
    descriptor: m.values.get(word),
    oldValue: held,
    newValue: found,
    bits: undone,
  });
}

/** Whether a word lies in memory that holds struct pages at the start. */
export function isOfStructPages({ program }: Machine, address: bigint): boolean {
  return (
    program.structPages?.some(
      ({ physicalAddress, bytes }) => address >= physicalAddress && address < physicalAddress + bytes,
    ) ?? false
  );
}
