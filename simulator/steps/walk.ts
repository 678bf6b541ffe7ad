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
import { groupValues, neighboursOf } from './contiguous';
import { strayAt, strayCount, strayCovers } from './strays';

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

/** What the tables above say about what lies below. */
export interface Above {
  readonly readOnly: boolean;
  readonly el0: boolean;
}

/** Where the walk of a page meets the first descriptor that is not constant, or its leaf. */
export interface WalkStart {
  readonly level: Level;
  readonly word: ValueId;
  readonly above: Above;
}

/** The constant part of a page's walk, found once for a layout. */
export function startOf(m: Machine, address: ValueId): WalkStart {
  const page = m.entries.page(address);
  let start = m.walkStarts.get(page);
  if (start === undefined) {
    start = findStart(m, page);
    m.walkStarts.set(page, start);
  }
  return start;
}

function findStart(m: Machine, page: ValueId): WalkStart {
  const va = m.values.get(page);
  let level = m.entries.top;
  let table = m.program.translation.root;
  let above: Above = { readOnly: false, el0: true };
  for (;;) {
    const word = noteCell(m, va, level, table);
    const entry = m.location(word) < 0 ? m.entries.describe(m.initialWord(word), level) : undefined;
    if (entry?.kind !== 'table') return { level, word, above };
    if (m.rules.tableLimits) above = { readOnly: above.readOnly || entry.readOnly, el0: above.el0 && entry.el0 };
    table = entry.output;
    level = (level + 1) as Level;
  }
}

/** The descriptor of `va` in a table; that walks look at it is noted. */
export function noteCell(m: Machine, va: bigint, level: Level, table: bigint): ValueId {
  const word = m.entries.cell(table, va, level);
  m.learned.observe(word);
  m.learned.addCell(word, level, m.entries.coveredBase(va, level), m.entries.span(level));
  return word;
}

/** All results that a walk may have now; results that no later step can tell apart are given once. */
export function walks(m: Machine, request: WalkRequest): WalkResult[] {
  const results: WalkResult[] = [];
  const { level, word, above } = startOf(m, request.address);
  descend(m, request, level, word, above, results);
  for (let n = 0; n < strayCount(m, request.cpu); n++) {
    const stray = strayAt(m, request.cpu, n);
    if (!strayCovers(m, stray, m.values.get(request.address))) continue;
    use(m, request, stray.level, 0, -1, -1, 0, stray.value, stray.above, results);
  }
  return results;
}

/** The locations of the descriptors that a walk of CPU t may go through, old tables included. */
export function pathOf(m: Machine, t: number, address: ValueId): number[] {
  const locations: number[] = [];
  const visit = (level: Level, word: ValueId): void => {
    for (const other of neighboursOf(m, level, word, address)) {
      const beside = m.location(other);
      if (beside >= 0 && !locations.includes(beside)) locations.push(beside);
    }
    const location = m.location(word);
    if (location < 0) return;
    if (!locations.includes(location)) locations.push(location);
    const length = m.historyLength(location);
    for (let i = 0; i < length; i++) {
      const entry = m.entries.describe(m.historyValue(location, i), level);
      if (entry.kind === 'table') below(level, entry.output);
    }
  };
  const below = (level: Level, table: bigint): void => {
    const next = (level + 1) as Level;
    const word = noteCell(m, m.values.get(address), next, table);
    if (m.location(word) >= 0) visit(next, word);
    else {
      const entry = m.entries.describe(m.initialWord(word), next);
      if (entry.kind === 'table') below(next, entry.output);
    }
  };
  const { level, word } = startOf(m, address);
  visit(level, word);
  for (let n = 0; n < strayCount(m, t); n++) {
    const stray = strayAt(m, t, n);
    const entry = m.entries.describe(stray.value, stray.level);
    if (entry.kind === 'table' && strayCovers(m, stray, m.values.get(address))) below(stray.level, entry.output);
  }
  return locations;
}

/** The words that hold the descriptors of an address now, top level first. */
export function wordsOf(m: Machine, address: ValueId): ValueId[] {
  const va = m.values.get(address);
  const words: ValueId[] = [];
  let table = m.program.translation.root;
  for (let level = m.entries.top; level <= 3; level = (level + 1) as Level) {
    const word = noteCell(m, va, level, table);
    words.push(word);
    if (level === 3) break;
    const entry = m.entries.describe(m.current(word), level);
    if (entry.kind !== 'table') break;
    table = entry.output;
  }
  return words;
}

function descend(
  m: Machine,
  request: WalkRequest,
  level: Level,
  word: ValueId,
  above: Above,
  results: WalkResult[],
): void {
  const location = m.location(word);
  if (m.program.switches.conflictsHappen)
    for (const value of groupValues(m, request.cpu, level, word, request.address))
      use(m, request, level, word, -1, 0, 1, value, above, results);
  if (location < 0) {
    use(m, request, level, word, location, 0, 0, m.initialWord(word), above, results);
    return;
  }
  const last = m.historyLength(location) - 1;
  const tableBound = m.w[m.tableBound(request.cpu, location)] as number;
  const leafBound = m.w[m.leafBound(request.cpu, location)] as number;
  const { staleTranslations, faultsAreCurrent } = m.rules;
  const oldest = staleTranslations ? Math.min(tableBound, leafBound) : last;
  for (let i = last; i >= oldest; i--) {
    const value = m.historyValue(location, i);
    if (i < last) {
      const entry = m.entries.describe(value, level);
      if ((!entry.cacheable && faultsAreCurrent) || i < (entry.kind === 'table' ? tableBound : leafBound)) continue;
    }
    use(m, request, level, word, location, i, last, value, above, results);
  }
}

/** Goes on with one value of a descriptor: index `i` of a history whose current value is `last`. */
function use(
  m: Machine,
  request: WalkRequest,
  level: Level,
  word: ValueId,
  location: number,
  i: number,
  last: number,
  value: ValueId,
  above: Above,
  results: WalkResult[],
): void {
  const entry = m.entries.describe(value, level);
  if (entry.kind === 'invalid') {
    add(m, results, fault(FAULT.TRANSLATION, level, location, value));
    return;
  }
  if (entry.kind === 'table') {
    const next = (level + 1) as Level;
    const below = m.rules.tableLimits
      ? { readOnly: above.readOnly || entry.readOnly, el0: above.el0 && entry.el0 }
      : above;
    descend(m, request, next, noteCell(m, m.values.get(request.address), next, entry.output), below, results);
    return;
  }
  // Whether a block with nT makes a Translation fault is up to the implementation (FEAT_BBM level 1).
  if (
    entry.noTranslation &&
    m.rules.noTranslationFaults &&
    m.program.switches.conflictsHappen &&
    m.program.switches.bbm !== 0
  )
    add(m, results, fault(FAULT.TRANSLATION, level, location, value));
  if (!entry.accessFlag) {
    if (m.hardwareUpdates) m.learned.write(word);
    if (!request.accessFlag && m.rules.accessFlagFaults) {
      add(m, results, fault(FAULT.ACCESS_FLAG, level, location, value));
      return;
    }
  }
  const dirtied = request.dirtyState && entry.dirtyModifier;
  const denied =
    (request.unprivileged && m.rules.unprivileged && !(entry.el0 && above.el0)) ||
    (request.write && m.rules.readOnly && (above.readOnly || (entry.readOnly && !dirtied)));
  if (denied) {
    add(m, results, fault(FAULT.PERMISSION, level, location, value));
    return;
  }
  const setsDirty = request.write && request.dirtyState && entry.readOnly && !request.mustFail;
  if (request.mustFail && !entry.readOnly) return;
  const updates = (!entry.accessFlag && request.accessFlag) || setsDirty;
  if (updates) {
    if (i !== last) return;
    // The hardware update writes the descriptor, so it needs a location: the layout grows to give it one.
    m.learned.write(word);
  }
  add(m, results, {
    physical: m.entries.physical(value, level, request.address),
    fault: FAULT.NONE,
    level: -2,
    updateCell: updates ? location + 1 : 0,
    updateIndex: updates ? i + 1 : 0,
    updateDirty: setsDirty,
    mustFail: request.mustFail,
    faultCell: -1,
    faultValue: 0,
    leafLevel: level,
  });
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
function add(m: Machine, results: WalkResult[], result: WalkResult): void {
  for (const r of m.reduces.equalWalksOnce ? results : [])
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

/** The physical address that memory translates a virtual one to now, whatever a TLB holds; -1 when it does not. */
export function currentPhysical(m: Machine, address: ValueId): ValueId {
  let { level, word } = startOf(m, address);
  for (;;) {
    const value = m.current(word);
    const entry = m.entries.describe(value, level);
    if (entry.kind === 'invalid') return -1;
    if (entry.kind === 'leaf') return m.entries.physical(value, level, address);
    level = (level + 1) as Level;
    word = noteCell(m, m.values.get(address), level, entry.output);
  }
}
