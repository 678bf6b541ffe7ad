/**
 * Locks of an exported model: who has one alone, which CPUs have it for reading and how often, and which lock each CPU waits
 * for, and how.
 */

import type { LockId, LockInstruction, Program } from '../../../simulator/machine/program';
import { all, any } from './expression';

type Mode = LockInstruction['mode'];

/** What `wants` of a CPU is while it waits; 0: for no lock. */
export function wanted(lock: LockId, mode: Mode): number {
  return 2 * lock + (mode === 'exclusive' ? 1 : 2);
}

/** Somebody takes the lock for reading. */
function isRead(program: Program, lock: LockId): boolean {
  return program.cpus.some(({ code }) => code.some((i) => i.kind === 'lock' && i.lock === lock && i.mode === 'shared'));
}

/** Somebody waits for the lock to write. */
export function isWritten(program: Program, lock: LockId): boolean {
  return program.cpus.some(({ code }) =>
    code.some((i) => i.kind === 'lock' && i.lock === lock && i.mode === 'exclusive' && i.taken === undefined),
  );
}

/** The variables of a lock. */
export function lockVariables(program: Program, lock: LockId, words: string): readonly string[] {
  const times = program.cpus.map((_, cpu) => `${timesRead(lock, cpu)} = 0`).join(', ');
  return [
    `byte lock${lock} = 0;  /* ${words}: CPU + 1 */`,
    `short shared${lock} = 0;`,
    ...(isRead(program, lock) ? [`byte ${times};`] : []),
  ];
}

function timesRead(lock: LockId, cpu: number): string {
  return `reads${lock}_${cpu}`;
}

export function holds(lock: LockId, cpu: number): string {
  return `(lock${lock} == ${cpu + 1} || (shared${lock} & ${1 << cpu}) != 0)`;
}

export function isFree({ lock, mode }: LockInstruction): string {
  return mode === 'exclusive' ? `(lock${lock} == 0 && shared${lock} == 0)` : `(lock${lock} == 0)`;
}

/** Who waits already to write makes others go on that only try to read what is read. */
export function isAwaited(program: Program, { lock, mode }: LockInstruction): string {
  if (mode === 'exclusive') return 'false';
  const writers = program.cpus.map((_, cpu) => `wants${cpu} == ${wanted(lock, 'exclusive')}`);
  return all([`shared${lock} != 0`, any(writers)]);
}

export function take({ lock, mode }: LockInstruction, cpu: number): readonly string[] {
  if (mode === 'exclusive') return [`lock${lock} = ${cpu + 1}`];
  return [`shared${lock} = shared${lock} | ${1 << cpu}`, `${timesRead(lock, cpu)}++`];
}

export function release(program: Program, lock: LockId, cpu: number): string {
  const times = timesRead(lock, cpu);
  const none = `shared${lock} = shared${lock} & ${~(1 << cpu) & 0xffff}`;
  const alone = `if :: lock${lock} == ${cpu + 1} -> lock${lock} = 0`;
  if (!isRead(program, lock)) return `${alone} :: else fi`;
  return `${alone} :: else -> if :: ${times} > 1 -> ${times}-- :: else -> ${times} = 0; ${none} fi fi`;
}
