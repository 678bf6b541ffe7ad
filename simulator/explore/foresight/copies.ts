/** What can be told without running of the words that copies of pages move, and of pages that are handed on in words that nobody looks at. */

import type { Machine } from '../../machine/machine';
import type { ValueId } from '../../machine/values';
import { holdsAddress } from '../../steps/holdsAddress';
import { onePagesOf, suspectLost } from '../lostPages';
import { directStore, type Known } from './knownOperands';

/** For each word that a copy of a page writes those that it is copied from. */
export type Moved = Map<ValueId, readonly ValueId[]>;

/** Copies of words are observed: whether they are as new as what they were made from is asked when they are shown. */
export function noteMoved(m: Machine, word: ValueId, from: readonly ValueId[], moved: Moved): void {
  if (!m.rules.copiesAreWatched) return;
  m.learned.observe(word);
  moved.set(word, [...(moved.get(word) ?? []), ...from]);
}

/** Notes what is asked about copies where an instruction stores a descriptor that shows their page. */
export function noteShown(m: Machine, one: Known, moved: Moved): void {
  if (moved.size === 0) return;
  const descriptor = directStore(m, one);
  if (descriptor === undefined || !m.learned.cells.get(descriptor)?.some(({ level }) => level === 3)) return;
  const entry = m.entries.describe(one.operands[2] as ValueId, 3);
  if (entry.kind !== 'leaf') return;
  const page = m.values.of(entry.output);
  for (const [word, from] of moved) {
    if (m.frameOfWord(word) !== page) continue;
    for (const source of from) {
      if (m.values.get(source) % m.program.pageBytes !== m.values.get(word) % m.program.pageBytes) continue;
      m.learned.touch(m.footprint(one.t, one.ip).reads, source);
      m.learned.observe(source);
    }
  }
}

/** Pages that are taken for certain and whose address is stored only to words that nobody looks at seem to be lost at each end. */
export function noteHandedOn(m: Machine, known: readonly Known[]): void {
  const { learned } = m;
  const stores = known.flatMap((one) => {
    const word = directStore(m, one);
    return word === undefined ? [] : [{ word, value: one.operands[2] as ValueId }];
  });
  for (const page of onePagesOf(m)) {
    const words = stores.flatMap(({ word, value }) => (holdsAddress(m, value, page) ? [word] : []));
    if (words.length === 0 || words.some((word) => learned.locations.includes(word))) continue;
    suspectLost(m, page);
    for (const word of words) learned.observe(word);
  }
}
