/** Who holds which lock, and what an attempt to take one looks like to lockdep. */

import type { LockContext } from '../machine/acquisitions';
import { CPU, ENTRY, FLAG, NEST, SLOT } from '../machine/layout';
import { type Machine, SHARED } from '../machine/machine';
import type { CodeIndex, CpuProgram, Instruction, LockId } from '../machine/program';
import { MASK } from './exception';

/** The number of the acquisition by the lock instruction at the PC of CPU t. */
export function acquisitionAt(m: Machine, t: number, lock: LockId, isAttempt: boolean): number {
  const base = m.base(t);
  const at = m.w[base + CPU.PC] as number;
  const context = contextOf(m, t, at);
  const own = context === 'task' ? undefined : takenInHandlers((m.cpus[t] as { program: CpuProgram }).program);
  const held: LockId[] = [];
  for (let l = 0; l < m.layout.lockCount; l++)
    if ((own === undefined || own.has(l)) && holdsInProgramOrder(m, t, l)) held.push(l);
  const irqsOn = ((m.w[base + CPU.MASKS] as number) & 1) === 0;
  const origin = faultOrigin(m, t);
  return m.acquisitions.of({ at, lock, held, context, irqsOn, isAttempt, ...(origin < 0 ? {} : { origin }) });
}

/** Code index of the access whose fault CPU t handles, or -1 when it handles none. */
export function faultOrigin(m: Machine, t: number): CodeIndex {
  const depth = m.w[m.base(t) + CPU.DEPTH] as number;
  if (depth === 0 || m.w[m.nest(t, depth) + NEST.ESR] === 0) return -1;
  return m.w[m.nest(t, depth) + NEST.ELR] as number;
}

/** Whether CPU t holds a lock in memory. */
export function holds(m: Machine, t: number, lock: LockId): boolean {
  const word = m.w[m.layout.locks + lock] as number;
  return word === t + 1 || (word >= SHARED && ((word - SHARED) & (1 << t)) !== 0);
}

/** The word that counts how often CPU t has taken a lock for reading beyond the first time. */
export function rereadWord(m: Machine, t: number, lock: LockId): number {
  return (m.layout.rereads[t] as number) + lock;
}

/** How often CPU t has taken a lock and not released it; more than once for reading only. */
export function timesHeld(m: Machine, t: number, lock: LockId): number {
  const word = m.w[m.layout.locks + lock] as number;
  if (!holds(m, t, lock)) return 0;
  return word >= SHARED ? 1 + (m.w[rereadWord(m, t, lock)] as number) : 1;
}

/** By program order at the fetch point: within an RCU read-side section, or holding a lock that is one. */
export function inReadSection(m: Machine, t: number): boolean {
  if ((m.w[m.base(t) + CPU.MASKS] as number) >= MASK.READ) return true;
  return m.program.locks.some(({ kind }, l) => kind === 'sleepingSpin' && holdsInProgramOrder(m, t, l));
}

/** By program order at the fetch point: a lock that is being taken counts. */
export function holdsInProgramOrder(m: Machine, t: number, id: LockId): boolean {
  let times = timesHeld(m, t, id);
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    if (m.w[slot + SLOT.KIND] !== ENTRY.LOCK || m.flag(slot, FLAG.WRITTEN)) continue;
    const i = m.compiled(t, m.w[slot + SLOT.IP] as number).instruction;
    if (i.kind === 'lock' && i.lock === id) times++;
    if (i.kind === 'unlock' && i.lock === id) times = Math.max(0, times - 1);
  }
  return times > 0;
}

/** The context at a code index of CPU t: that of the innermost interrupt among the exceptions that it handles. */
function contextOf(m: Machine, t: number, at: CodeIndex): LockContext {
  const contexts = contextsOf((m.cpus[t] as { program: CpuProgram }).program);
  let context = contexts[at] ?? 'task';
  for (let d = m.w[m.base(t) + CPU.DEPTH] as number; d > 0 && context === 'task'; d--)
    context = contexts[m.w[m.nest(t, d) + NEST.ELR] as number] ?? 'task';
  return context;
}

const knownContexts = new WeakMap<CpuProgram, readonly LockContext[]>();

/** The context of each code index that belongs to an interrupt handler; all else is `task`. */
function contextsOf(program: CpuProgram): readonly LockContext[] {
  let contexts = knownContexts.get(program);
  if (contexts === undefined) {
    const found: LockContext[] = program.code.map(() => 'task');
    for (const { entries, delivery } of program.interrupts) {
      if (delivery === 'stopper') continue;
      const seen = new Set<CodeIndex>();
      const ahead = [...entries];
      for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
        const instruction = program.code[at];
        if (instruction === undefined || seen.has(at)) continue;
        seen.add(at);
        found[at] = delivery;
        ahead.push(...followers(instruction, at));
      }
    }
    contexts = found;
    knownContexts.set(program, contexts);
  }
  return contexts;
}

function followers(instruction: Instruction, at: CodeIndex): readonly CodeIndex[] {
  switch (instruction.kind) {
    case 'branch':
      return [at + 1, instruction.target];
    case 'jump':
      return [instruction.target];
    case 'choose':
      return instruction.targets;
    case 'eret':
    case 'end':
      return [];
    default:
      return [at + 1];
  }
}

const knownLocks = new WeakMap<CpuProgram, ReadonlySet<LockId>>();

/** Locks that interrupt handlers take themselves: in one of them, what else is held belongs to the interrupted code. */
function takenInHandlers(program: CpuProgram): ReadonlySet<LockId> {
  let locks = knownLocks.get(program);
  if (locks === undefined) {
    const contexts = contextsOf(program);
    locks = new Set(
      program.code.flatMap((i, at) => (i.kind === 'lock' && (contexts[at] ?? 'task') !== 'task' ? [i.lock] : [])),
    );
    knownLocks.set(program, locks);
  }
  return locks;
}
