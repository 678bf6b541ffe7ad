/**
 * RCU: read-side sections and grace periods. Since Linux v4.20 code with interrupts masked, preemption off or a spin lock
 * held, and so every handler, is a read-side section too. Neither end of a section orders anything by itself. What counts is
 * what tools/memory-model says of sections and grace periods: a section of which something, or something behind it, has
 * happened when a grace period begins is over, with everything before its end, when the grace period ends. Where nothing of it
 * need ever happen, it may have begun all the same.
 *
 * While another CPU may still begin a grace period, the borders of sections are entries of the window. One leaves the window when
 * everything older has, but for TLBIs, which no reader waits for without a DSB.
 */

import { CPU, ENTRY, FLAG, SLOT, STALL } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { RcuInstruction } from '../machine/program';
import { type Choices, EFFECT } from './choices';
import { endOfCode, isAtomic, isAtRoundEnd, MASK } from './exception';
import { inReadSection } from './holding';
import { anySpinning, type EntryKind, endEntry, hasRoom, pushEntry, type StepKind } from './step';
import { tell } from './tell';

/** The section that the oldest instruction in flight is in: none, one of which nothing has happened yet, one that has begun. */
const SECTION = { NONE: 0, ENTERED: 1, BEGUN: 2 } as const;

/** A border of a section, as a slot word. */
const BORDER = { END: 0, BEGINNING: 1 } as const;

/** The word of memory in which CPU t's grace period counts the sections of CPU u that it waits for. */
function graceWord(m: Machine, t: number, u: number): number {
  return m.layout.graces + t * m.layout.cpus + u;
}

/** A CPU's own word: no grace period, one that is under way, one that waits for a section of its own. */
const GRACE = { NONE: 0, UNDER_WAY: 1, FOR_ITSELF: 2 } as const;

/** What is masked and counted at a place is a read-side section. */
function isSection(m: Machine, masks: number): boolean {
  return masks >= MASK.READ || (m.rules.maskedRegionsAreRead && (masks & ~MASK.NMI) !== 0);
}

/**
 * Changes what is masked and counted, at the fetch point. False when the window has no room for the border of a section,
 * which voids this pass.
 */
export function setMasks(m: Machine, t: number, masks: number): boolean {
  const at = m.base(t) + CPU.MASKS;
  const before = isSection(m, m.w[at] as number);
  m.w[at] = masks;
  if (!m.gracePeriods || isSection(m, masks) === before || !m.future.sectionsMatter(t)) return true;
  if (m.count(t) === 0) cross(m, t, !before, false);
  else {
    if (!hasRoom(m, t, 1)) return false;
    const slot = pushEntry(m, t, ENTRY.SECTION, m.w[m.base(t) + CPU.PC] as number);
    m.w[slot + SLOT.A] = before ? BORDER.END : BORDER.BEGINNING;
  }
  return true;
}

/**
 * The instruction at the fetch point ends what has not begun: it will tell so once nothing older can squash it. False when
 * the window has no room for that, which voids this pass.
 */
export function tellUnbalanced(m: Machine, t: number): boolean {
  if (!m.rules.unlockNotHeld) return true;
  if (!hasRoom(m, t, 1)) return false;
  pushEntry(m, t, ENTRY.CALL, m.w[m.base(t) + CPU.PC] as number);
  return true;
}

/** The oldest instruction in flight is behind a border now. */
function cross(m: Machine, t: number, begins: boolean, hasBegun: boolean): void {
  const at = m.base(t) + CPU.SECTION;
  const { w } = m;
  if (begins) {
    w[at] = hasBegun ? SECTION.BEGUN : SECTION.ENTERED;
    return;
  }
  if (w[at] === SECTION.BEGUN)
    for (let u = 0; u < m.layout.cpus; u++) {
      const grace = graceWord(m, u, t);
      if (u !== t && (w[grace] as number) > 0) w[grace] = (w[grace] as number) - 1;
    }
  w[at] = SECTION.NONE;
}

/** Something has happened that others may see, of slot k or (the count) of the instruction at the fetch point. */
export function noteEffect(m: Machine, t: number, k: number): void {
  if (!m.gracePeriods) return;
  const at = m.base(t) + CPU.SECTION;
  if (m.w[at] === SECTION.ENTERED) m.w[at] = SECTION.BEGUN;
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    if (m.w[slot + SLOT.KIND] === ENTRY.SECTION && m.w[slot + SLOT.A] === BORDER.BEGINNING) m.setFlag(slot, FLAG.DONE);
  }
}

/** The sections of CPU t that have begun and are not over. They are its oldest ones: what has begun one has begun all before. */
function begun(m: Machine, t: number): number {
  let sections = m.w[m.base(t) + CPU.SECTION] === SECTION.BEGUN ? 1 : 0;
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    if (m.w[slot + SLOT.KIND] === ENTRY.SECTION && m.flag(slot, FLAG.DONE)) sections++;
  }
  return sections;
}

/**
 * What a squash took back has not begun after all. And where the program of a CPU ends, so do regions that it has not
 * unmasked: what comes next is not the scenario's matter. A read-side section that is left open stays open.
 */
export function settleSections(m: Machine): void {
  const { w } = m;
  for (let u = 0; u < m.layout.cpus; u++) {
    const base = m.base(u);
    if (!m.future.sectionsMatter(u)) {
      w[base + CPU.SECTION] = SECTION.NONE;
      continue;
    }
    const atEnd = m.count(u) === 0 && (w[base + CPU.PC] as number) >= endOfCode(m, u);
    if (atEnd && w[base + CPU.SECTION] !== SECTION.NONE && (w[base + CPU.MASKS] as number) < MASK.READ)
      cross(m, u, false, false);
    let open = -1;
    for (let t = 0; t < m.layout.cpus; t++) {
      const grace = graceWord(m, t, u);
      if (t === u || w[grace] === 0) continue;
      if (open < 0) open = begun(m, u);
      if ((w[grace] as number) > open) w[grace] = open;
    }
  }
}

/**
 * Nothing has happened of the section that CPU t is in, and nothing may for ever: it waits there for another CPU, it goes
 * round, or its program is over in a section of RCU. Others may take it for one that has begun all the same, at any time:
 * that is a step of its own, as its other beginnings are. Where the wait ends, the section may as well have begun with that.
 */
export function offerBeginning(m: Machine, t: number, choices: Choices): void {
  const { w } = m;
  const base = m.base(t);
  if (!m.gracePeriods || w[base + CPU.SECTION] !== SECTION.ENTERED || !m.future.sectionsMatter(t)) return;
  const isOver = m.count(t) === 0 && (w[base + CPU.PC] as number) >= endOfCode(m, t);
  const stays = isOver
    ? (w[base + CPU.MASKS] as number) >= MASK.READ
    : anySpinning(m, t) || isAtRoundEnd(m, t) || w[base + CPU.STALL] === STALL.FOREVER;
  if (stays) choices.add(t, -1, EFFECT.BEGIN, 0);
}

/** The task of CPU t is dead: it waits for nobody, and nobody for its sections. */
export function forgetSections(m: Machine, t: number): void {
  if (m.layout.graceCount === 0) return;
  m.looksAbroad = true;
  for (let u = 0; u < m.layout.cpus; u++) {
    m.w[graceWord(m, t, u)] = 0;
    if (m.rules.deathEndsSections && u !== t) m.w[graceWord(m, u, t)] = 0;
  }
  if (m.rules.deathEndsSections) m.w[m.base(t) + CPU.SECTION] = SECTION.NONE;
}

/** CPU t waits in a grace period, for a section that is not over. */
function waits(m: Machine, t: number): boolean {
  const own = m.w[graceWord(m, t, t)] as number;
  if (own === GRACE.NONE) return false;
  if (own === GRACE.FOR_ITSELF) return true;
  for (let u = 0; u < m.layout.cpus; u++) if (u !== t && m.w[graceWord(m, t, u)] !== 0) return true;
  return false;
}

export const rcu: StepKind = {
  kinds: ['rcu'],
  doc: 'RCU read-side critical sections, and the grace period that waits for those that have begun.',
  interleaves: true,
  fetch(m, t, c) {
    const i = c.instruction as RcuInstruction;
    if (i.operation === 'synchronize') return m.count(t) === 0 ? 'decide' : 'wait';
    const masks = m.w[m.base(t) + CPU.MASKS] as number;
    if (i.operation === 'readUnlock' && masks < MASK.READ && !tellUnbalanced(m, t)) return 'wait';
    const after = i.operation === 'readLock' ? masks + MASK.READ : masks < MASK.READ ? masks : masks - MASK.READ;
    return setMasks(m, t, after) ? 'next' : 'wait';
  },
  offerFetch(m, t, _c, choices) {
    if (m.count(t) !== 0 || waits(m, t)) return;
    choices.add(t, -1, EFFECT.FETCH, m.w[graceWord(m, t, t)] === GRACE.NONE ? 0 : 1);
  },
  takeFetch(m, t, c, ends) {
    const base = m.base(t);
    const own = graceWord(m, t, t);
    if (ends === 1) {
      m.w[own] = GRACE.NONE;
      m.w[base + CPU.PC] = (m.w[base + CPU.PC] as number) + 1;
      m.w[base + CPU.DECLINED] = 0;
      return;
    }
    if (m.rules.sleepInAtomic && (isAtomic(m, t) || inReadSection(m, t)))
      tell(m, t, c, { kind: 'finding', outcome: 'sleep-in-atomic' });
    noteEffect(m, t, 0);
    m.w[own] = GRACE.UNDER_WAY;
    if (!m.rules.gracePeriods) return;
    if ((m.w[base + CPU.MASKS] as number) >= MASK.READ) m.w[own] = GRACE.FOR_ITSELF;
    m.looksAbroad = true;
    for (let u = 0; u < m.layout.cpus; u++) if (u !== t) m.w[graceWord(m, t, u)] = begun(m, u);
  },
  blocksOnOthers: waits,
};

export const sectionEntry: EntryKind = {
  entry: ENTRY.SECTION,
  settle(m, t, k, slot) {
    if (!m.future.sectionsMatter(t)) {
      endEntry(m, slot);
      return true;
    }
    const begins = m.w[slot + SLOT.A] === BORDER.BEGINNING;
    for (let j = 0; j < k; j++) {
      const kind = m.w[m.slot(t, j) + SLOT.KIND] as number;
      if (kind !== ENTRY.DEAD && (begins || kind !== ENTRY.TLBI)) return false;
    }
    cross(m, t, begins, m.flag(slot, FLAG.DONE));
    endEntry(m, slot);
    return true;
  },
};
