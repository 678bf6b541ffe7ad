/**
 * TLB invalidations of one CPU, remembered. An invalidation raises the bounds in every CPU's block, and the CPU's DSB will
 * wait for accesses in each other's window. What it does to another CPU depends on the two blocks only, and what becomes
 * of its own CPU depends on its block and on what there is to wait for; so both are found once. Only such invalidations are
 * remembered after which no old value of a word that they cover is left: else it depends on all CPUs together.
 */

import { CPU } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { Blocks } from './blocks';
import { STEP } from './cpuSteps';
import { IntList } from './growing';
import { Triples } from './triples';

/** No such invalidation is known. */
export const NOT_KNOWN = -1;

export class Invalidations {
  /** By step, CPU and its block: the block afterwards, and what there is to wait for in it. */
  private readonly others = new Triples();
  private readonly otherBlocks = new IntList();
  private readonly otherWaits = new IntList();
  /** By step and all that there is to wait for: the words of a step. */
  private readonly own = new Triples();
  private ownSteps: Int32Array<ArrayBuffer> = new Int32Array(STEP.WORDS << 3);
  private readonly waits = new Blocks();
  private readonly sums = new Triples();
  private readonly scratch: Int32Array<ArrayBuffer>;

  constructor(
    private readonly m: Machine,
    private readonly t: number,
  ) {
    this.scratch = new Int32Array(m.layout.waitsCapacity + 1);
    this.waits.intern(this.scratch, 0);
  }

  /** Words of the steps that `find` gives the place of. */
  get steps(): Int32Array {
    return this.ownSteps;
  }

  /**
   * Where the words stand that say how the step ends for its own CPU in a state; puts the others' blocks into `next`.
   * NOT_KNOWN: it has to be taken.
   */
  find(step: number, ids: Int32Array, next: Int32Array): number {
    let sum = 0;
    for (let u = 0; u + 1 < ids.length; u++) {
      if (u === this.t) continue;
      const i = this.others.find(step, u, ids[u + 1] as number);
      if (i < 0) return NOT_KNOWN;
      next[u + 1] = this.otherBlocks.at(i);
      const waits = this.otherWaits.at(i);
      if (waits !== 0) sum = this.sums.of(sum, u, waits) + 1;
    }
    const own = this.own.find(step, sum, 0);
    return own < 0 ? NOT_KNOWN : own * STEP.WORDS;
  }

  /** Notes what a step that was just taken did to the blocks of a state; where to put the words of its own CPU's step. */
  remember(step: number, ids: Int32Array, next: Int32Array): number {
    let sum = 0;
    for (let u = 0; u + 1 < ids.length; u++) {
      if (u === this.t) continue;
      const waits = this.waitsFor(u);
      const known = this.others.count;
      this.others.of(step, u, ids[u + 1] as number);
      if (this.others.count > known) {
        this.otherBlocks.push(next[u + 1] as number);
        this.otherWaits.push(waits);
      }
      if (waits !== 0) sum = this.sums.of(sum, u, waits) + 1;
    }
    const at = this.own.of(step, sum, 0) * STEP.WORDS;
    if (at === this.ownSteps.length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.ownSteps);
      this.ownSteps = larger;
    }
    return at;
  }

  /** The number of the list of what the CPU's DSB waits for in CPU u's window, in the record; 0: nothing. */
  private waitsFor(u: number): number {
    const { m, t, scratch } = this;
    const at = m.layout.waits[t] as number;
    const count = m.w[m.base(t) + CPU.WAITS] as number;
    let n = 0;
    for (let i = 0; i < count; i++) {
      const wait = m.w[at + i] as number;
      if (wait >> 16 === u) scratch[n++] = wait;
    }
    return this.waits.intern(scratch, n);
  }

  get bytes(): number {
    return (
      this.others.bytes +
      this.otherBlocks.bytes +
      this.otherWaits.bytes +
      this.own.bytes +
      this.ownSteps.byteLength +
      this.waits.bytes +
      this.sums.bytes
    );
  }
}
