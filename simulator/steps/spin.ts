/**
 * A CPU that spins for a lock or a word can be interrupted: the wait, and whatever it did ahead of it, is undone, and comes
 * again when the handler has returned. This is no matter of interrupts that may come at any point, which come before the
 * wait; one that another CPU sends may not have been sent by then.
 */

import { CPU, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { Choices } from './choices';
import { offerSent, takeInterrupt } from './interrupt';
import { leaveQueue } from './lockQueue';
import { undoFrom } from './squash';
import { olderUntranslated } from './step';

/** Whether a CPU can be interrupted at all, so that what waits needs a snapshot. */
export function canBeInterrupted(m: Machine, t: number): boolean {
  return (m.cpus[t]?.program.interrupts.length ?? 0) > 0;
}

/** Keeps the registers and masks as they are before a lock is waited for. */
export function keepForUndo(m: Machine, t: number, slot: number, live: Uint8Array): void {
  const { w } = m;
  const base = m.base(t);
  const depth = w[base + CPU.DEPTH] as number;
  w[slot + SLOT.MASKS] = w[base + CPU.MASKS] as number;
  m.setFlag(slot, FLAG.UNDOABLE | (depth > 0 ? FLAG.IN_HANDLER : 0) | (depth * FLAG.DEPTH));
  const count = m.layout.registerCount[t] as number;
  const registers = m.register(t, 0);
  for (let r = 0; r < count; r++) if (depth > 0 || live[r] !== 0) w[slot + SLOT.WORDS + r] = w[registers + r] as number;
}

/** The instruction no longer waits. */
export function forgetSnapshot(m: Machine, t: number, slot: number): void {
  m.w.fill(0, slot + SLOT.WORDS, slot + SLOT.WORDS + (m.layout.registerCount[t] as number));
  m.w[slot + SLOT.MASKS] = 0;
  m.clearFlag(slot, FLAG.UNDOABLE);
}

/** `preemption`: what the wait itself adds to the preemption count. */
export function offerInterruptOfSpin(
  m: Machine,
  t: number,
  k: number,
  slot: number,
  preemption: number,
  choices: Choices,
): void {
  if (m.w[m.base(t) + CPU.PENDING] === 0 || olderUntranslated(m, t, k)) return;
  const depth = Math.floor((m.w[slot + SLOT.FLAGS] as number) / FLAG.DEPTH);
  offerSent(m, t, k, (m.w[slot + SLOT.MASKS] as number) + preemption, depth, choices);
}

export function interruptSpin(m: Machine, t: number, k: number, i: number): void {
  const ip = m.w[m.slot(t, k) + SLOT.IP] as number;
  leaveQueue(m, t, m.slot(t, k));
  undoFrom(m, t, k);
  m.w[m.base(t) + CPU.PC] = ip;
  takeInterrupt(m, t, i);
}
