/**
 * TLB maintenance: a TLBI raises, at its own moment, how old the descriptors may be that the CPUs it covers may still
 * use. The DSB after it waits for other CPUs' accesses that were translated before.
 */

import { operandWord } from '../machine/code';
import { COMPLETED } from '../machine/completion';
import { faultLevel } from '../machine/faults';
import type { Level } from '../machine/granule';
import { CPU, ENTRY, FLAG, LACKS, SLOT } from '../machine/layout';
import { locationBit, type Machine } from '../machine/machine';
import type { TlbiInstruction } from '../machine/program';
import type { CoveredCell, Reach, Reached } from '../machine/reached';
import { MAX_VALUES, type ValueId } from '../machine/values';
import { addressOf } from './accessKind';
import { EFFECT } from './choices';
import { type EntryKind, endEntry, hasRoom, olderUntranslated, pushEntry, type StepKind } from './step';
import { keepFound, removeStrays, type Stray, strayCount } from './strays';

const PAGE_FIELD = (1n << 44n) - 1n;

export const tlbi: StepKind = {
  kinds: ['tlbi'],
  doc: 'TLBI: by VA, range or all; last level only or every level; this CPU or the inner shareable domain.',
  fetch(m, t, c) {
    if (!hasRoom(m, t, 1)) return 'wait';
    const slot = pushEntry(m, t, ENTRY.TLBI, m.w[m.base(t) + CPU.PC] as number);
    const registers = m.register(t, 0);
    m.w[slot + SLOT.A] = operandWord(c.operands[0] as number, m.w, registers);
    m.w[slot + SLOT.B] = operandWord(c.operands[1] as number, m.w, registers);
    return 'next';
  },
};

export const tlbiEntry: EntryKind = {
  entry: ENTRY.TLBI,
  settle(m, t, k, slot, order) {
    let changed = false;
    if (!m.flag(slot, FLAG.DONE) && ready(m, slot) && order.tlbiMayGo(false) && hasNoEffect(m, t, slot)) {
      m.setFlag(slot, FLAG.DONE);
      changed = true;
    }
    if (!m.flag(slot, FLAG.DONE) || olderUntranslated(m, t, k)) return changed;
    endEntry(m, slot);
    return true;
  },
  offer(m, t, k, slot, order, choices) {
    if (m.flag(slot, FLAG.DONE) || !ready(m, slot)) return;
    const { best, worst } = completionOf(m, t, slot);
    const isApart = hasTwoParts(m, t, slot);
    if (!m.flag(slot, FLAG.READ) && order.tlbiMayGo(false)) {
      const most = isApart ? COMPLETED.LOCALLY : best;
      for (let completed = most; completed >= Math.min(most, worst); completed--)
        choices.add(t, k, EFFECT.INVALIDATE, completed);
    }
    if (!isApart || m.flag(slot, FLAG.WRITTEN) || !order.tlbiMayGo(true)) return;
    choices.add(t, k, EFFECT.INVALIDATE_OTHERS, COMPLETED.EVERYWHERE);
    if (worst < best) choices.add(t, k, EFFECT.INVALIDATE_OTHERS, COMPLETED.NOWHERE);
  },
  take(m, t, _k, slot, effect, completed) {
    if (effect === EFFECT.INVALIDATE_OTHERS) invalidateOthers(m, t, slot, completed);
    else invalidate(m, t, slot, completed);
  },
};

/**
 * Whether a TLBI of every CPU, completed for all, happens on its own one at another moment than on the others. Only a
 * non-shareable DSB can tell the two moments apart, before it or behind it.
 */
function hasTwoParts(m: Machine, t: number, slot: number): boolean {
  const { twoParts } = m.compiled(t, m.w[slot + SLOT.IP] as number);
  const { localCompletion, completionByDsb } = m.rules;
  if (!twoParts || !localCompletion || !completionByDsb || m.layout.cpus === 1) return false;
  return completionOf(m, t, slot).best === COMPLETED.EVERYWHERE;
}

/** How far a TLBI may be, and how far it is sure to be, completed by a DSB. */
function completionOf(m: Machine, t: number, slot: number): { readonly best: number; readonly worst: number } {
  const ip = m.w[slot + SLOT.IP] as number;
  const c = m.compiled(t, ip);
  const most = (c.instruction as TlbiInstruction).innerShareable ? COMPLETED.EVERYWHERE : COMPLETED.LOCALLY;
  if (!m.rules.completionByDsb) return { best: most, worst: most };
  return {
    best: Math.min(most, farther(m, c.completes)),
    worst: Math.min(most, farther(m, m.surelyCompletes(t, ip))),
  };
}

/** How far a TLBI is completed by a DSB, when a local one is none. */
function farther(m: Machine, completed: number): number {
  return completed === COMPLETED.LOCALLY && !m.rules.localCompletion ? COMPLETED.EVERYWHERE : completed;
}

/** On this way no DSB may come any more that would complete what has not happened. */
function noteLack(m: Machine, t: number, best: number, completed: number): void {
  if (completed >= best) return;
  const at = m.base(t) + CPU.LACKS;
  const lack = completed === COMPLETED.NOWHERE ? LACKS.EVERYWHERE : LACKS.ELSEWHERE;
  m.w[at] = Math.max(m.w[at] as number, lack);
}

function ready(m: Machine, slot: number): boolean {
  return (m.w[slot + SLOT.A] as number) >= 0 && (m.w[slot + SLOT.B] as number) >= 0;
}

function reachOf(m: Machine, i: TlbiInstruction, firstOperand: ValueId, lastOperand: ValueId): Reach {
  const first = m.values.get(firstOperand) & PAGE_FIELD;
  const last = i.scope === 'range' ? m.values.get(lastOperand) & PAGE_FIELD : first;
  const { reach, leafOnly, levelHint } = m.rules;
  return {
    all: i.scope === 'all' || !reach,
    first,
    last,
    leafOnly: leafOnly && i.scope !== 'all' && i.leafOnly,
    level: levelHint ? i.level : undefined,
  };
}

/** What a TLBI in the window of CPU t reaches; found once, and again when more is known. Its pages join its footprint. */
function reachedBy(m: Machine, t: number, slot: number): Reached {
  const ip = m.w[slot + SLOT.IP] as number;
  const c = m.compiled(t, ip);
  const [first, last] = [m.w[slot + SLOT.A] as ValueId, m.w[slot + SLOT.B] as ValueId];
  const key = first * MAX_VALUES + last;
  const { cellPlaces, pages } = m.learned;
  let ofInstruction = m.reached.get(c);
  if (ofInstruction === undefined) {
    ofInstruction = new Map();
    m.reached.set(c, ofInstruction);
  }
  let reached = ofInstruction.get(key);
  if (reached === undefined || reached.places !== cellPlaces || reached.pages !== pages.length) {
    const reach = reachOf(m, c.instruction as TlbiInstruction, first, last);
    const anyPage = noteCovered(m, t, ip, reach);
    reached = { reach, cells: coveredCells(m, reach), anyPage, places: cellPlaces, pages: pages.length };
    ofInstruction.set(key, reached);
  }
  return reached;
}

export function covers(reach: Reach, base: bigint, bytes: bigint): boolean {
  if (reach.all) return true;
  const first = (base >> 12n) & PAGE_FIELD;
  const last = first + (bytes >> 12n) - 1n;
  return reach.first <= last && first <= reach.last;
}

/** The pages that accesses translate and that a TLBI covers join its footprint; whether there are any. */
function noteCovered(m: Machine, t: number, ip: number, reach: Reach): boolean {
  const footprint = m.footprint(t, ip);
  const bytes = m.program.pageBytes;
  let any = false;
  for (const page of m.learned.pages)
    if (covers(reach, m.values.get(page), bytes)) {
      any = true;
      m.learned.noteInvalidation(footprint, page);
    }
  return any;
}

/** The same for a TLBI whose operands are known before it runs. */
export function noteReach(m: Machine, t: number, ip: number, i: TlbiInstruction, first: ValueId, last: ValueId): void {
  noteCovered(m, t, ip, reachOf(m, i, first, last));
}

/**
 * Whether a TLBI removes the entry of a leaf or table of a level, VA apart. A level hint is the level of the leaf: a leaf of
 * another level need not go, nor the tables below that level (Arm ARM: TTL of the TLBI operations).
 */
export function removesLevel(reach: Reach, level: number, isTable: boolean): boolean {
  if (isTable) return !reach.leafOnly && (reach.level === undefined || level < reach.level);
  return reach.level === undefined || level === reach.level;
}

function coveredCells(m: Machine, reach: Reach): readonly CoveredCell[] {
  const { locations, cells } = m.learned;
  const found: CoveredCell[] = [];
  for (let location = 0; location < m.layout.locations; location++) {
    const covered = (cells.get(locations[location] as ValueId) ?? []).filter((p) => covers(reach, p.base, p.bytes));
    const leaves = covered.some((p) => removesLevel(reach, p.level, false));
    const tables = covered.some((p) => removesLevel(reach, p.level, true));
    if (leaves || tables) found.push({ location, leaves, tables });
  }
  return found;
}

/** What a TLBI does to the TLB of CPU u. */
function invalidateTlb(m: Machine, u: number, { reach, cells }: Reached): void {
  const { w } = m;
  const loses = new Set<number>();
  for (const { location, tables } of cells) if (tables && hasOldTable(m, u, location)) loses.add(location);
  const removesStray = (s: Stray): boolean =>
    covers(reach, m.values.get(s.base), m.entries.span(s.level)) &&
    removesLevel(reach, s.level, m.entries.describe(s.value, s.level).kind === 'table');
  if (m.rules.strays && (loses.size > 0 || strayCount(m, u) > 0))
    keepFound(
      m,
      u,
      (location, index) => loses.has(location) && index < m.historyLength(location) - 1,
      removesStray,
      (level, va, isTable) =>
        covers(reach, m.entries.coveredBase(va, level), m.entries.span(level)) && removesLevel(reach, level, isTable),
    );
  removeStrays(m, u, removesStray);
  for (const { location, leaves, tables } of cells) {
    const last = m.historyLength(location) - 1;
    if (last > 0) m.raised |= locationBit(location);
    if (leaves) w[m.leafBound(u, location)] = last;
    if (tables) w[m.tableBound(u, location)] = last;
  }
}

/** Whether CPU u may still use an old value of a location as a table. */
function hasOldTable(m: Machine, u: number, location: number): boolean {
  const last = m.historyLength(location) - 1;
  const places = m.learned.cells.get(m.learned.locations[location] as ValueId) ?? [];
  for (let i = m.w[m.tableBound(u, location)] as number; i < last; i++)
    for (const { level } of places)
      if (m.entries.describe(m.historyValue(location, i), level as Level).kind === 'table') return true;
  return false;
}

/** The locations of the descriptors that a TLBI in the window of CPU t covers; none while its operands are not known. */
export function coveredLocations(m: Machine, t: number, slot: number): readonly number[] {
  return ready(m, slot) ? reachedBy(m, t, slot).cells.map(({ location }) => location) : [];
}

/** No CPU translates anything that this TLBI covers: it changes nothing, whenever it happens. */
function hasNoEffect(m: Machine, t: number, slot: number): boolean {
  const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
  if (c.completes === COMPLETED.NOWHERE && m.rules.completionByDsb) return true;
  if (!m.reduces.idleInvalidations) return false;
  const { anyPage, cells } = reachedBy(m, t, slot);
  return !anyPage && cells.length === 0;
}

/** The whole TLBI, or of one that has two parts that for its own CPU. */
function invalidate(m: Machine, t: number, slot: number, completed: number): void {
  const isApart = hasTwoParts(m, t, slot);
  const best = isApart ? COMPLETED.LOCALLY : completionOf(m, t, slot).best;
  m.setFlag(slot, FLAG.READ);
  if (!isApart || m.flag(slot, FLAG.WRITTEN)) m.setFlag(slot, FLAG.DONE);
  noteTlbi(m, t, slot);
  const reached = reachedBy(m, t, slot);
  noteLack(m, t, best, completed);
  if (completed === COMPLETED.NOWHERE) return;
  m.invalidates = true;
  if (!m.rules.invalidation) return;
  invalidateTlb(m, t, reached);
  if (completed === COMPLETED.EVERYWHERE || !m.rules.localInvalidation) invalidateElsewhere(m, t, reached);
}

function invalidateOthers(m: Machine, t: number, slot: number, completed: number): void {
  m.setFlag(slot, FLAG.WRITTEN);
  if (m.flag(slot, FLAG.READ)) m.setFlag(slot, FLAG.DONE);
  noteTlbi(m, t, slot);
  if (completed === COMPLETED.EVERYWHERE) {
    m.invalidates = true;
    if (m.rules.invalidation) invalidateElsewhere(m, t, reachedBy(m, t, slot));
  } else noteLack(m, t, COMPLETED.EVERYWHERE, COMPLETED.LOCALLY);
}

function noteTlbi(m: Machine, t: number, slot: number): void {
  const { w } = m;
  m.journal?.push({
    what: 'tlbi',
    cpu: t,
    at: w[slot + SLOT.IP] as number,
    word: w[slot + SLOT.A] as number,
    value: w[slot + SLOT.B] as number,
  });
}

function invalidateElsewhere(m: Machine, t: number, reached: Reached): void {
  for (let u = 0; u < m.layout.cpus; u++) {
    if (u === t) continue;
    invalidateTlb(m, u, reached);
    waitForAccesses(m, t, u, reached.reach);
  }
}

/**
 * The next DSB of CPU t waits for CPU u's accesses that were translated before this TLBI (Arm ARM: completion of TLB
 * maintenance), and for older accesses of u with the same page offset that are not translated yet.
 */
function waitForAccesses(m: Machine, t: number, u: number, reach: Reach): void {
  const { w } = m;
  const count = m.count(u);
  for (let j = 0; j < count; j++) {
    const slot = m.slot(u, j);
    if (w[slot + SLOT.KIND] !== ENTRY.ACCESS || !m.flag(slot, FLAG.TRANSLATED)) continue;
    const va = m.values.get((w[slot + SLOT.VA] as number) - 1);
    const level = faultLevel(w[slot + SLOT.FAULT] as number) as Level;
    if (!covers(reach, m.entries.coveredBase(va, level), m.entries.span(level))) continue;
    const flags = w[slot + SLOT.FLAGS] as number;
    if ((flags & FLAG.FAULTED) !== 0) {
      if ((flags & FLAG.FAULT_DONE) === 0 && m.rules.dsbWaitsForFaults) addWait(m, t, u, j, 0);
      continue;
    }
    if (!removesLevel(reach, level, false)) continue;
    if ((flags & (FLAG.READ | FLAG.WRITTEN)) !== (FLAG.READ | FLAG.WRITTEN) && m.rules.dsbWaitsForTranslatedAccesses)
      addWait(m, t, u, j, 0);
    if (!m.rules.dsbWaitsForOlderWalks) continue;
    for (let i = 0; i < j; i++) {
      const older = m.slot(u, i);
      if (w[older + SLOT.KIND] !== ENTRY.ACCESS || m.flag(older, FLAG.WALKED)) continue;
      const address = addressOf(m, older);
      if (address >= 0 && (m.values.get(address) & 0xfffn) !== (va & 0xfffn)) continue;
      addWait(m, t, u, i, 1);
    }
  }
}

/** `walk`: until the access is translated; else until it is done. The list is sorted and has no entry twice. */
function addWait(m: Machine, t: number, u: number, k: number, walk: 0 | 1): void {
  const { w } = m;
  const at = m.layout.waits[t] as number;
  const countAt = m.base(t) + CPU.WAITS;
  const n = w[countAt] as number;
  const wait = (u << 16) | (k << 1) | walk;
  let i = 0;
  while (i < n && (w[at + i] as number) < wait) i++;
  if (i < n && w[at + i] === wait) return;
  if (n >= m.layout.waitsCapacity) {
    m.learned.grow('waits');
    m.dropped = true;
    return;
  }
  w.copyWithin(at + i + 1, at + i, at + n);
  w[at + i] = wait;
  w[countAt] = n + 1;
}

/** Clears the waits that are over; true when there were any. */
export function clearWaits(m: Machine, t: number): boolean {
  const { w } = m;
  const at = m.layout.waits[t] as number;
  const countAt = m.base(t) + CPU.WAITS;
  const n = w[countAt] as number;
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const wait = w[at + i] as number;
    const slot = m.slot(wait >> 16, (wait >> 1) & 0x7fff);
    const flags = w[slot + SLOT.FLAGS] as number;
    const done = FLAG.READ | FLAG.WRITTEN;
    const over =
      w[slot + SLOT.KIND] !== ENTRY.ACCESS ||
      ((wait & 1) === 1
        ? (flags & FLAG.WALKED) !== 0
        : (flags & FLAG.FAULTED) !== 0
          ? (flags & FLAG.FAULT_DONE) !== 0
          : (flags & done) === done);
    if (!over) w[at + kept++] = wait;
  }
  if (kept === n) return false;
  w.fill(0, at + kept, at + n);
  w[countAt] = kept;
  return true;
}
