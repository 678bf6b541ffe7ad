/** What one TLBI reaches, found once for its operands (steps/tlbi.ts). */

/** What a TLBI covers: VA[55:12] from `first` to `last`, or everything. */
export interface Reach {
  readonly all: boolean;
  readonly first: bigint;
  readonly last: bigint;
  readonly leafOnly: boolean;
  readonly level: number | undefined;
}

/** A cell that a TLBI covers, by its location: whether it removes what the cell was as a leaf, as a table. */
export interface CoveredCell {
  readonly location: number;
  readonly leaves: boolean;
  readonly tables: boolean;
}

export interface Reached {
  readonly reach: Reach;
  readonly cells: readonly CoveredCell[];
  /** It covers a page that some access translates. */
  readonly anyPage: boolean;
  /** `Learned.cellPlaces` and the number of pages when this was found. */
  readonly places: number;
  readonly pages: number;
}
