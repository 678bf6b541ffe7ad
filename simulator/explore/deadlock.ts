/** Who waits for whom: deadlocks, total and partial, and locks that nobody will release any more. */

import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { LockId } from '../machine/program';
import { endOfCode } from '../steps/exception';
import { isFinished } from '../steps/fetch';
import { holders, isFree } from '../steps/lock';
import { isBlocked } from '../steps/next';
import { stepOf } from '../steps/table';

/** CPU `cpu` waits at code index `at` for `lock` (or for something else), which the CPUs `heldBy` hold. */
export interface Wait {
  readonly cpu: number;
  readonly at: number;
  readonly lock?: LockId;
  readonly heldBy: readonly number[];
  /** It reads, the lock is held for reading, and it waits behind these CPUs, which wait to write. */
  readonly behind?: readonly number[];
}

export interface Deadlock {
  readonly kind: 'self-deadlock' | 'ABBA-deadlock' | 'deadlock' | 'lock-never-released';
  readonly waits: readonly Wait[];
}

/**
 * What the CPU's oldest unfinished business waits for, when that is another CPU; undefined when it can go on by itself, or
 * when what waits may turn out never to have begun: behind a guess, or behind an access that may still fault.
 */
export function waitOf(m: Machine, t: number): Wait | undefined {
  const { w } = m;
  const count = m.count(t);
  for (let k = 0; k < count; k++) {
    const slot = m.slot(t, k);
    const kind = w[slot + SLOT.KIND];
    const at = w[slot + SLOT.IP] as number;
    if (kind === ENTRY.BRANCH) return undefined;
    if (kind === ENTRY.ACCESS && ((w[slot + SLOT.FLAGS] as number) & (FLAG.WALKED | FLAG.FAULTED)) === 0)
      return undefined;
    // A barrier of an exception may stand behind the code: its handler has none.
    if (kind !== ENTRY.LOCK && kind !== ENTRY.ACCESS) continue;
    const { instruction } = m.compiled(t, at);
    if (kind === ENTRY.LOCK && !m.flag(slot, FLAG.WRITTEN)) {
      if (instruction.kind === 'unlock') return undefined;
      if (instruction.kind !== 'lock' || instruction.taken !== undefined) continue;
      if (isFree(m, instruction)) return undefined;
      return { cpu: t, at, lock: instruction.lock, heldBy: holders(m, instruction.lock) };
    }
    if (kind === ENTRY.ACCESS && instruction.kind === 'wait' && !m.flag(slot, FLAG.READ))
      return { cpu: t, at, heldBy: [] };
  }
  const at = w[m.base(t) + CPU.PC] as number;
  if (at >= endOfCode(m, t)) return undefined;
  const c = m.compiled(t, at);
  return stepOf(c.instruction).blocksOnOthers?.(m, t, c) ? { cpu: t, at, heldBy: [] } : undefined;
}

/** A cycle of CPUs that wait for each other's locks, or a lock whose holder is finished; others may still run. */
export function lockDeadlock(m: Machine): Deadlock | undefined {
  if (m.layout.lockCount === 0) return undefined;
  let any = false;
  for (let l = 0; l < m.layout.lockCount; l++) if (m.w[m.layout.locks + l] !== 0) any = true;
  if (!any) return undefined;
  const sure = m.cpus.map((_, t) => waitOf(m, t));
  const waits = sure.map((wait, t) => wait ?? readerBehind(m, t, sure));
  for (const first of waits) {
    if (first?.lock === undefined) continue;
    const found = endlessWait(m, waits, [first]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The lock that CPU t is about to take for reading while it is held so. It may have it, and it may wait behind a writer. */
export function readingOf(m: Machine, t: number): { readonly at: number; readonly lock: LockId } | undefined {
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    const kind = m.w[slot + SLOT.KIND];
    if (kind === ENTRY.BRANCH || (kind === ENTRY.ACCESS && !m.flag(slot, FLAG.WALKED))) return undefined;
    if (kind !== ENTRY.LOCK || m.flag(slot, FLAG.WRITTEN)) continue;
    const at = m.w[slot + SLOT.IP] as number;
    const { instruction: i } = m.compiled(t, at);
    if (i.kind !== 'lock' || i.mode !== 'shared' || i.taken !== undefined) return undefined;
    return holders(m, i.lock).length > 0 && isFree(m, i) ? { at, lock: i.lock } : undefined;
  }
  return undefined;
}

/**
 * A reader that comes when a writer waits already does so too (rwsem_down_read_slowpath). Whether the writer came first is no
 * step of its own, so what may be such a wait is one, and the reader takes the semaphore in other executions.
 */
function readerBehind(m: Machine, t: number, waits: readonly (Wait | undefined)[]): Wait | undefined {
  const reading = readingOf(m, t);
  if (reading === undefined) return undefined;
  const writers = waits.flatMap((wait) => {
    if (wait?.lock !== reading.lock) return [];
    const { instruction: i } = m.compiled(wait.cpu, wait.at);
    return i.kind === 'lock' && i.mode === 'exclusive' ? [wait.cpu] : [];
  });
  if (writers.length === 0) return undefined;
  return { cpu: t, ...reading, heldBy: holders(m, reading.lock), behind: writers };
}

function kindOf(chain: readonly Wait[]): Deadlock['kind'] {
  if (chain.length === 1) return 'self-deadlock';
  return chain.every(({ lock }) => lock === chain[0]?.lock) ? 'deadlock' : 'ABBA-deadlock';
}

/** A chain of waits that leads back to its first CPU or to one that is finished; a lock that is shared has several holders. */
function endlessWait(m: Machine, waits: readonly (Wait | undefined)[], chain: readonly Wait[]): Deadlock | undefined {
  const [first] = chain;
  const last = chain[chain.length - 1];
  for (const holder of last?.behind ?? last?.heldBy ?? []) {
    if (holder === first?.cpu) return { kind: kindOf(chain), waits: chain };
    if (isFinished(m, holder)) return { kind: 'lock-never-released', waits: chain };
    const next = waits[holder];
    if (next?.lock === undefined || chain.some((c) => c.cpu === holder)) continue;
    const found = endlessWait(m, waits, [...chain, next]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The state has no successor and is not finished: a deadlock when every unfinished CPU waits for another one. None when a DSB
 * waits for an access that went ahead of a wait: no CPU holds up a DSB by what it does too early, so there is no such execution.
 */
export function stuck(m: Machine): Deadlock | undefined {
  const waits: Wait[] = [];
  for (let t = 0; t < m.layout.cpus; t++) {
    if ((m.w[m.base(t) + CPU.WAITS] as number) > 0) return undefined;
    if (isFinished(m, t)) continue;
    const atEnd = m.count(t) === 0 && (m.w[m.base(t) + CPU.PC] as number) >= endOfCode(m, t);
    if (atEnd) continue;
    if (!isBlocked(m, t)) return undefined;
    waits.push(waitOf(m, t) ?? { cpu: t, at: m.w[m.base(t) + CPU.PC] as number, heldBy: [] });
  }
  return waits.length === 0 ? undefined : (lockDeadlock(m) ?? { kind: 'deadlock', waits });
}
