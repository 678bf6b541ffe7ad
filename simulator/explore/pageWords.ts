/**
 * Copies and clears of a page store the words that the text is known to read. An address that is loaded or computed may lead
 * to another one, which keeps what it had: then nothing that was found can be relied on.
 */

import type { Machine } from '../machine/machine';
import type { Filling } from '../machine/program';
import type { ValueId } from '../machine/values';

/** Whether a word was read, or is observed at the end, that a copy or clear of its page has left out. */
export function readsLeftOut(m: Machine): boolean {
  if (m.learned.filled.size === 0) return false;
  for (const word of m.learned.wordsRead()) if (isLeftOut(m, word)) return true;
  return m.program.observe.some((o) => o.kind === 'word' && isLeftOut(m, m.values.of(o.physicalAddress)));
}

function isLeftOut(m: Machine, word: ValueId): boolean {
  const page = m.frameOfWord(word);
  const fillings = m.learned.filled.get(page);
  if (fillings === undefined) return false;
  const offset = m.values.get(word) - m.values.get(page);
  for (const how of fillings)
    if (offset < how.bytes && !how.words.includes(offset) && !isClear(m, word, how)) return true;
  return false;
}

/** A word of a cleared page that is 0 all the time. */
function isClear(m: Machine, word: ValueId, { clears }: Filling): boolean {
  return clears && !m.learned.written.has(word) && m.initialWord(word) === 0;
}
