/**
 * The ways in which a walk of a virtual address can go, over all values that the descriptors on it may ever have. A
 * descriptor that never changes is followed at once; each of the others is a test of the path.
 */

import type { Entries } from '../../../simulator/machine/entries';
import { FAULT } from '../../../simulator/machine/faults';
import type { Level } from '../../../simulator/machine/granule';
import type { Program } from '../../../simulator/machine/program';
import type { ValueId, Values } from '../../../simulator/machine/values';

/** The descriptor at this physical address has this value. */
export interface PathTest {
  readonly cell: ValueId;
  readonly level: Level;
  readonly value: ValueId;
  /** Whether a TLB or walk cache may hold the value. */
  readonly cacheable: boolean;
}

export interface Path {
  readonly tests: readonly PathTest[];
  /** Where the walk leads, or how it faults. */
  readonly end:
    | {
        readonly kind: 'word';
        readonly word: ValueId;
        readonly leaf: ValueId;
        readonly cell: ValueId;
        readonly level: Level;
      }
    | { readonly kind: 'fault'; readonly fault: number; readonly level: Level; readonly updates: boolean };
}

/** A place of a descriptor in the tree: its level and the first address that it covers. */
export interface CellPlace {
  readonly level: Level;
  readonly base: bigint;
}

export interface Walker {
  /** Every path of an address for reading or writing. */
  paths(address: ValueId, write: boolean): readonly Path[];
  /** Descriptors that some walk may read, with their places. */
  readonly cells: ReadonlyMap<ValueId, readonly CellPlace[]>;
}

/** `valuesOf`: the values that a word of memory may have, in the end of an analysis or on the way there. */
export function makeWalker(
  program: Program,
  values: Values,
  entries: Entries,
  valuesOf: (word: ValueId) => ReadonlySet<ValueId>,
): Walker {
  const cells = new Map<ValueId, CellPlace[]>();
  const note = (cell: ValueId, level: Level, va: bigint): void => {
    const places = cells.get(cell) ?? [];
    const base = entries.coveredBase(va, level);
    if (!places.some((p) => p.level === level && p.base === base)) places.push({ level, base });
    cells.set(cell, places);
  };
  const paths = (address: ValueId, write: boolean): readonly Path[] => {
    const va = values.get(address);
    const found: Path[] = [];
    const descend = (table: bigint, level: Level, tests: readonly PathTest[], readOnlyAbove: boolean): void => {
      const cell = entries.cell(table, va, level);
      note(cell, level, va);
      const possible = valuesOf(cell);
      for (const value of possible) {
        const entry = entries.describe(value, level);
        const here: readonly PathTest[] =
          possible.size === 1 ? tests : [...tests, { cell, level, value, cacheable: entry.cacheable }];
        const fault = (kind: number, updates = false): void => {
          found.push({ tests: here, end: { kind: 'fault', fault: kind, level, updates } });
        };
        if (entry.kind === 'invalid') fault(FAULT.TRANSLATION);
        else if (entry.kind === 'table')
          descend(entry.output, (level + 1) as Level, here, readOnlyAbove || entry.readOnly);
        else if (!entry.accessFlag) fault(FAULT.ACCESS_FLAG, true);
        else if (write && (entry.readOnly || readOnlyAbove)) fault(FAULT.PERMISSION, entry.dirtyModifier);
        else
          found.push({
            tests: here,
            end: { kind: 'word', word: entries.physical(value, level, address), leaf: value, cell, level },
          });
      }
    };
    descend(program.translation.root, entries.top, [], false);
    return found;
  };
  return { paths, cells };
}
