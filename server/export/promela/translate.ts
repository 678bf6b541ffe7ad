/** Translation in an exported model: when a path of a walk can be taken, and what it means to use an old one. */

import type { ValueId } from '../../../simulator/machine/values';
import { all, any, equals } from './expression';
import type { Names } from './names';
import type { Path } from './paths';
import type { Cell, Plan } from './plan';

export class Translation {
  private readonly cells: ReadonlyMap<ValueId, Cell>;

  constructor(
    private readonly plan: Plan,
    private readonly names: Names,
  ) {
    this.cells = new Map(plan.cells.map((cell) => [cell.word, cell]));
  }

  paths(address: ValueId, write: boolean): readonly Path[] {
    return this.plan.reach.walker.paths(address, write);
  }

  /**
   * The path can be taken by a walk of the CPU. What a TLB may hold is used from there or from memory; what makes a fault
   * is in memory now, or was there since the last context synchronisation (with FEAT_ETS2: is there now, with no older
   * store waiting).
   */
  usable(cpu: number, path: Path): string {
    const { number } = this.plan;
    const fault = path.end.kind === 'fault';
    const tests = path.tests.map(({ cell: word, value, cacheable }) => {
      const now = equals(this.names.memory(word), number(value));
      if (!cacheable) return this.plan.ets ? now : any([now, equals(this.names.early(cpu, word), number(value) + 1)]);
      const held = this.names.hasTlb(this.cells.get(word), cpu);
      return held ? any([now, equals(this.names.tlb(cpu, word), number(value) + 1)]) : now;
    });
    return all([...tests, ...(fault && this.plan.ets ? [this.names.drained(cpu)] : [])]);
  }

  /** Memory has the path now, whatever a TLB holds. */
  current(path: Path): string {
    return all(path.tests.map((t) => equals(this.names.memory(t.cell), this.plan.number(t.value))));
  }

  /** Memory translates the address to another word now; with what that word holds. */
  movedTo(address: ValueId, word: ValueId): readonly { readonly when: string; readonly word: ValueId }[] {
    return this.paths(address, false).flatMap((path) =>
      path.end.kind === 'word' && path.end.word !== word ? [{ when: this.current(path), word: path.end.word }] : [],
    );
  }
}
