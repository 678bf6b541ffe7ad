/** The lock that guards the tables of a root: who holds it, and who may write. */

import { entryName, hex, pageAt, report, type TablePage, type TraceMachine } from './traceMachine';

/** Reports a write to an entry by a thread that does not hold the lock of its tables. */
export function checkWriter(machine: TraceMachine, at: number, thread: number, page: TablePage, address: bigint): void {
  const owner = machine.threadOwners.get(address);
  if (owner === thread) return;
  const name = entryName(page, address);
  if (owner !== undefined) {
    report(machine, at, 'lock-not-held', `${name} is written by thread ${thread}, but belongs to thread ${owner}`);
    return;
  }
  const lock = machine.rootLocks.get(page.root.address);
  if (lock === undefined) {
    const message = `${name} is written, but no lock guards these tables; name one with a set_root_lock hint before record`;
    report(machine, at, 'no-lock', `${message} ${page.root.registeredAt}`);
    return;
  }
  const held = machine.locks.get(lock);
  if (held?.thread === thread) return;
  const holder = held ? `thread ${held.thread} holds it` : 'nobody holds it';
  const message = `${name} is written by thread ${thread} without the lock ${hex(lock)} of its tables; ${holder}`;
  report(machine, at, 'lock-not-held', message, {
    related: held ? [{ at: held.since, message: 'taken here' }] : [],
  });
}

/**
 * Reports a plain write (`plain`: its value) that makes an entry valid, and that nothing orders after an earlier write of
 * the holder to another entry: a walk may see the later one first, such as a link to a table that is not filled.
 */
export function checkOrder(
  machine: TraceMachine,
  at: number,
  thread: number,
  page: TablePage,
  address: bigint,
  plain: bigint | undefined,
): void {
  const lock = machine.rootLocks.get(page.root.address);
  const held = lock === undefined ? undefined : machine.locks.get(lock);
  if (lock === undefined || held?.thread !== thread || machine.threadOwners.has(address)) return;
  const others = (held.written ?? []).filter((one) => one.address !== address);
  machine.locks.set(lock, { ...held, written: [{ at, address }, ...others.slice(0, 1)] });
  const [before] = others;
  if (before === undefined || plain === undefined || (plain & 1n) === 0n) return;
  const message =
    `${entryName(page, address)} is written plain, and neither a DSB nor a release orders that after the write before it: ` +
    'others may see them in the other order; write it with release';
  report(machine, at, 'unordered-write', message, { related: [{ at: before.at, message: 'written before' }] });
}

/** A DSB of a thread orders what it wrote before what it writes. */
export function orderWrites(machine: TraceMachine, thread: number): void {
  for (const [lock, { written: _, ...held }] of machine.locks)
    if (held.thread === thread) machine.locks.set(lock, held);
}

/** True when the lock was taken, for the first time if several. A trylock of somebody else's lock fails and is no event. */
export function takeLock(machine: TraceMachine, at: number, thread: number, lock: bigint, attempt: boolean): boolean {
  const held = machine.locks.get(lock);
  if (held === undefined) {
    machine.locks.set(lock, { thread, times: 1, since: at });
    return true;
  }
  if (attempt && held.thread === thread) machine.locks.set(lock, { ...held, times: held.times + 1 });
  if (!attempt) {
    const who =
      held.thread === thread ? `the thread holds it already, and waits for itself` : `thread ${held.thread} holds it`;
    const related = [{ at: held.since, message: 'taken here' }];
    report(machine, at, 'lock-order', `lock ${hex(lock)} is taken while ${who}`, { related });
  }
  return false;
}

/** True when the lock is free now. */
export function releaseLock(machine: TraceMachine, at: number, thread: number, lock: bigint): boolean {
  const held = machine.locks.get(lock);
  if (held?.thread !== thread) {
    const who = held ? `thread ${held.thread} holds it` : 'nobody holds it';
    report(machine, at, 'lock-order', `lock ${hex(lock)} is released by thread ${thread}, but ${who}`);
    return false;
  }
  if (held.times > 1) {
    machine.locks.set(lock, { ...held, times: held.times - 1 });
    return false;
  }
  machine.locks.delete(lock);
  return true;
}

/** Entries in flux that a lock guards. */
export function unflushedUnder(machine: TraceMachine, lock: bigint): { page: TablePage; address: bigint }[] {
  return [...machine.unflushed.keys()].flatMap((address) => {
    const page = pageAt(machine, address);
    return page && machine.rootLocks.get(page.root.address) === lock ? [{ page, address }] : [];
  });
}
