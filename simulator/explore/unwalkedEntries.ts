/**
 * Entries of the page tables that no access walks. Nobody sees what becomes of them, so they are not in the record. Whether
 * one is broken before it gets another value, flushed in between, made again, and whether what it leads to is freed too early,
 * program order tells where a single code writes it: such an entry stays out. All others are looked at as if they were walked.
 */

import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { wordsOf } from '../steps/walk';
import { type Context, contextsOf, EntryFlow, leadsTo } from './entryFlow';

/** Where an entry stands: its level and the first VA that it covers. */
export interface UnwalkedEntry {
  readonly level: Level;
  readonly base: bigint;
}

/** Adds the entries that have to be looked at to what is learned; whether there are any. */
export function suspectEntries(m: Machine): boolean {
  const entries = unwalkedEntries(m);
  if (entries.size === 0) return false;
  const suspects = new Set<ValueId>();
  const writtenBy = new Map<ValueId, Context>();
  const freedBy = new Map<ValueId, Context[]>();
  const contexts = contextsOf(m);
  for (const context of contexts) {
    for (const ip of context.code) {
      const { stored, frames } = m.footprint(context.cpu, ip);
      for (const word of stored.keys()) {
        const other = writtenBy.get(word) ?? context;
        writtenBy.set(word, other);
        if (other !== context) suspects.add(word);
      }
      if (m.compiled(context.cpu, ip).instruction.kind === 'free')
        for (const frame of frames) freedBy.set(frame, [...(freedBy.get(frame) ?? []), context]);
    }
  }
  const values = valuesOf(m, entries);
  const leadingTo = new Map<ValueId, readonly ValueId[]>();
  for (const [frame, freeing] of freedBy) {
    const leading = [...entries].flatMap(([word, { level }]) =>
      (values.get(word) ?? []).some((value) => leadsTo(m, m.entries.describe(value, level), level, frame))
        ? [word]
        : [],
    );
    leadingTo.set(frame, leading);
    for (const word of leading) if (freeing.some((one) => one !== writtenBy.get(word))) suspects.add(word);
  }
  for (const context of contexts) new EntryFlow(m, context, { entries, leadingTo, suspects }).run();
  m.reset();
  for (const word of suspects) {
    const entry = entries.get(word);
    if (entry === undefined) continue;
    m.learned.observe(word);
    m.learned.addCell(word, entry.level, entry.base, m.entries.span(entry.level));
    wordsOf(m, m.values.of(entry.base));
  }
  return m.learned.grown;
}

/** The words of tables that are written and that no walk meets. */
function unwalkedEntries(m: Machine): ReadonlyMap<ValueId, UnwalkedEntry> {
  const found = new Map<ValueId, UnwalkedEntry>();
  const known = m.program.tables;
  if (known === undefined) return found;
  const tables = new Map(known.map((one) => [one.physicalAddress, one as { level: number; base: bigint }]));
  const inPage = m.program.pageBytes - 1n;
  const stores = m.cpus.flatMap(({ code }, t) => code.flatMap((_, ip) => [...m.footprint(t, ip).stored]));
  for (let count = -1; count !== tables.size; ) {
    count = tables.size;
    for (const [word, values] of stores) {
      const address = m.values.get(word);
      const table = tables.get(address & ~inPage);
      if (table === undefined) continue;
      const level = table.level as Level;
      const base = table.base + ((address & inPage) / 8n) * m.entries.span(level);
      if (!m.learned.cells.has(word)) found.set(word, { level, base });
      if (level === 3) continue;
      for (const value of values) {
        const entry = m.entries.describe(value, level);
        if (entry.kind === 'table' && !tables.has(entry.output)) tables.set(entry.output, { level: level + 1, base });
      }
    }
  }
  return found;
}

/** All values that entries have and get. */
function valuesOf(m: Machine, entries: ReadonlyMap<ValueId, UnwalkedEntry>): ReadonlyMap<ValueId, readonly ValueId[]> {
  const found = new Map([...entries.keys()].map((word) => [word, [m.initialWord(word)]]));
  m.cpus.forEach(({ code }, t) => {
    for (const ip of code.keys())
      for (const [word, values] of m.footprint(t, ip).stored) found.get(word)?.push(...values);
  });
  return found;
}
