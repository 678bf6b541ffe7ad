/**
 * What CPUs may still do, numbered: a set of bits for each, as the reductions ask about it, and unions of them. A step of
 * one CPU may depend on the union of what the others may still do, so this is what must be told apart.
 */

import type { Machine } from '../machine/machine';
import { Blocks } from './blocks';

export class Futures {
  private readonly sets = new Blocks();
  private readonly unions: Int32Array<ArrayBuffer>[] = [];
  private readonly scratch: Int32Array<ArrayBuffer>;

  constructor(private readonly m: Machine) {
    this.scratch = new Int32Array(m.future.possibleWords);
    this.sets.intern(this.scratch, this.scratch.length);
  }

  /** The number of what CPU t may still do in the state that the cursor is over. 0 is nothing; without reductions nobody asks. */
  of(t: number): number {
    if (!this.m.options.reductions) return 0;
    this.m.future.possible(t, this.scratch);
    return this.sets.intern(this.scratch, this.scratch.length);
  }

  /** The number of a set that is made from others. */
  number(set: Int32Array): number {
    return this.sets.intern(set, set.length);
  }

  /** A word of a set. */
  wordOf(number: number, i: number): number {
    return this.sets.data[this.sets.start(number) + i] as number;
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    let row = this.unions[a];
    if (row === undefined || b >= row.length) {
      const larger = new Int32Array(Math.max(16, b * 2)).fill(-1);
      if (row !== undefined) larger.set(row);
      row = larger;
      this.unions[a] = row;
    }
    let union = row[b] as number;
    if (union < 0) {
      const { data } = this.sets;
      const [x, y] = [this.sets.start(a), this.sets.start(b)];
      for (let i = 0; i < this.scratch.length; i++) this.scratch[i] = (data[x + i] as number) | (data[y + i] as number);
      union = this.sets.intern(this.scratch, this.scratch.length);
      row[b] = union;
    }
    return union;
  }
}
