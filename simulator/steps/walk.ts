/**
 * The translation walk as the explorer takes it: one step that picks at each level one of the values that the CPU may
 * still use. A valid descriptor with its access flag set may be old (a TLB or walk cache may hold it); one that makes a
 * Translation or Access flag fault is never cached, so it counts only while it is the current one (Arm ARM RRVJDB,
 * RFFWJK).
 */

import { FAULT } from '../machine/faults';
import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { ValueId } from '../machine/values';
import type { WalkResult } from './choices';

export interface WalkRequest {
  readonly cpu: number;
  readonly address: ValueId;
  readonly write: boolean;
  /** At EL0. */
  readonly unprivileged: boolean;
  /** Hardware management of the access flag and of the dirty state on this CPU. */
  readonly accessFlag: boolean;
  readonly dirtyState: boolean;
  /** A CAS that is walked as one that must fail: it does not update the dirty state. */
  readonly mustFail: boolean;
}

/** All results that a walk may have now; results that no later step can tell apart are given once. */
export function walks(m: Machine, request: WalkRequest): WalkResult[] {
  const results: WalkResult[] = [];
  descend(m, request, m.values.get(request.address), m.entries.top, m.program.translation.root, false, true, results);
  return results;
}

/** Visits the descriptor cells that a walk may go through, old tables included: (word of memory, level). */
export function pathOf(m: Machine, address: ValueId, visit: (word: ValueId, level: Level) => void): void {
  const va = m.values.get(address);
  const seen = (level: Level, table: bigint): void => {
    const word = m.entries.cell(table, va, level);
    visit(word, level);
    const location = m.location(word);
    const length = location < 0 ? 1 : m.historyLength(location);
    for (let i = 0; i < length; i++) {
      const value = location < 0 ? m.initialWord(word) : m.historyValue(location, i);
      const entry = m.entries.describe(value, level);
      if (entry.kind === 'table' && level < 3) seen((level + 1) as Level, entry.output);
    }
  };
  seen(m.entries.top, m.program.translation.root);
}

function descend(
  m: Machine,
  request: WalkRequest,
  va: bigint,
  level: Level,
  table: bigint,
  tableReadOnly: boolean,
  tableEl0: boolean,
  results: WalkResult[],
): void {
  const word = m.entries.cell(table, va, level);
  m.learned.observe(word);
  m.learned.addCell(word, level, m.entries.coveredBase(va, level), m.entries.span(level));
  const location = m.location(word);
  const last = location < 0 ? 0 : m.historyLength(location) - 1;
  const tableBound = location < 0 ? 0 : (m.w[m.tableBound(request.cpu, location)] as number);
  const leafBound = location < 0 ? 0 : (m.w[m.leafBound(request.cpu, location)] as number);
  for (let i = last; i >= Math.min(tableBound, leafBound); i--) {
    const value = location < 0 ? m.initialWord(word) : m.historyValue(location, i);
    const entry = m.entries.describe(value, level);
    if (entry.kind === 'invalid') {
      if (i === last) add(results, fault(FAULT.TRANSLATION, level, location, value));
      continue;
    }
    if (i < (entry.kind === 'table' ? tableBound : leafBound) && i !== last) continue;
    if (entry.kind === 'table') {
      descend(
        m,
        request,
        va,
        (level + 1) as Level,
        entry.output,
        tableReadOnly || entry.readOnly,
        tableEl0 && entry.el0,
        results,
      );
      continue;
    }
    if (!entry.accessFlag && m.hardwareUpdates) m.learned.write(word);
    if (!entry.accessFlag && !request.accessFlag) {
      if (i === last) add(results, fault(FAULT.ACCESS_FLAG, level, location, value));
      continue;
    }
    const dirtied = request.dirtyState && entry.dirtyModifier;
    const denied =
      (request.unprivileged && !(entry.el0 && tableEl0)) ||
      (request.write && (tableReadOnly || (entry.readOnly && !dirtied)));
    if (denied) {
      // An entry without its access flag is not cached even where hardware would set the flag.
      if (i === last || entry.accessFlag) add(results, fault(FAULT.PERMISSION, level, location, value));
      continue;
    }
    const setsDirty = request.write && request.dirtyState && entry.readOnly && !request.mustFail;
    if (request.mustFail && !entry.readOnly) continue;
    const updates = !entry.accessFlag || setsDirty;
    if (updates && i !== last) continue;
    const physical = m.values.of(entry.output + (va & (m.entries.span(level) - 1n)));
    add(results, {
      physical,
      fault: FAULT.NONE,
      level: -2,
      // The hardware update writes the descriptor, so it needs a location: the layout grows to give it one.
      updateCell: updates ? location + 1 : 0,
      updateIndex: updates ? i + 1 : 0,
      updateDirty: setsDirty,
      mustFail: request.mustFail,
      faultCell: -1,
      faultValue: 0,
      leafLevel: level,
    });
    if (updates) m.learned.write(word);
  }
}

function fault(kind: number, level: number, location: number, value: ValueId): WalkResult {
  return {
    physical: -1,
    fault: kind,
    level,
    updateCell: 0,
    updateIndex: 0,
    updateDirty: false,
    mustFail: false,
    faultCell: location,
    faultValue: value,
    leafLevel: level,
  };
}

/** Two results are one when every later step is the same. */
function add(results: WalkResult[], result: WalkResult): void {
  for (const r of results)
    if (
      r.physical === result.physical &&
      r.fault === result.fault &&
      r.level === result.level &&
      r.updateCell === result.updateCell &&
      r.updateIndex === result.updateIndex &&
      r.updateDirty === result.updateDirty &&
      r.faultValue === result.faultValue &&
      r.leafLevel === result.leafLevel
    )
      return;
  results.push(result);
}
