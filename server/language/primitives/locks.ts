/** Locks of each kind, and RCU. */

import type { LockKindWord } from '../ast';
import { lock, type Parameter, type Primitive, value } from '../primitive';

const init_mm: Parameter = { name: 'mm', kind: 'memory' };

interface SpinFamily {
  readonly prefix: string;
  readonly kind: LockKindWord;
  readonly doc: string;
  readonly example: string;
}

const spinFamilies: readonly SpinFamily[] = [
  { prefix: 'spin', kind: 'spin', doc: 'a spin lock (one that sleeps with PREEMPT_RT)', example: 'L' },
  { prefix: 'raw_spin', kind: 'raw', doc: 'a raw spin lock (one that spins with PREEMPT_RT as well)', example: 'RAW' },
];

const spinning: readonly Primitive[] = spinFamilies.flatMap(({ prefix, kind, doc, example }): Primitive[] => [
  {
    name: `${prefix}_lock`,
    group: 'lock',
    parameters: [lock(kind)],
    doc: `Takes ${doc}. Interrupts stay as they are, so a handler on this CPU may run with the lock held.`,
    example: `${prefix}_lock(${example})`,
  },
  {
    name: `${prefix}_unlock`,
    group: 'lock',
    parameters: [lock(kind)],
    doc: `Gives ${doc} back.`,
    example: `${prefix}_unlock(${example})`,
  },
  {
    name: `${prefix}_trylock`,
    group: 'lock',
    parameters: [lock(kind)],
    result: '1 when the lock was taken, 0 when somebody holds it',
    doc: `Takes ${doc} when it is free; never waits.`,
    example: `${prefix}_trylock(${example})`,
  },
  {
    name: `${prefix}_lock_irq`,
    group: 'lock',
    parameters: [lock(kind)],
    doc: `Masks interrupts on this CPU and takes ${doc}. A pseudo-NMI still comes.`,
    example: `${prefix}_lock_irq(${example})`,
  },
  {
    name: `${prefix}_unlock_irq`,
    group: 'lock',
    parameters: [lock(kind)],
    doc: `Gives ${doc} back and unmasks interrupts on this CPU, whatever they were before.`,
    example: `${prefix}_unlock_irq(${example})`,
  },
  {
    name: `${prefix}_lock_irqsave`,
    group: 'lock',
    parameters: [lock(kind)],
    result: 'the interrupt state before, for the unlock',
    doc: `Masks interrupts on this CPU, takes ${doc} and returns the old interrupt state: \`let flags = ${prefix}_lock_irqsave(${example})\`.`,
    example: `${prefix}_lock_irqsave(${example})`,
  },
  {
    name: `${prefix}_unlock_irqrestore`,
    group: 'lock',
    parameters: [lock(kind), value('flags')],
    doc: `Gives ${doc} back and puts the interrupt state back.`,
    example: `${prefix}_unlock_irqrestore(${example}, 0)`,
  },
]);

const sleeping: readonly Primitive[] = [
  {
    name: 'mutex_lock',
    group: 'lock',
    parameters: [lock('mutex')],
    doc: 'Takes a mutex; may sleep.',
    example: 'mutex_lock(M)',
  },
  {
    name: 'mutex_unlock',
    group: 'lock',
    parameters: [lock('mutex')],
    doc: 'Gives a mutex back.',
    example: 'mutex_unlock(M)',
  },
  {
    name: 'mutex_trylock',
    group: 'lock',
    parameters: [lock('mutex')],
    result: '1 when the mutex was taken, 0 when somebody holds it',
    doc: 'Takes a mutex when it is free; never waits.',
    example: 'mutex_trylock(M)',
  },
  {
    name: 'down_read',
    group: 'lock',
    parameters: [lock('rwsem')],
    doc: 'Takes a reader/writer semaphore together with other readers; may sleep.',
    example: 'down_read(S)',
  },
  {
    name: 'up_read',
    group: 'lock',
    parameters: [lock('rwsem')],
    doc: 'Gives a reader/writer semaphore back (reader).',
    example: 'up_read(S)',
  },
  {
    name: 'down_write',
    group: 'lock',
    parameters: [lock('rwsem')],
    doc: 'Takes a reader/writer semaphore alone; may sleep.',
    example: 'down_write(S)',
  },
  {
    name: 'up_write',
    group: 'lock',
    parameters: [lock('rwsem')],
    doc: 'Gives a reader/writer semaphore back (writer).',
    example: 'up_write(S)',
  },
  {
    name: 'down_read_trylock',
    group: 'lock',
    parameters: [lock('rwsem')],
    result: '1 when the semaphore was taken, 0 when a writer holds it or waits for it',
    doc: 'Takes a reader/writer semaphore as a reader when no writer holds it or waits for it; never waits.',
    example: 'down_read_trylock(S)',
  },
  {
    name: 'down_write_trylock',
    group: 'lock',
    parameters: [lock('rwsem')],
    result: '1 when the semaphore was taken, 0 when somebody holds it',
    doc: 'Takes a reader/writer semaphore alone when it is free; never waits.',
    example: 'down_write_trylock(S)',
  },
  {
    name: 'mmap_read_lock',
    group: 'lock',
    parameters: [init_mm],
    doc: 'Takes `init_mm.mmap_lock` as a reader; may sleep.',
    example: 'mmap_read_lock(init_mm)',
  },
  {
    name: 'mmap_read_unlock',
    group: 'lock',
    parameters: [init_mm],
    doc: 'Gives `init_mm.mmap_lock` back (reader).',
    example: 'mmap_read_unlock(init_mm)',
  },
  {
    name: 'mmap_write_lock',
    group: 'lock',
    parameters: [init_mm],
    doc: 'Takes `init_mm.mmap_lock` alone; may sleep.',
    example: 'mmap_write_lock(init_mm)',
  },
  {
    name: 'mmap_write_unlock',
    group: 'lock',
    parameters: [init_mm],
    doc: 'Gives `init_mm.mmap_lock` back (writer).',
    example: 'mmap_write_unlock(init_mm)',
  },
  {
    name: 'lockdep_assert_held',
    group: 'lock',
    parameters: [lock('spin', 'raw', 'mutex', 'rwsem')],
    doc: 'Finding when this CPU does not hold the lock.',
    example: 'lockdep_assert_held(init_mm.page_table_lock)',
  },
];

const rcu: readonly Primitive[] = [
  {
    name: 'rcu_read_lock',
    group: 'rcu',
    parameters: [],
    doc: 'Enters an RCU read-side critical section. It waits for nobody.',
    example: 'rcu_read_lock()',
  },
  {
    name: 'rcu_read_unlock',
    group: 'rcu',
    parameters: [],
    doc: 'Leaves an RCU read-side critical section.',
    example: 'rcu_read_unlock()',
  },
  {
    name: 'synchronize_rcu',
    group: 'rcu',
    parameters: [],
    doc: 'Waits until every RCU read-side critical section that had begun is over; may sleep. Sections that begin later are not waited for. Regions with interrupts masked or preemption off are such sections too, and so are handlers and what holds a spin lock (since Linux v4.20).',
    example: 'synchronize_rcu()',
  },
];

const preemption: readonly Primitive[] = [
  {
    name: 'preempt_disable',
    group: 'interrupt',
    parameters: [],
    doc: 'Keeps this CPU from being preempted (and from the stopper of `stop_machine`) until `preempt_enable`.',
    example: 'preempt_disable()',
  },
  {
    name: 'preempt_enable',
    group: 'interrupt',
    parameters: [],
    doc: 'Takes one `preempt_disable` back.',
    example: 'preempt_enable()',
  },
];

export const lockPrimitives: readonly Primitive[] = [...spinning, ...sleeping, ...rcu, ...preemption];

/** The locks that every scenario has. */
export const kernelLocks: readonly { readonly member: string; readonly kind: LockKindWord; readonly doc: string }[] = [
  { member: 'page_table_lock', kind: 'spin', doc: 'The spin lock that protects kernel page tables.' },
  { member: 'mmap_lock', kind: 'rwsem', doc: 'The reader/writer semaphore of the kernel address space.' },
];
