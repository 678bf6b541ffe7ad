/** What the program tells: outcomes of the fault path, warnings, failed assertions, the death of a task, a panic. */

import { type Compiled, operandWord } from '../machine/code';
import type { Event } from '../machine/events';
import { levelOfSyndrome } from '../machine/faults';
import { CPU, ENTRY, NEST, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { ReportInstruction } from '../machine/program';
import { EFFECT } from './choices';
import { endOfCode } from './exception';
import { faultOrigin, holds } from './holding';
import { letGo } from './lock';
import { forgetSections } from './readSections';
import { type EntryKind, endEntry, hasRoom, pushEntry, type StepKind } from './step';
import { tell } from './tell';

export const report: StepKind = {
  kinds: ['report'],
  doc: 'Tells an outcome; a fatal one ends the task (its locks stay held), a panic ends every CPU.',
  interleaves: true,
  fetch(m, t, c) {
    const i = c.instruction as ReportInstruction;
    const unless = i.unless === undefined ? 0 : operandWord(c.operands[0] as number, m.w, m.register(t, 0));
    if (unless > 0) return 'next';
    if (i.fatal || i.panic) {
      if (unless < 0 || m.count(t) > 0) return 'wait';
      if (i.panic || panics(m, t)) return 'decide';
      tellReport(m, t, c, i.outcome, faultOrigin(m, t));
      die(m, t);
      return 'moved';
    }
    if (!hasRoom(m, t, 1)) return 'wait';
    const origin = faultOrigin(m, t);
    const slot = pushEntry(m, t, ENTRY.CALL, m.w[m.base(t) + CPU.PC] as number);
    m.w[slot + SLOT.A] = unless;
    m.w[slot + SLOT.B] = origin + 1;
    if (origin < 0) return 'next';
    const nest = m.nest(t, m.w[m.base(t) + CPU.DEPTH] as number);
    m.w[slot + SLOT.C] = m.w[nest + NEST.FAR] as number;
    m.w[slot + SLOT.D] = m.w[nest + NEST.ESR] as number;
    return 'next';
  },
  offerFetch(m, t, c, choices) {
    const i = c.instruction as ReportInstruction;
    const unless = i.unless === undefined ? 0 : operandWord(c.operands[0] as number, m.w, m.register(t, 0));
    if ((i.panic || (i.fatal && panics(m, t))) && unless === 0 && m.count(t) === 0) choices.add(t, -1, EFFECT.FETCH, 0);
  },
  takeFetch(m, t, c) {
    const i = c.instruction as ReportInstruction;
    tellReport(m, t, c, i.outcome, faultOrigin(m, t));
    // There is no task to kill below an interrupt: "Fatal exception in interrupt".
    if (!i.panic) tellReport(m, t, c, 'panic', faultOrigin(m, t));
    m.looksAbroad = true;
    for (let u = 0; u < m.layout.cpus; u++) die(m, u);
  },
};

/** Whether one of the exceptions that CPU t is handling is an interrupt, which has no syndrome. */
function inInterrupt(m: Machine, t: number): boolean {
  const depth = m.w[m.base(t) + CPU.DEPTH] as number;
  for (let d = 1; d <= depth; d++) if (m.w[m.nest(t, d) + NEST.ESR] === 0) return true;
  return false;
}

/** A death here ends the machine. */
function panics(m: Machine, t: number): boolean {
  return m.rules.deathInInterruptPanics && inInterrupt(m, t);
}

function tellReport(m: Machine, t: number, c: Compiled, outcome: string, origin: number): void {
  const depth = m.w[m.base(t) + CPU.DEPTH] as number;
  const inHandler = depth > 0 && origin >= 0 && origin < endOfCode(m, t);
  const nest = inHandler ? m.nest(t, depth) : 0;
  tell(m, t, c, {
    kind: 'report',
    outcome,
    ...(inHandler ? handled(m, t, origin, m.w[nest + NEST.FAR] as number, m.w[nest + NEST.ESR] as number) : {}),
  });
}

/** What a report inside a handler says of the access that is being handled. */
function handled(m: Machine, t: number, origin: number, far: number, syndrome: number): Partial<Event> {
  const esr = m.values.get(syndrome);
  const level = levelOfSyndrome(esr);
  return {
    origin: m.compiled(t, origin).instruction.site,
    address: m.values.get(far),
    esr,
    ...(level === undefined ? {} : { level }),
  };
}

/** The task on a CPU is killed: its window is empty or lost, nothing more is fetched. */
export function die(m: Machine, t: number): void {
  const base = m.base(t);
  const { w } = m;
  w.fill(0, m.slot(t, 0), m.slot(t, m.count(t)));
  w[base + CPU.COUNT] = 0;
  w.fill(0, m.layout.waits[t] as number, (m.layout.waits[t] as number) + (w[base + CPU.WAITS] as number));
  w[base + CPU.WAITS] = 0;
  w[base + CPU.DEAD] = 1;
  w[base + CPU.PC] = endOfCode(m, t);
  w[base + CPU.DEPTH] = 0;
  w[base + CPU.TAKING] = 0;
  w[base + CPU.STALL] = 0;
  w[base + CPU.EXCLUSIVE] = 0;
  // A task that is killed leaves its read-side sections (exit_rcu).
  forgetSections(m, t);
  if (!m.rules.deathKeepsLocks) for (let l = 0; l < m.layout.lockCount; l++) while (holds(m, t, l)) letGo(m, t, l);
  w.fill(0, base + CPU.STACK, m.register(t, 0));
}

/** An entry that tells something once nothing older can squash it: a supervisor call, a report, a failed lockdep assertion, an end of what has not begun. */
export const tellingEntry: EntryKind = {
  entry: ENTRY.CALL,
  settle(m, t, _k, slot, order) {
    if (order.untranslated || order.unresolved || (m.w[slot + SLOT.A] as number) < 0) return false;
    const c = m.compiled(t, m.w[slot + SLOT.IP] as number);
    const i = c.instruction;
    if (i.kind === 'svc') tell(m, t, c, { kind: 'access', outcome: 'supervisor-call' });
    else if (i.kind === 'assertHeld') tell(m, t, c, { kind: 'finding', outcome: 'lock-not-held', lock: i.lock });
    else if (i.kind === 'lock')
      tell(m, t, c, { kind: 'finding', outcome: 'sleep-in-atomic', lock: i.lock, ...originSite(m, t, slot) });
    else if (i.kind === 'mask' || i.kind === 'rcu')
      tell(m, t, c, { kind: 'finding', outcome: 'unlock-not-held', rule: i.kind === 'rcu' ? 'rcu' : 'preemption' });
    else if (i.kind === 'report' && m.w[slot + SLOT.A] === 0) {
      const origin = (m.w[slot + SLOT.B] as number) - 1;
      const inHandler = origin >= 0 && origin < endOfCode(m, t);
      tell(m, t, c, {
        kind: 'report',
        outcome: i.outcome,
        ...(inHandler ? handled(m, t, origin, m.w[slot + SLOT.C] as number, m.w[slot + SLOT.D] as number) : {}),
      });
    }
    endEntry(m, slot);
    return true;
  },
};

/** The access whose fault path something is told in. */
function originSite(m: Machine, t: number, slot: number): Partial<Event> {
  const origin = (m.w[slot + SLOT.B] as number) - 1;
  return origin < 0 ? {} : { origin: m.compiled(t, origin).instruction.site };
}
