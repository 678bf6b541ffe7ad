/** Interrupts of a CPU: which it may take, and taking one. */

import { CPU } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { Interrupt } from '../machine/program';
import { type Choices, EFFECT } from './choices';
import { enterException, isPreemptionOff, MASK } from './exception';

/** An interrupt was sent that the CPU may take. */
export function anyPending(m: Machine, t: number): boolean {
  const interrupts = m.cpus[t]?.program.interrupts;
  if (interrupts === undefined || m.w[m.base(t) + CPU.PENDING] === 0) return false;
  return interrupts.some((_, i) => isPending(m, t, i) && deliverable(m, t, i));
}

/** Interrupt i may be taken by CPU t at its fetch point: it is due and nothing masks it. */
export function deliverable(m: Machine, t: number, i: number): boolean {
  const base = m.base(t);
  const interrupt = m.cpus[t]?.program.interrupts[i] as Interrupt;
  const due = remaining(m, t, i) > 0 || isPending(m, t, i) || interrupt.times === 0;
  return due && isUnmasked(m, interrupt, m.w[base + CPU.MASKS] as number, m.w[base + CPU.DEPTH] as number);
}

/** Nothing masks an interrupt where the masks are these and so many exceptions are being handled. */
function isUnmasked(m: Machine, { delivery }: Interrupt, masks: number, depth: number): boolean {
  const { masking, nmisIgnoreIrqMasks, stoppersNeedPreemption } = m.rules;
  if (!masking) return true;
  switch (delivery) {
    case 'irq':
      return (masks & MASK.IRQ) === 0;
    case 'nmi':
      return (masks & MASK.NMI) === 0 && (nmisIgnoreIrqMasks || (masks & MASK.IRQ) === 0);
    case 'stopper':
      return (masks & MASK.IRQ) === 0 && ((!isPreemptionOff(masks) && depth === 0) || !stoppersNeedPreemption);
  }
}

/**
 * A CPU that waits for another one (it spins, or sleeps in a wait) takes an interrupt that was sent to it. `k`: the entry
 * that waits, or -1 at the fetch point; `masks` are those of the wait.
 */
export function offerSent(m: Machine, t: number, k: number, masks: number, depth: number, choices: Choices): void {
  const pending = m.w[m.base(t) + CPU.PENDING] as number;
  if (pending === 0 || !m.rules.spinsTakeInterrupts) return;
  m.cpus[t]?.program.interrupts.forEach((interrupt, i) => {
    if (isPending(m, t, i) && isUnmasked(m, interrupt, masks, depth)) choices.add(t, k, EFFECT.INTERRUPT, i);
  });
}

/** The CPU will take interrupt i as soon as everything older is translated. */
export function takeInterrupt(m: Machine, t: number, i: number): void {
  m.w[m.base(t) + CPU.TAKING] = i + 1;
}

export function remaining(m: Machine, t: number, i: number): number {
  return m.w[(m.layout.remaining[t] as number) + i] as number;
}

export function isPending(m: Machine, t: number, i: number): boolean {
  return ((m.w[m.base(t) + CPU.PENDING] as number) & (1 << i)) !== 0;
}

/** Enters the handler of an interrupt at the PC. */
export function enterInterrupt(m: Machine, t: number, i: number): void {
  const base = m.base(t);
  const interrupt = m.cpus[t]?.program.interrupts[i] as Interrupt;
  if (isPending(m, t, i)) m.w[base + CPU.PENDING] = (m.w[base + CPU.PENDING] as number) & ~(1 << i);
  else {
    const at = (m.layout.remaining[t] as number) + i;
    m.w[at] = (m.w[at] as number) - 1;
  }
  m.w[base + CPU.TAKING] = 0;
  m.journal?.push({ what: 'interrupt', cpu: t, at: m.w[base + CPU.PC] as number, value: i });
  const masks = interrupt.delivery === 'nmi' ? MASK.IRQ | MASK.NMI : MASK.IRQ;
  enterException(m, t, interrupt.entries, m.w[base + CPU.PC] as number, 0n, 0, masks, true);
}
