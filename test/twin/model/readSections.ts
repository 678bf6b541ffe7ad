/**
 * Read-side sections and grace periods, as tools/memory-model has them: a section of which something, or something behind
 * it, has happened when a grace period begins is over, with everything before its end, when the grace period ends. Masked
 * interrupts, disabled preemption and spin locks make sections too. The border of a section stands behind an instruction.
 */

import { isAtEnd } from './fetch';
import { spins } from './order';
import type { Context } from './program';
import type { Instance, Masks, TwinCpu, TwinState } from './state';

export function isRead(masks: Masks): boolean {
  return masks.irq || masks.preempt > 0 || masks.rcu > 0;
}

/** Changes the masks behind the youngest instruction of the window. */
export function setMasks(cpu: TwinCpu, masks: Masks): void {
  const before = isRead(cpu.masks);
  cpu.masks = masks;
  if (isRead(masks) !== before) cpu.window[cpu.window.length - 1]!.border = before ? 'ends' : 'begins';
}

/** Something of the instruction has happened that others may see. */
function hasEffect({ read, written, performed, lock, fault }: Instance): boolean {
  const invalidates = performed.own === 'done' || performed.others === 'done';
  return read !== null || (written !== null && written !== 0) || invalidates || lock !== null || fault !== null;
}

function someHappened(cpu: TwinCpu, from: number): boolean {
  return cpu.window.some((instance, k) => k >= from && hasEffect(instance));
}

/** How many sections have begun and are not over. */
export function begunSections(cpu: TwinCpu): number {
  const behind = cpu.window.filter(({ border }, j) => border === 'begins' && someHappened(cpu, j + 1));
  return behind.length + (cpu.section === 'begun' ? 1 : 0);
}

/** A step of the kernel has happened, behind everything in the window. */
export function noteStep(cpu: TwinCpu): void {
  if (cpu.section === 'entered') cpu.section = 'begun';
}

/** The first thing of a section has happened, or a squash has taken it back. */
export function noteSections(state: TwinState): void {
  for (const [u, cpu] of state.cpus.entries()) {
    if (cpu.section === 'entered' && someHappened(cpu, 0)) cpu.section = 'begun';
    for (const { grace } of state.cpus)
      if (grace !== null && (grace[u] ?? 0) > begunSections(cpu)) grace[u] = begunSections(cpu);
  }
}

/** The oldest instruction leaves the window: the border behind it is passed. */
export function passBorder(state: TwinState, t: number): void {
  const cpu = state.cpus[t]!;
  const { border } = cpu.window[0]!;
  if (border === 'begins') cpu.section = someHappened(cpu, 1) ? 'begun' : 'entered';
  if (border === 'ends') endSection(state, t);
}

function endSection(state: TwinState, t: number): void {
  const cpu = state.cpus[t]!;
  if (cpu.section === 'begun')
    for (const { grace } of state.cpus) if (grace !== null && (grace[t] ?? 0) > 0) grace[t]!--;
  cpu.section = null;
}

/** Regions that are still masked where the program ends, end there; read-side sections of RCU stay open. */
export function endWithProgram(context: Context, state: TwinState, t: number): void {
  const cpu = state.cpus[t]!;
  if (cpu.section === null || cpu.window.length > 0 || !isAtEnd(context, state, t)) return;
  if (cpu.masks.rcu === 0) endSection(state, t);
}

/** Nothing has happened of a section, and perhaps nothing will: it waits, or is left open. It may have begun for others. */
export function mayHaveBegun(context: Context, state: TwinState, t: number): boolean {
  const { section, window, masks } = state.cpus[t]!;
  if (section !== 'entered') return false;
  if (window.some((_, k) => spins({ context, state, cpu: t }, k))) return true;
  return window.length === 0 && masks.rcu > 0 && isAtEnd(context, state, t);
}
