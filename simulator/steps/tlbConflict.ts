/**
 * What may happen to an access whose TLB may hold two entries for its address that must not live together. Where the change
 * from one to the other needed break-before-make and had none, the access is unpredictable: it uses either entry, or an
 * amalgamation of both, or takes a TLB conflict abort (Arm ARM RFVQCK). A change of size that FEAT_BBM allows in place, and
 * entries of a contiguous group that do not agree, leave the abort until the TLBI is complete (IHYQMB, RNGLXZ).
 */

import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { BbmLevel } from '../machine/program';
import type { ValueId } from '../machine/values';
import { groupValues } from './contiguous';
import { changeBetween, differsFromBlock, mayChangeSize } from './descriptorConflict';
import { heldValues } from './held';
import { type Stray, strayAt, strayCount, strayCovers } from './strays';
import { noteCell, startOf } from './walk';

/**
 * `broken`: break-before-make was needed. `resized`: another size of the same mapping, which FEAT_BBM allows. `contiguous`: an
 * entry of a contiguous group says something else than the others.
 */
type Conflict = 'broken' | 'resized' | 'contiguous';

export interface Hazard {
  readonly aborts: boolean;
  readonly unpredictable: boolean;
}

const NONE: Hazard = { aborts: false, unpredictable: false };
const abort: Hazard = { aborts: true, unpredictable: false };
const unpredictable: Hazard = { aborts: false, unpredictable: true };
const unpredictableOrAbort: Hazard = { aborts: true, unpredictable: true };

/** One row a level of FEAT_BBM. Hardware that promises never to abort, or has level 3, uses one entry or the other. */
const hazards: Readonly<Record<BbmLevel, Readonly<Record<Conflict, Hazard>>>> = {
  0: { broken: unpredictableOrAbort, resized: unpredictableOrAbort, contiguous: unpredictableOrAbort },
  1: { broken: unpredictableOrAbort, resized: abort, contiguous: abort },
  2: { broken: unpredictableOrAbort, resized: abort, contiguous: abort },
  '2-noabort': { broken: unpredictable, resized: NONE, contiguous: NONE },
  3: { broken: unpredictable, resized: NONE, contiguous: NONE },
};

/** A value that CPU u may hold for an address, with the level that it stands at. */
interface Held {
  readonly value: ValueId;
  readonly level: Level;
}

/** Whether there can be a conflict at all: a contiguous group, old values of a descriptor, entries of a table that is gone. */
export function mayConflict(m: Machine, u: number): boolean {
  if (m.entries.anyContiguous || strayCount(m, u) > 0) return true;
  for (let location = 0; location < m.layout.locations; location++)
    if (m.historyLength(location) > 1 && m.learned.cells.has(m.learned.locations[location] as ValueId)) return true;
  return false;
}

/** What an access of CPU u to an address may run into now. */
export function hazardOf(m: Machine, u: number, address: ValueId): Hazard {
  const conflicts = new Set<Conflict>();
  const strays: Stray[] = [];
  for (let n = 0; n < strayCount(m, u); n++) {
    const stray = strayAt(m, u, n);
    if (strayCovers(m, stray, m.values.get(address))) strays.push(stray);
  }
  const visit = (level: Level, word: ValueId): void => {
    const values = heldValues(m, u, level, word);
    if (groupValues(m, u, level, word, address).some((value) => values.some((own) => own !== value)))
      conflicts.add('contiguous');
    values.forEach((value, i) => {
      for (const older of values.slice(0, i)) {
        if (!mayHaveResized(m, older, value, level)) add(conflictBetween(m, older, value, level));
        else for (const conflict of besideBlock(m, u, older, value, level, address)) conflicts.add(conflict);
      }
      for (const stray of strays) add(conflictWithStray(m, stray, { value, level }, address));
      const entry = m.entries.describe(value, level);
      if (entry.kind !== 'table') return;
      const next = (level + 1) as Level;
      visit(next, noteCell(m, m.values.get(address), next, entry.output));
    });
  };
  const add = (conflict: Conflict | undefined): void => {
    if (conflict !== undefined) conflicts.add(conflict);
  };
  const { level, word } = startOf(m, address);
  visit(level, word);
  let hazard = NONE;
  for (const conflict of conflicts) {
    const one = hazards[m.program.switches.bbm][conflict];
    hazard = {
      aborts: hazard.aborts || one.aborts,
      unpredictable: hazard.unpredictable || one.unpredictable,
    };
  }
  return hazard;
}

function conflictBetween(m: Machine, older: ValueId, younger: ValueId, level: Level): Conflict | undefined {
  const { verdict, row } = changeBetween(m, older, younger, level);
  if (verdict === 'bbm') return 'broken';
  return row === 'blockToTable' || row === 'tableToBlock' ? 'resized' : undefined;
}

function mayHaveResized(m: Machine, older: ValueId, younger: ValueId, level: Level): boolean {
  const kinds = [m.entries.describe(older, level).kind, m.entries.describe(younger, level).kind];
  return kinds.includes('leaf') && kinds.includes('table') && mayChangeSize(m, older, younger, level);
}

/**
 * A block and a table of which FEAT_BBM lets one take the place of the other: the TLB may hold the block and, of the table,
 * what its entries for the address are. One that is invalid is held by no TLB, and so lives beside nothing.
 */
function besideBlock(
  m: Machine,
  u: number,
  older: ValueId,
  younger: ValueId,
  level: Level,
  address: ValueId,
): readonly Conflict[] {
  const [value, table] = m.entries.describe(older, level).kind === 'leaf' ? [older, younger] : [younger, older];
  return leavesBelow(m, u, { value: table, level }, address).map((leaf) =>
    differsFromBlock(m, { value, level }, leaf, address) ? 'broken' : 'resized',
  );
}

function leavesBelow(m: Machine, u: number, { value, level }: Held, address: ValueId): readonly Held[] {
  const next = (level + 1) as Level;
  const word = noteCell(m, m.values.get(address), next, m.entries.describe(value, level).output);
  return heldValues(m, u, next, word).flatMap((held) => {
    const below = { value: held, level: next };
    return m.entries.describe(held, next).kind === 'table' ? leavesBelow(m, u, below, address) : [below];
  });
}

/** An entry of a table that is gone, against what walks find now: at another level it is a leaf of another size. */
function conflictWithStray(m: Machine, stray: Stray, held: Held, address: ValueId): Conflict | undefined {
  if (stray.level === held.level)
    return stray.value === held.value ? undefined : conflictBetween(m, stray.value, held.value, held.level);
  const [a, b] = [m.entries.describe(stray.value, stray.level), m.entries.describe(held.value, held.level)];
  if (a.kind !== 'leaf' || b.kind !== 'leaf') return undefined;
  const moves =
    m.entries.physical(stray.value, stray.level, address) !== m.entries.physical(held.value, held.level, address);
  const { bbm } = m.program.switches;
  return moves || bbm === 0 || bbm === 1 ? 'broken' : 'resized';
}
