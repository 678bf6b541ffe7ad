/**
 * Where the words of a page come from, told by noted values (machine/values.ts): whether somebody has written a word since
 * its page was allocated, and whether a copy that comes to be shown is as new as what it was made from.
 */

import type { Compiled } from '../machine/code';
import type { Level } from '../machine/granule';
import { CPU } from '../machine/layout';
import { FRAME, locationBit, type Machine } from '../machine/machine';
import type { CodeIndex } from '../machine/program';
import type { ValueId } from '../machine/values';
import { tell } from './tell';
import { breaksAtomic } from './writing';

/** What a copy stores for a word that holds a value: what nobody has written stays so. */
export function movedFrom(m: Machine, word: ValueId, held: ValueId): ValueId {
  if (m.values.isUninitialised(held)) return held;
  return m.rules.copiesAreWatched ? m.values.copyOf(held, word) : m.values.plain(held);
}

/**
 * Whether a read takes a word, which holds a value, that nobody has written since its page was allocated. A copy moves the
 * words that are known to be looked at, so where the address is computed the whole page must be such.
 */
export function isUninitialised(m: Machine, c: Compiled, word: ValueId, held: ValueId): boolean {
  if (!isUnwritten(m, word, held)) return false;
  return (c.operands[0] as number) >= 0 || !isFilled(m, m.frameOfWord(word));
}

function isUnwritten(m: Machine, word: ValueId, held: ValueId): boolean {
  const frame = m.layout.frameCount === 0 ? -1 : m.frameWord(m.frameOfWord(word));
  const state = frame < 0 ? FRAME.USED : m.w[frame];
  if (m.values.isUninitialised(held)) return state !== FRAME.ZEROED;
  // Of a word that nobody writes nothing is in the record.
  return state === FRAME.REUSED && m.location(word) < 0;
}

/** Whether somebody has written words of a page, or may have: words that are not in the record say nothing. */
function isFilled(m: Machine, frame: ValueId): boolean {
  for (const word of m.learned.written)
    if (m.frameOfWord(word) === frame && (m.location(word) < 0 || !m.values.isUninitialised(m.current(word))))
      return true;
  return false;
}

/** A page is allocated: its words are 0, or what they were and nobody’s. */
export function refill(m: Machine, t: number, frame: ValueId, zeroes: boolean): void {
  if (!m.rules.uninitialisedReads && !zeroes) return;
  if (zeroes) m.learned.zeroed.add(frame);
  const footprint = m.footprint(t, m.w[m.base(t) + CPU.PC] as number);
  for (const location of locationsIn(m, frame)) {
    const word = m.learned.locations[location] as ValueId;
    const held = m.last(location);
    const value = zeroes ? 0 : m.values.uninitialised(held);
    m.learned.touch(footprint.writes, word);
    if (value === held) continue;
    m.append(location, value);
    m.written |= locationBit(location);
    m.looksAbroad = true;
    if (breaksAtomic(m, t, word + 1)) m.dropped = true;
    if (m.dropped) return;
  }
}

/**
 * An allocation that fills a page with zeroes writes every word of it: of those that somebody looks at, the ones that were
 * not 0 at the start are noted as written, so that they are in the record.
 */
export function noteZeroed(m: Machine): void {
  const { learned, values } = m;
  if (learned.zeroed.size === 0) return;
  for (const word of learned.observed) {
    if (learned.written.has(word) || values.plain(m.initialWord(word)) === 0) continue;
    if (learned.zeroed.has(m.frameOfWord(word))) learned.write(word);
  }
}

/**
 * A descriptor that has just been written shows a copy of a page that nothing maps any more: what was written to that page
 * after it was copied is lost.
 */
export function checkCopies(m: Machine, t: number, c: Compiled, ip: CodeIndex, location: number): void {
  if (!m.values.hasCopies) return;
  const descriptor = m.learned.locations[location] as ValueId;
  const places = m.learned.cells.get(descriptor);
  if (places === undefined || !m.rules.copiesAreWatched) return;
  for (const { level, base } of places) {
    const entry = m.entries.describe(m.last(location), level as Level);
    if (entry.kind !== 'leaf' || level !== 3) continue;
    const footprint = m.footprint(t, ip);
    for (const copy of locationsIn(m, m.values.of(entry.output))) {
      const held = m.last(copy);
      const source = m.values.sourceOf(held);
      if (source === undefined) continue;
      const offset = m.values.get(m.learned.locations[copy] as ValueId) - entry.output;
      const page = m.values.get(source) - offset;
      if (page % m.program.pageBytes !== 0n) continue;
      m.learned.touch(footprint.reads, source);
      m.learned.observe(source);
      const now = m.values.plain(m.current(source));
      if (now === m.values.plain(held) || isMapped(m, page)) continue;
      tell(m, t, c, {
        kind: 'finding',
        outcome: 'outdated-copy',
        level,
        descriptor: m.values.get(descriptor),
        address: base + offset,
        oldValue: m.values.get(held),
        newValue: m.values.get(now),
      });
      return;
    }
  }
}

/** Whether some descriptor leads to a page now. */
function isMapped(m: Machine, page: bigint): boolean {
  for (const [word, places] of m.learned.cells) {
    const value = m.current(word);
    for (const { level } of places) {
      const entry = m.entries.describe(value, level as Level);
      if (entry.kind !== 'leaf' || page < entry.output) continue;
      if (page < entry.output + m.entries.span(level as Level)) return true;
    }
  }
  return false;
}

/** The words of a page that are in the record. */
function locationsIn(m: Machine, frame: ValueId): readonly number[] {
  let locations = m.frameLocations.get(frame);
  if (locations === undefined) {
    locations = m.learned.locations
      .slice(0, m.layout.locations)
      .flatMap((word, location) => (m.frameOfWord(word) === frame ? [location] : []));
    m.frameLocations.set(frame, locations);
  }
  return locations;
}
