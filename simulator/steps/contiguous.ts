/**
 * Contiguous groups: a TLB may join the entries of an aligned group and translate every address of it by what any of them
 * says that has the Contiguous bit (Arm ARM D8.7). Where they do not agree, an access may use any of them (RNGLXZ, RJQQTC).
 */

import { descriptorBit } from '../machine/descriptor';
import { contiguousEntries, type Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { heldValues } from './held';
import { tableOf } from './reachableTables';
import { noteCell } from './walk';

const contiguousBit = 1n << descriptorBit.contiguous;

/**
 * What the other entries of the group say about an address, each as the descriptor that `word` would have to hold to say so.
 * `word` is the address's own descriptor at this level.
 */
export function groupValues(m: Machine, u: number, level: Level, word: ValueId, address: ValueId): readonly ValueId[] {
  lookAtStart(m, level, word);
  if (!learnsOfGroups(m)) return [];
  const values: ValueId[] = [];
  for (const other of neighboursOf(m, level, word, address))
    for (const value of heldValues(m, u, level, other)) {
      const entry = m.entries.describe(value, level);
      if (!entry.contiguous) continue;
      const bytes = m.entries.span(level) * BigInt(contiguousEntries(m.entries.granule, level));
      const offset = m.entries.coveredBase(m.values.get(address), level) & (bytes - 1n);
      const here = m.values.of(m.values.get(value) - entry.output + (entry.output & ~(bytes - 1n)) + offset);
      if (!values.includes(here)) values.push(here);
    }
  return values;
}

/** Whether there are contiguous entries at all. Walks that did not know of them were wrong: the pass is void. */
function learnsOfGroups(m: Machine): boolean {
  if (!m.entries.anyContiguous) return false;
  if (!m.learned.contiguous) {
    m.learned.contiguous = true;
    m.learned.grown = true;
  }
  return true;
}

/**
 * Looks at a value that is written into a table: it may be the first contiguous entry, whether or not a walk looks at its
 * word. Words of data may have the bit too, and mean nothing.
 */
export function lookAtWritten(m: Machine, word: ValueId, value: ValueId): void {
  if ((m.values.get(value) & contiguousBit) === 0n || !standsInTable(m, word)) return;
  m.entries.describe(value, 3);
  learnsOfGroups(m);
}

function standsInTable(m: Machine, word: ValueId): boolean {
  const table = tableOf(m, word);
  for (const cell of m.learned.cells.keys()) if (tableOf(m, cell) === table) return true;
  return false;
}

/** The descriptors beside a word in its group; that walks of the address look at them is noted. */
export function neighboursOf(m: Machine, level: Level, word: ValueId, address: ValueId): readonly ValueId[] {
  const count = BigInt(contiguousEntries(m.entries.granule, level));
  if (!m.entries.anyContiguous || count === 1n) return [];
  const own = m.values.get(word);
  const table = own & ~(m.program.pageBytes - 1n);
  const bytes = m.entries.span(level) * count;
  const first = m.values.get(address) & ~(bytes - 1n);
  const neighbours: ValueId[] = [];
  for (let i = 0n; i < count; i++) {
    const other = noteCell(m, first + i * m.entries.span(level), level, table);
    if (other !== word) neighbours.push(other);
  }
  return neighbours;
}

/** Looks once at what the entries of a group are at the start: that one of them is contiguous has to be known. */
function lookAtStart(m: Machine, level: Level, word: ValueId): void {
  const bytes = BigInt(contiguousEntries(m.entries.granule, level)) * 8n;
  if (bytes === 8n || m.entries.anyContiguous) return;
  const first = m.values.get(word) & ~(bytes - 1n);
  const key = first * 8n + BigInt(level + 1);
  if (m.groups.has(key)) return;
  m.groups.add(key);
  for (let at = first; at < first + bytes; at += 8n) m.entries.note(m.program.initialWord(at), level);
}
