/** Fetching: a CPU takes in its program as far as it can; what is undecided there is a choice. */

import { CPU, ENTRY, FLAG, SLOT, STALL } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { type Choices, EFFECT } from './choices';
import { endOfCode, isAtRoundEnd } from './exception';
import { anyPending, deliverable, enterInterrupt, isPending, offerSent, remaining, takeInterrupt } from './interrupt';
import { isForItself } from './order';
import { anySpinning, anyUntranslated, type Fetched } from './step';
import { stepOf } from './table';

/** Instructions that one CPU may fetch without anything else happening: a loop that does nothing ends here. */
const MAX_FETCHED_AT_ONCE = 50_000;

/** Fetches until something must be decided or waited for; true when anything was fetched. */
export function fetch(m: Machine, t: number): boolean {
  const { w } = m;
  const base = m.base(t);
  const end = endOfCode(m, t);
  let fetched = 0;
  for (;;) {
    if (w[base + CPU.DEAD] !== 0 || w[base + CPU.STALL] === STALL.FOREVER) return fetched > 0;
    if (w[base + CPU.TAKING] !== 0) {
      if (anyUntranslated(m, t)) return fetched > 0;
      enterInterrupt(m, t, (w[base + CPU.TAKING] as number) - 1);
      if (m.dropped) return true;
      fetched++;
      continue;
    }
    if (nothingYoungerMayGo(m, t)) return fetched > 0;
    const ip = w[base + CPU.PC] as number;
    if (interruptPoint(m, t, ip)) return fetched > 0;
    if (ip >= end) return forgetExclusive(m, t) || fetched > 0;
    const c = m.compiled(t, ip);
    const before = m.count(t);
    const how: Fetched = stepOf(c.instruction).fetch(m, t, c);
    if (m.dropped) return true;
    if (how === 'wait' || how === 'decide') return forgetExclusive(m, t) || fetched > 0;
    m.journal?.push({ what: 'fetch', cpu: t, at: ip, lasts: staysInWindow(m, t, before) });
    if (how === 'next') w[base + CPU.PC] = ip + 1;
    w[base + CPU.DECLINED] = 0;
    if (++fetched > MAX_FETCHED_AT_ONCE) {
      m.learned.endless = true;
      w[base + CPU.STALL] = STALL.FOREVER;
      return true;
    }
  }
}

/** The instruction that was just fetched has entries in the window, of `before` and more: not only the border of a section. */
function staysInWindow(m: Machine, t: number, before: number): boolean {
  const pushed = m.count(t) - before;
  return pushed > 1 || (pushed === 1 && m.w[m.slot(t, before) + SLOT.KIND] !== ENTRY.SECTION);
}

/**
 * Behind a context synchronisation that is not over, and with FEAT_ETS2 behind a DSB, no effect may happen: fetching waits,
 * which keeps windows small and loses nothing. Where instructions are modified, fetching one is an effect that no DSB holds.
 * A non-shareable DSB, and so a synchronisation that waits for it, holds back what its own CPU can tell alone.
 */
function nothingYoungerMayGo(m: Machine, t: number): boolean {
  if (!m.reduces.lateFetching) return false;
  const ets2 = m.program.switches.enhancedTranslationSynchronisation >= 2 && !m.modifiesCode;
  const count = m.count(t);
  let behindOwnDsb = false;
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    const kind = m.w[slot + SLOT.KIND];
    if (kind === ENTRY.ISB && !behindOwnDsb) return true;
    if (kind !== ENTRY.DSB) continue;
    if (isForItself(m, slot)) behindOwnDsb = true;
    else if (ets2) return true;
  }
  return false;
}

/**
 * A load-exclusive stays in the window for the store-exclusive that may follow. When it is all that is left and nothing can
 * be fetched before it goes (the end, or a step of the kernel, which has exclusives of its own), none will.
 */
function forgetExclusive(m: Machine, t: number): boolean {
  const { w } = m;
  const base = m.base(t);
  if (w[base + CPU.EXCLUSIVE] !== 1 || m.count(t) !== 1) return false;
  const slot = m.slot(t, 0);
  if (!m.flag(slot, FLAG.READ) || m.flag(slot, FLAG.UPDATE_PENDING)) return false;
  w[base + CPU.EXCLUSIVE] = 0;
  return true;
}

/** Whether an interrupt could be taken before the instruction at the PC, and that is not decided yet. */
function interruptPoint(m: Machine, t: number, ip: number): boolean {
  const base = m.base(t);
  const interrupts = m.cpus[t]?.program.interrupts;
  if (interrupts === undefined || interrupts.length === 0) return false;
  if (m.w[base + CPU.DECLINED] !== 0) return false;
  if (!interrupts.some((_, i) => deliverable(m, t, i))) return false;
  if (ip >= endOfCode(m, t)) return anyPending(m, t);
  return !m.reduces.interruptPoints || isPoint(m, t, ip);
}

/**
 * An interrupt that comes by itself makes a difference only before something that others, or its handler, can see or change,
 * or that waits. The page of an access is such a thing: the handler may free it.
 */
function isPoint(m: Machine, t: number, ip: number): boolean {
  const { instruction } = m.compiled(t, ip);
  switch (instruction.kind) {
    case 'arithmetic':
    case 'branch':
    case 'jump':
    case 'choose':
    case 'cpuNumber':
    case 'systemRegister':
    case 'end':
    case 'assertHeld':
      return instruction.kind === 'end' || (instruction.kind === 'jump' && instruction.drains === true);
    case 'dmb':
    case 'dsb':
    case 'isb':
      return m.count(t) > 0;
    case 'access':
    case 'translate': {
      const f = m.footprint(t, ip);
      if (f.faults || [f.reads, f.writes, f.walks].some((set) => [...set].some((word) => m.location(word) >= 0)))
        return true;
      if (m.layout.frameCount === 0) return false;
      return [f.reads, f.writes].some((set) => [...set].some((word) => m.frameWord(m.frameOfWord(word)) >= 0));
    }
    case 'tlbi':
      return m.footprint(t, ip).invalidates.size > 0;
    default:
      return true;
  }
}

/**
 * The choices at a CPU's fetch point. `decision`: they are local to the CPU, so they come before everything else and
 * nothing is lost by looking at them alone.
 */
export function offerFetch(m: Machine, t: number, choices: Choices): 'decision' | 'interleaves' | 'none' {
  const { w } = m;
  const base = m.base(t);
  if (w[base + CPU.DEAD] !== 0 || w[base + CPU.TAKING] !== 0 || w[base + CPU.STALL] === STALL.FOREVER) return 'none';
  if (nothingYoungerMayGo(m, t)) return 'none';
  const ip = w[base + CPU.PC] as number;
  const before = choices.count;
  if (interruptPoint(m, t, ip)) {
    const { interrupts } = m.cpus[t]?.program ?? { interrupts: [] };
    // Behind a wait that is not over no interrupt is taken: it would be taken in the wait. Going on is speculation.
    const waits = anySpinning(m, t);
    interrupts.forEach((_, i) => {
      if (waits || !deliverable(m, t, i)) return;
      // One that has to be sent can be taken only when it is pending; waiting for it here is deciding later.
      if (remaining(m, t, i) > 0 || isPending(m, t, i)) choices.add(t, -1, EFFECT.INTERRUPT, i);
    });
    if (ip < endOfCode(m, t)) choices.add(t, -1, EFFECT.INTERRUPT, -1);
    return choices.count > before
      ? waits || awaitsSent(m, t) || !m.reduces.decisionsFirst
        ? 'interleaves'
        : 'decision'
      : 'none';
  }
  if (ip >= endOfCode(m, t)) return 'none';
  const c = m.compiled(t, ip);
  const step = stepOf(c.instruction);
  step.offerFetch?.(m, t, c, choices);
  if (step.blocksOnOthers?.(m, t, c) === true)
    offerSent(m, t, -1, w[base + CPU.MASKS] as number, w[base + CPU.DEPTH] as number, choices);
  if (choices.count === before) return 'none';
  return step.interleaves || !m.reduces.decisionsFirst ? 'interleaves' : 'decision';
}

/** An interrupt that is only ever sent may still arrive while this CPU stays at its fetch point. */
function awaitsSent(m: Machine, t: number): boolean {
  const { interrupts } = m.cpus[t]?.program ?? { interrupts: [] };
  return interrupts.some((interrupt, i) => interrupt.times === 0 && deliverable(m, t, i));
}

export function takeFetch(m: Machine, t: number, effect: number, payload: number): void {
  const base = m.base(t);
  if (effect === EFFECT.INTERRUPT) {
    if (payload < 0) m.w[base + CPU.DECLINED] = 1;
    else takeInterrupt(m, t, payload);
    return;
  }
  const ip = m.w[base + CPU.PC] as number;
  const c = m.compiled(t, ip);
  m.journal?.push({ what: 'fetch', cpu: t, at: ip, lasts: false });
  stepOf(c.instruction).takeFetch?.(m, t, c, payload);
}

/** At its end with nothing in flight, dead, or between two rounds of an endless loop. */
export function isFinished(m: Machine, t: number): boolean {
  if (m.count(t) > 0) return false;
  const base = m.base(t);
  if (m.w[base + CPU.DEAD] !== 0) return true;
  if (m.w[base + CPU.TAKING] !== 0 || anyPending(m, t)) return false;
  const ip = m.w[base + CPU.PC] as number;
  return ip >= endOfCode(m, t) || isBetweenRounds(m, t);
}

/** At the end of a round of an endless loop of no handler, which begins again. */
export function isBetweenRounds(m: Machine, t: number): boolean {
  return isAtRoundEnd(m, t) && m.w[m.base(t) + CPU.DEPTH] === 0;
}
