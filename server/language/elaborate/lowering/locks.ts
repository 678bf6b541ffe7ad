/**
 * Locks. With PREEMPT_RT a spin lock is one that sleeps: it masks nothing, and neither do its _irq forms
 * (include/linux/spinlock_rt.h). That a lock which spins keeps its CPU from being preempted, the machine sees to.
 */

import type { LockInstruction, MaskInstruction } from '../../../../simulator/machine/program';
import { branch } from '../branch';
import { type Compiler, emit, type Frame, type LockValue } from '../compiler';
import { join, type State, type Way } from '../state';
import { inRegister, type Numeric, type Value, zero } from '../value';
import { mmapLock } from '../world';
import { type Lowering, withLock, withNothing } from './call';

type Mask = Omit<MaskInstruction, 'site' | 'kind'>;

function mask(compiler: Compiler, frame: Frame, state: State, change: Mask): void {
  emit(compiler, frame, state, { kind: 'mask', ...change });
}

const spins = ({ lockKind }: LockValue): boolean => lockKind === 'spin' || lockKind === 'rawSpin';

type Mode = LockInstruction['mode'];

function take(compiler: Compiler, frame: Frame, state: State, lock: LockValue, mode: Mode = 'exclusive'): void {
  emit(compiler, frame, state, { kind: 'lock', lock: lock.lock, mode });
}

function give(compiler: Compiler, frame: Frame, state: State, lock: LockValue, mode: Mode = 'exclusive'): void {
  emit(compiler, frame, state, { kind: 'unlock', lock: lock.lock, mode });
}

function attempt(compiler: Compiler, frame: Frame, state: State, lock: LockValue, mode: Mode = 'exclusive'): Numeric {
  const taken = compiler.graph.register();
  emit(compiler, frame, state, { kind: 'lock', lock: lock.lock, mode, taken });
  compiler.truths.add(taken);
  return inRegister(taken);
}

/** include/linux/spinlock_api_smp.h: __raw_spin_trylock. Preemption is off during the attempt, and while it is held. */
function attemptToSpin(compiler: Compiler, frame: Frame, state: State, lock: LockValue): Value | readonly Way<Value>[] {
  if (!spins(lock)) return attempt(compiler, frame, state, lock);
  mask(compiler, frame, state, { preemption: 1 });
  const taken = attempt(compiler, frame, state, lock);
  const { whenTrue, whenFalse } = branch(compiler, frame, state, taken);
  mask(compiler, frame, whenFalse, { preemption: -1 });
  const ways = [
    { state: whenTrue, value: taken },
    { state: whenFalse, value: taken },
  ];
  // One way again, on which it is not known: a loop that tries until it has the lock is not copied for each try.
  return join(compiler.graph, ways, frame.site);
}

function saveInterrupts(compiler: Compiler, frame: Frame, state: State, lock: LockValue): Numeric {
  if (!spins(lock)) return zero;
  const save = compiler.graph.register();
  mask(compiler, frame, state, { irq: 'mask', save });
  return inRegister(save);
}

/** spin_lock and raw_spin_lock with their forms. */
function family(prefix: string): readonly (readonly [string, Lowering])[] {
  return [
    [`${prefix}_lock`, withLock((compiler, frame, state, lock) => void take(compiler, frame, state, lock))],
    [`${prefix}_unlock`, withLock((compiler, frame, state, lock) => void give(compiler, frame, state, lock))],
    [`${prefix}_trylock`, withLock((compiler, frame, state, lock) => attemptToSpin(compiler, frame, state, lock))],
    [
      `${prefix}_lock_irq`,
      withLock((compiler, frame, state, lock) => {
        if (spins(lock)) mask(compiler, frame, state, { irq: 'mask' });
        take(compiler, frame, state, lock);
        return undefined;
      }),
    ],
    [
      `${prefix}_unlock_irq`,
      withLock((compiler, frame, state, lock) => {
        give(compiler, frame, state, lock);
        if (spins(lock)) mask(compiler, frame, state, { irq: 'unmask' });
        return undefined;
      }),
    ],
    [
      `${prefix}_lock_irqsave`,
      withLock((compiler, frame, state, lock) => {
        const flags = saveInterrupts(compiler, frame, state, lock);
        take(compiler, frame, state, lock);
        return flags;
      }),
    ],
    [
      `${prefix}_unlock_irqrestore`,
      withLock((compiler, frame, state, lock, [flags = zero]) => {
        give(compiler, frame, state, lock);
        if (spins(lock)) restoreInterrupts(compiler, frame, state, flags);
        return undefined;
      }),
    ],
  ];
}

/** Puts back what local_irq_save or spin_lock_irqsave gave: 1 masked, 0 not. */
export function restoreInterrupts(compiler: Compiler, frame: Frame, state: State, flags: Numeric): void {
  if (flags.kind === 'number')
    mask(compiler, frame, state, { irq: flags.value === 0n ? 'unmask' : 'mask', unsaved: true });
  else mask(compiler, frame, state, { irq: 'restore', from: { kind: 'register', register: flags.register } });
}

const plain = (mode: Mode, what: 'take' | 'give'): Lowering =>
  withLock((compiler, frame, state, lock) => {
    if (what === 'take') take(compiler, frame, state, lock, mode);
    else give(compiler, frame, state, lock, mode);
    return undefined;
  });

const trying = (mode: Mode): Lowering =>
  withLock((compiler, frame, state, lock) => attempt(compiler, frame, state, lock, mode));

/** mmap_read_lock(init_mm) and its kin: the argument names the only address space there is. */
const mmap = (mode: Mode, what: 'take' | 'give'): Lowering =>
  withNothing((compiler, frame, state) => {
    const lock: LockValue = { lock: mmapLock, lockKind: 'rwSemaphore' };
    if (what === 'take') take(compiler, frame, state, lock, mode);
    else give(compiler, frame, state, lock, mode);
    return undefined;
  });

const rcu = (operation: 'readLock' | 'readUnlock' | 'synchronize'): Lowering =>
  withNothing((compiler, frame, state) => {
    emit(compiler, frame, state, { kind: 'rcu', operation });
    return undefined;
  });

const preempt = (change: 1 | -1): Lowering =>
  withNothing((compiler, frame, state) => {
    mask(compiler, frame, state, { preemption: change });
    return undefined;
  });

export const lockLowerings: readonly (readonly [string, Lowering])[] = [
  ...family('spin'),
  ...family('raw_spin'),
  ['mutex_lock', plain('exclusive', 'take')],
  ['mutex_unlock', plain('exclusive', 'give')],
  ['mutex_trylock', trying('exclusive')],
  ['down_read', plain('shared', 'take')],
  ['up_read', plain('shared', 'give')],
  ['down_write', plain('exclusive', 'take')],
  ['up_write', plain('exclusive', 'give')],
  ['down_read_trylock', trying('shared')],
  ['down_write_trylock', trying('exclusive')],
  ['mmap_read_lock', mmap('shared', 'take')],
  ['mmap_read_unlock', mmap('shared', 'give')],
  ['mmap_write_lock', mmap('exclusive', 'take')],
  ['mmap_write_unlock', mmap('exclusive', 'give')],
  [
    'lockdep_assert_held',
    withLock((compiler, frame, state, lock) => {
      if (compiler.world.environment.configuration.lockdep)
        emit(compiler, frame, state, { kind: 'assertHeld', lock: lock.lock });
      return undefined;
    }),
  ],
  ['rcu_read_lock', rcu('readLock')],
  ['rcu_read_unlock', rcu('readUnlock')],
  ['synchronize_rcu', rcu('synchronize')],
  ['preempt_disable', preempt(1)],
  ['preempt_enable', preempt(-1)],
];
