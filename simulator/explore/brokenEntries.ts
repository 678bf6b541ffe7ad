/**
 * Entries that are broken at the end of an execution, and what they cover was mapped at the start. One whose page was given
 * back is unmapped for good, which is no mistake; what an entry mapped last, the execution tells.
 */

import type { Level } from '../machine/granule';
import { FRAME, type Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import { wordsOf } from '../steps/walk';

export interface BrokenEntry {
  readonly word: ValueId;
  readonly level: number;
  readonly states: readonly number[];
}

/** How many sets of free pages are told apart. */
const MAX_STATES = 16;

export class BrokenEntries {
  /** By location: final states in which it is broken, by the pages that are free in them. */
  private readonly ends = new Map<number, Map<string, number>>();

  clear(): void {
    this.ends.clear();
  }

  note(m: Machine, state: number): void {
    if (m.program.tables === undefined) return;
    let freePages: string | undefined;
    for (let location = 0; location < m.layout.locations; location++) {
      if (!isBroken(m, location)) continue;
      freePages ??= freePagesOf(m);
      const states = this.ends.get(location) ?? new Map<string, number>();
      if (!states.has(freePages) && states.size < MAX_STATES) states.set(freePages, state);
      this.ends.set(location, states);
    }
  }

  found(m: Machine): readonly BrokenEntry[] {
    return [...this.ends].map(([location, states]) => {
      const word = m.learned.locations[location] as ValueId;
      return { word, level: m.learned.cells.get(word)?.[0]?.level ?? 3, states: [...states.values()] };
    });
  }
}

function freePagesOf(m: Machine): string {
  const first = m.layout.frames;
  return Array.from({ length: m.layout.frameCount }, (_, i) => (m.w[first + i] === FRAME.FREE ? '1' : '0')).join('');
}

/** Whether an entry is invalid where walks meet it, and what it covers was mapped at the start. */
function isBroken(m: Machine, location: number): boolean {
  const word = m.learned.locations[location] as ValueId;
  for (const { level, base } of m.learned.cells.get(word) ?? []) {
    if (m.entries.describe(m.last(location), level as Level).kind !== 'invalid') continue;
    if (wordsOf(m, m.values.of(base)).includes(word) && wasMapped(m, base)) return true;
  }
  return false;
}

/** Whether an address translated at the start: one that was a hole then may be one again. */
function wasMapped(m: Machine, va: bigint): boolean {
  let table = m.program.translation.root;
  for (let level = m.entries.top; level <= 3; level = (level + 1) as Level) {
    const entry = m.entries.describe(m.initialWord(m.entries.cell(table, va, level)), level);
    if (entry.kind !== 'table') return entry.kind === 'leaf';
    table = entry.output;
  }
  return false;
}
