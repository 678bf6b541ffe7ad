/** An entry of the page tables that is stored where no table is: to memory that holds struct pages. */

import type { Compiled } from '../machine/code';
import { FRAME, type Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { isOfStructPages } from './overwriting';
import { tell } from './tell';

/** Called when a store of CPU t has written a word. */
export function checkStrayEntry(m: Machine, t: number, c: Compiled, word: ValueId): void {
  const i = c.instruction;
  if (i.kind !== 'access' || i.entry !== true || !m.rules.strayEntries) return;
  const address = m.values.get(word);
  if (!isOfStructPages(m, address)) return;
  const frame = m.layout.frameCount === 0 ? -1 : m.frameWord(m.frameOfWord(word));
  // Whoever has allocated the page since may have made a table of it.
  if (frame >= 0 && m.w[frame] !== FRAME.USED) return;
  tell(m, t, c, { kind: 'finding', outcome: 'stray-write', descriptor: address });
}
