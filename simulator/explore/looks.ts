/**
 * What a CPU looks at in memory, told from its block: the locations that it may still touch or walk, a bit each, and the
 * accesses in its window that are translated and not done, which compare with the page that their address has when they are.
 */

import { ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { startOf } from '../steps/walk';
import { Blocks } from './blocks';

/** An access that is translated: the location of its leaf, its virtual and its physical address. */
const ACCESS = { LEAF: 0, VIRTUAL: 1, PHYSICAL: 2, WORDS: 3 } as const;

export class Looks {
  /** Runs of words: the set of locations, then the accesses. */
  private readonly runs = new Blocks();
  private readonly run: Int32Array<ArrayBuffer>;
  private readonly seen: Int32Array<ArrayBuffer>;

  constructor(private readonly m: Machine) {
    this.run = new Int32Array(m.future.words + m.layout.windowSlots * ACCESS.WORDS);
    this.seen = new Int32Array(m.layout.memoryWords);
  }

  /** The number of what CPU t looks at in the record. */
  of(t: number): number {
    const { m, run } = this;
    m.future.mayTouch(t, run);
    let n = m.future.words;
    for (let k = 0; k < m.count(t); k++) {
      const slot = m.slot(t, k);
      const flags = m.w[slot + SLOT.FLAGS] as number;
      const done = FLAG.READ | FLAG.WRITTEN;
      if (m.w[slot + SLOT.KIND] !== ENTRY.ACCESS || (flags & FLAG.TRANSLATED) === 0) continue;
      if ((flags & FLAG.FAULTED) !== 0 || (flags & done) === done) continue;
      const virtual = (m.w[slot + SLOT.VA] as number) - 1;
      run[n + ACCESS.LEAF] = m.location(startOf(m, virtual).word);
      run[n + ACCESS.VIRTUAL] = virtual;
      run[n + ACCESS.PHYSICAL] = (m.w[slot + SLOT.PA] as number) - 1;
      n += ACCESS.WORDS;
    }
    return this.runs.intern(run, n);
  }

  /** A memory block (its words stand at `start`) as it is seen so: what is not looked at is 0. It is the same object each time. */
  seenIn(looks: number, data: Int32Array, start: number): Int32Array {
    const { m, runs, seen } = this;
    const { history, historyWords, locations } = m.layout;
    const from = runs.start(looks);
    const accesses = from + m.future.words;
    const end = from + runs.length(looks);
    for (let i = 0; i < seen.length; i++) seen[i] = data[start + i] as number;
    for (let l = 0; l < locations; l++) {
      if (((runs.data[from + (l >> 5)] as number) & (1 << (l & 31))) !== 0) continue;
      const at = history + l * historyWords;
      const current = seen[at + (seen[at] as number)] as number;
      seen.fill(0, at, at + historyWords);
      // A read whose address has another page now compares with what that page holds.
      const isData = !m.learned.cells.has(m.learned.locations[l] as number);
      let shows = isData && accesses < end;
      for (let a = accesses; a < end && !shows; a += ACCESS.WORDS)
        shows = runs.data[a + ACCESS.LEAF] === l && this.goesElsewhere(a, current);
      if (shows) seen[at + 1] = current;
    }
    return seen;
  }

  /** Whether the address of an access has another page with this value of its leaf. */
  private goesElsewhere(access: number, leaf: number): boolean {
    const { entries } = this.m;
    const { data } = this.runs;
    const virtual = data[access + ACCESS.VIRTUAL] as number;
    if (entries.describe(leaf, 3).kind === 'invalid') return false;
    return entries.physical(leaf, 3, virtual) !== data[access + ACCESS.PHYSICAL];
  }

  get bytes(): number {
    return this.runs.bytes;
  }
}

/**
 * Whether it is known what CPUs look at: translation tables stay as they are but for their leaves, and nothing asks for the
 * contents of pages, as findings about page lifetime and conflicts in TLBs do.
 */
export function hasViews(m: Machine): boolean {
  const { conflictsHappen } = m.program.switches;
  if (!m.options.reductions || conflictsHappen || m.hardwareUpdates || m.gracePeriods) return false;
  if (m.layout.frameCount > 0 || m.layout.lockCount > 0 || m.layout.straysCapacity > 0) return false;
  return m.learned.locations.every((word) => (m.learned.cells.get(word) ?? []).every((p) => p.level === 3));
}
