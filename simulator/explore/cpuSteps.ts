/** What one CPU may do with a memory block, its own block, and what the others may still do: a table that grows. */

import { Triples } from './triples';

/** Words of an entry: its flags, how many choices of each kind it has, and where its steps begin. */
export const ENTRY = { FLAGS: 0, FETCH: 1, ALONE: 2, WINDOW: 3, STEPS: 4, WORDS: 5 } as const;

/** Bits of an entry's flags; above them, from HOLDERS on, the CPUs that hold the lock that this one waits for, a bit each. */
export const FLAG = { KNOWN: 1, DECIDES: 2, FINISHED: 4, HOLDERS: 8 } as const;

/** Words of a step: how it ends, the blocks after it, what it told, and what must hold of the other CPUs. */
export const STEP = {
  HOW: 0,
  MEMORY: 1,
  BLOCK: 2,
  TOLD: 3,
  /** Locations whose old values some other CPU must still be able to use. */
  UNHELD: 4,
  /** Locations of which no other CPU may have an index. */
  TRIMMED: 5,
  /** Locations that no other CPU may be about to write with an atomic that has read them. */
  WRITTEN: 6,
  /** A CPU + 1 that may go on at once because of this step, as `PairSteps` knows. */
  PARTNER: 7,
  WORDS: 8,
} as const;

/**
 * OWN: it changes memory and the CPU's own block. ALWAYS: the same, and nothing must hold of other CPUs but that no DSB
 * waits for this one. DROPPED: no execution goes this way. INVALIDATES: `Invalidations` knows. UNKNOWN: it has to be taken
 * to know.
 */
export const HOW = { UNKNOWN: 0, OWN: 1, DROPPED: 2, INVALIDATES: 3, ALWAYS: 4 } as const;

export class CpuSteps {
  readonly keys = new Triples();
  entries: Int32Array<ArrayBuffer> = new Int32Array(ENTRY.WORDS << 4);
  steps: Int32Array<ArrayBuffer> = new Int32Array(STEP.WORDS << 4);
  private used = 0;

  /** First word of an entry, which is there from now on. */
  entry(memory: number, block: number, others: number): number {
    const at = this.keys.of(memory, block, others) * ENTRY.WORDS;
    if (at >= this.entries.length) this.entries = doubled(this.entries);
    return at;
  }

  /** Whether the CPU was met with this memory and block, and others that may still do this. */
  has(memory: number, block: number, others: number): boolean {
    return this.keys.find(memory, block, others) >= 0;
  }

  /** Makes room for the steps of an entry. */
  addSteps(entry: number, fetch: number, alone: number, window: number, flags: number): void {
    const { entries } = this;
    entries[entry + ENTRY.FLAGS] = flags | FLAG.KNOWN;
    entries[entry + ENTRY.FETCH] = fetch;
    entries[entry + ENTRY.ALONE] = alone;
    entries[entry + ENTRY.WINDOW] = window;
    entries[entry + ENTRY.STEPS] = this.used;
    this.used += (fetch + alone + window) * STEP.WORDS;
    while (this.used > this.steps.length) this.steps = doubled(this.steps);
  }

  get bytes(): number {
    return this.keys.bytes + this.entries.byteLength + this.steps.byteLength;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
