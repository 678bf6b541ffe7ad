/**
 * Steps of the kernel that are no single instruction: they wait until everything older is done (they contain barriers),
 * then happen at one moment.
 */

import { type Compiled, operandWord } from '../machine/code';
import type { Level } from '../machine/granule';
import { CPU, ENTRY, NEST, SLOT } from '../machine/layout';
import { FRAME, type Machine } from '../machine/machine';
import type { AllocateInstruction, MaskInstruction, SendInterruptInstruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { EFFECT } from './choices';
import { endOfCode, isAtomic, isPreemptionOff, MASK } from './exception';
import { faultOrigin, inReadSection } from './holding';
import { refill } from './origin';
import { reachableTables, tableOf } from './reachableTables';
import { noteEffect, setMasks, tellUnbalanced } from './readSections';
import { type StepKind, setRegister } from './step';
import { strayAt, strayCount } from './strays';
import { tell } from './tell';

function advance(m: Machine, t: number): void {
  noteEffect(m, t, m.count(t));
  const at = m.base(t) + CPU.PC;
  m.w[at] = (m.w[at] as number) + 1;
  m.w[m.base(t) + CPU.DECLINED] = 0;
}

/** Fetched when the window is empty, as a choice. */
function whenDrained(m: Machine, t: number): 'decide' | 'wait' {
  return m.count(t) === 0 ? 'decide' : 'wait';
}

/** Nothing of a page allocator waits for a TLBI: that takes a DSB, which stays in the window until it is over. */
function whenAllButInvalidationsDrained(m: Machine, t: number): 'decide' | 'wait' {
  return mayCallAllocator(m, t) ? 'decide' : 'wait';
}

function mayCallAllocator(m: Machine, t: number): boolean {
  for (let k = 0; k < m.count(t); k++) {
    const kind = m.w[m.slot(t, k) + SLOT.KIND];
    if (kind !== ENTRY.TLBI && kind !== ENTRY.SECTION) return false;
  }
  return true;
}

export const allocate: StepKind = {
  kinds: ['allocate'],
  doc: 'Takes any page that is free: one that was given back, or a fresh one.',
  interleaves: true,
  fetch: whenAllButInvalidationsDrained,
  offerFetch(m, t, c, choices) {
    if (!mayCallAllocator(m, t)) return;
    if (certainPage(c) !== undefined) {
      choices.add(t, -1, EFFECT.FETCH, 0);
      return;
    }
    // Fresh pages are alike, so one of them stands for all; every page that was given back is a choice of its own.
    const fresh = new Set(m.program.freePages.map((p) => m.values.of(p)));
    let offeredFresh = false;
    for (const page of fresh) if (m.frameWord(page) < 0) m.learned.addFrame(page);
    m.learned.frames.forEach((frame, f) => {
      const word = m.layout.frames + f;
      if (f >= m.layout.frameCount || m.w[word] !== FRAME.FREE) return;
      if (fresh.has(frame) && offeredFresh && m.reduces.freshPagesAlike) return;
      if (!fresh.has(frame) && !m.rules.pagesAreReused) return;
      if (fresh.has(frame)) offeredFresh = true;
      choices.add(t, -1, EFFECT.FETCH, f);
    });
  },
  takeFetch(m, t, c, f) {
    const { sleeps, zeroes } = c.instruction as AllocateInstruction;
    if (m.rules.sleepInAtomic && sleeps && (isAtomic(m, t) || inReadSection(m, t))) {
      const origin = faultOrigin(m, t);
      const site = origin < 0 ? {} : { origin: m.compiled(t, origin).instruction.site };
      tell(m, t, c, { kind: 'finding', outcome: 'sleep-in-atomic', ...site });
    }
    const page = certainPage(c);
    if (page !== undefined) {
      const certain = m.values.of(page);
      const word = m.frameWord(certain);
      if (word >= 0) {
        m.w[word] = FRAME.TAKEN;
        noteFrame(m, t, certain);
      }
    } else {
      const frame = m.learned.frames[f] as ValueId;
      m.w[m.layout.frames + f] = zeroes ? FRAME.ZEROED : FRAME.REUSED;
      noteFrame(m, t, frame);
      refill(m, t, frame, zeroes === true);
      if (m.dropped) return;
    }
    setRegister(m, t, c.destination, page === undefined ? (m.learned.frames[f] as ValueId) : m.values.of(page));
    advance(m, t);
  },
};

/** The instruction at the PC changes whether a page is free; that joins its footprint. */
function noteFrame(m: Machine, t: number, frame: ValueId): void {
  m.learned.touch(m.footprint(t, m.w[m.base(t) + CPU.PC] as number).frames, frame);
}

/** The page that an allocation takes for certain; no other can take it. Whether it was taken matters where it may be lost. */
function certainPage(c: Compiled): bigint | undefined {
  return c.instruction.kind === 'allocate' ? c.instruction.page : undefined;
}

export const free: StepKind = {
  kinds: ['free'],
  doc: 'Gives a page back. A finding when some CPU may still reach it through a translation.',
  interleaves: true,
  fetch: whenAllButInvalidationsDrained,
  offerFetch(m, t, _c, choices) {
    if (mayCallAllocator(m, t)) choices.add(t, -1, EFFECT.FETCH, 0);
  },
  takeFetch(m, t, c) {
    const page = operandWord(c.operands[0] as number, m.w, m.register(t, 0));
    const word = m.frameWord(page);
    if (word < 0) {
      // Learned now; this pass is void and only goes on to learn more.
      m.learned.addFrame(page);
      noteFrame(m, t, page);
      advance(m, t);
      return;
    }
    noteFrame(m, t, page);
    if (m.w[word] === FRAME.FREE && m.rules.doubleFree)
      tell(m, t, c, { kind: 'finding', outcome: 'double-free', address: m.values.get(page) });
    m.w[word] = FRAME.FREE;
    m.looksAbroad = true;
    if (m.rules.freedPageReachable) tellReachable(m, t, c, m.values.get(page));
    advance(m, t);
  },
};

/** Which CPUs may still use a descriptor that leads to a page, current ones included. */
function tellReachable(m: Machine, t: number, c: Compiled, page: bigint): void {
  for (let u = 0; u < m.layout.cpus; u++) {
    const use = (value: ValueId, level: Level, word: ValueId | undefined): void => {
      const entry = m.entries.describe(value, level);
      const bytes = entry.kind === 'table' ? m.program.pageBytes : m.entries.span(level);
      if (!entry.cacheable || entry.output >= page + m.program.pageBytes || entry.output + bytes <= page) return;
      if (word !== undefined && !reachableTables(m, u).has(tableOf(m, word))) return;
      tell(m, t, c, {
        kind: 'finding',
        outcome: 'freed-page-reachable',
        level,
        ...(word === undefined ? {} : { descriptor: m.values.get(word) }),
        oldValue: m.values.get(value),
        otherCpu: u,
        address: page,
      });
    };
    for (const [word, places] of m.learned.cells)
      for (const { level } of places) eachUsable(m, u, word, level as Level, use);
    for (let n = 0; n < strayCount(m, u); n++) {
      const { value, level } = strayAt(m, u, n);
      use(value, level, undefined);
    }
  }
}

/** The values of a descriptor of a level that CPU u may still use, the current one included. */
function eachUsable(
  m: Machine,
  u: number,
  word: ValueId,
  level: Level,
  visit: (value: ValueId, level: Level, word: ValueId) => void,
): void {
  const location = m.location(word);
  if (location < 0) {
    visit(m.initialWord(word), level, word);
    return;
  }
  const last = m.historyLength(location) - 1;
  const tables = m.w[m.tableBound(u, location)] as number;
  const leaves = m.w[m.leafBound(u, location)] as number;
  for (let i = Math.min(tables, leaves); i <= last; i++) {
    const value = m.historyValue(location, i);
    if (i < last && i < (m.entries.describe(value, level).kind === 'table' ? tables : leaves)) continue;
    visit(value, level, word);
  }
}

export const sendInterrupt: StepKind = {
  kinds: ['sendInterrupt'],
  doc: 'Makes an interrupt pending on another CPU, or on all others.',
  interleaves: true,
  fetch: whenDrained,
  offerFetch(m, t, _c, choices) {
    if (m.count(t) === 0) choices.add(t, -1, EFFECT.FETCH, 0);
  },
  takeFetch(m, t, c) {
    const i = c.instruction as SendInterruptInstruction;
    m.looksAbroad = true;
    for (let u = 0; u < m.layout.cpus; u++) {
      if (u === t || (i.cpu !== undefined && i.cpu !== u)) continue;
      const at = m.base(u) + CPU.PENDING;
      if (!m.isDead(u)) m.w[at] = (m.w[at] as number) | (1 << i.interrupt);
    }
    advance(m, t);
  },
};

export const cpuNumber: StepKind = {
  kinds: ['cpuNumber'],
  doc: 'smp_processor_id().',
  fetch(m, t, c) {
    setRegister(m, t, c.destination, m.values.of(BigInt(t)));
    return 'next';
  },
};

export const end: StepKind = {
  kinds: ['end'],
  doc: 'The end of a CPU’s program.',
  fetch(m, t) {
    m.w[m.base(t) + CPU.PC] = endOfCode(m, t);
    return 'moved';
  },
};

export const mask: StepKind = {
  kinds: ['mask'],
  doc: 'Masks or unmasks interrupts, at its place in program order.',
  fetch(m, t, c) {
    const i = c.instruction as MaskInstruction;
    const at = m.base(t) + CPU.MASKS;
    const from = c.operands.length > 0 ? operandWord(c.operands[0] as number, m.w, m.register(t, 0)) : 0;
    if (from < 0) return 'wait';
    const before = m.w[at] as number;
    let after = before;
    const depth = m.w[m.base(t) + CPU.DEPTH] as number;
    const interrupted = depth > 0 ? (m.w[m.nest(t, depth) + NEST.MASKS] as number) : 0;
    const change = (how: MaskInstruction['irq'], bit: number): void => {
      if (how === undefined) return;
      const masked =
        how === 'mask' || (how === 'inherit' && (interrupted & bit) !== 0) || (how === 'restore' && from !== 0);
      after = masked ? after | bit : after & ~bit;
    };
    change(i.irq, MASK.IRQ);
    change(i.nmi, MASK.NMI);
    const isOff = isPreemptionOff(before);
    if (i.preemption === -1 && !isOff && !tellUnbalanced(m, t)) return 'wait';
    // Enabled once too often it stays enabled, and read-side sections, which are counted above, stay open.
    if (i.preemption === 1 || isOff) after += (i.preemption ?? 0) * MASK.PREEMPTION;
    if (!setMasks(m, t, after)) return 'wait';
    if (c.destination >= 0) setRegister(m, t, c.destination, (before & MASK.IRQ) !== 0 ? m.values.of(1n) : 0);
    return 'next';
  },
};
