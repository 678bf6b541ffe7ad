/**
 * The catalogue of mistakes: one row a bug class. Each has a scenario that makes the mistake and one that does not, side
 * by side in `scenarios/<id>_bad.hvo` and `scenarios/<id>_good.hvo`; `classes.test.ts` runs them all.
 */

export interface ClassRow {
  /**
   * The family's letter and two digits: T01 TLB maintenance, B break-before-make, L locks, H fault handler, D data, X and Y ours;
   * a small letter behind them for another variant of the same mistake.
   */
  readonly id: string;
  readonly title: string;
  /** Every rule that the text of the bad scenario breaks, by its code. */
  readonly text: readonly string[];
  /** Why the text of one CPU cannot show it, where it cannot. */
  readonly hidden?: string;
  /**
   * Every word for what its executions show: outcomes of accesses that are not plain (`oops-paging at L3`, `nofault-EFAULT`)
   * and findings. The good scenario shows none of them.
   */
  readonly shows: readonly string[];
  /** Words that the bad one may show beside them and that the good one may show too, such as `fixed-up`. */
  readonly both?: readonly string[];
}

/** A class that no scenario can show, with the reason. */
export interface OutsideRow {
  readonly id: string;
  readonly title: string;
  readonly outside: string;
}

export type Row = ClassRow | OutsideRow;
