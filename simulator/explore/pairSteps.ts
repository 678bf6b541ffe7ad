/**
 * Steps of one CPU that let one other CPU go on at once, remembered: a read that another CPU's DSB waited for, or with
 * reductions the last thing that held another CPU's effect back. They depend on the two blocks and on what the rest may do.
 */

import { STEP } from './cpuSteps';
import { IntList } from './growing';
import { Triples } from './triples';

export class PairSteps {
  private readonly partners = new Triples();
  private readonly keys = new Triples();
  /** The other CPU's block afterwards. */
  readonly blocks = new IntList();
  /** Words of steps. */
  steps: Int32Array<ArrayBuffer> = new Int32Array(STEP.WORDS << 3);

  /** The number of a step with another CPU, its block, and what the rest may still do; -1: not known. */
  find(step: number, other: number, block: number, rest: number): number {
    const partner = this.partners.find(other, block, rest);
    return partner < 0 ? -1 : this.keys.find(step, partner, 0);
  }

  /** Notes such a step; its number. `after`: the other CPU's block after it. */
  remember(step: number, other: number, block: number, rest: number, after: number): number {
    const i = this.keys.of(step, this.partners.of(other, block, rest), 0);
    if (i === this.blocks.length) this.blocks.push(after);
    if ((i + 1) * STEP.WORDS > this.steps.length) {
      const larger = new Int32Array(this.steps.length * 2);
      larger.set(this.steps);
      this.steps = larger;
    }
    return i;
  }

  get bytes(): number {
    return this.partners.bytes + this.keys.bytes + this.blocks.bytes + this.steps.byteLength;
  }
}
