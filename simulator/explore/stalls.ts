/**
 * CPUs that spin for others where nothing else can run meanwhile: in the fault path, where a mere access waits, or with
 * interrupts masked. On hardware the other one goes on and the wait is short; a virtual CPU may stand still for any time.
 */

import { CPU, ENTRY, FLAG, NEST, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { MASK } from '../steps/exception';
import { isFinished } from '../steps/fetch';
import { faultOrigin } from '../steps/holding';
import { type Wait, waitOf } from './deadlock';

export interface Stall extends Wait {
  /** In the fault path: code index of the access. */
  readonly origin: number;
}

/** Waits of a state for a CPU that is running. */
export function stallsIn(m: Machine): readonly Stall[] {
  const stalls: Stall[] = [];
  for (let t = 0; t < m.layout.cpus; t++) {
    if (isFinished(m, t)) continue;
    const wait = waitOf(m, t);
    if (wait === undefined || !spins(m, wait) || isSpeculative(m, t, wait.at)) continue;
    const origin = faultOrigin(m, t);
    if (origin < 0 && !isMasked(m, t)) continue;
    const others = wait.lock === undefined ? m.cpus.map((_, u) => u).filter((u) => u !== t) : wait.heldBy;
    if (others.some((u) => u !== t && !isFinished(m, u))) stalls.push({ ...wait, origin });
  }
  return stalls;
}

/** A sleeping lock lets others run. */
function spins(m: Machine, { cpu, at, lock }: Wait): boolean {
  if (lock === undefined) return m.compiled(cpu, at).instruction.kind === 'wait';
  const kind = m.program.locks[lock]?.kind;
  return kind === 'spin' || kind === 'rawSpin';
}

/** Something older may still lead elsewhere. */
function isSpeculative(m: Machine, t: number, at: number): boolean {
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    const kind = m.w[slot + SLOT.KIND];
    if (m.w[slot + SLOT.IP] === at && (kind === ENTRY.LOCK || kind === ENTRY.ACCESS)) return false;
    if (kind === ENTRY.BRANCH || kind === ENTRY.PICK) return true;
    if (kind === ENTRY.ACCESS && !m.flag(slot, FLAG.WALKED)) return true;
  }
  return false;
}

/** By program order: of the code at the fetch point, or of the interrupted code above it. */
function isMasked(m: Machine, t: number): boolean {
  const base = m.base(t);
  const depth = m.w[base + CPU.DEPTH] as number;
  return ((m.w[base + CPU.MASKS] as number) & MASK.IRQ) !== 0 || (depth > 0 && m.w[m.nest(t, depth) + NEST.ESR] === 0);
}
