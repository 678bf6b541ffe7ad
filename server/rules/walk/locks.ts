/** Locks, interrupt masks, preemption and RCU in a walk. */

import type { LockInstruction, MaskInstruction, UnlockInstruction } from '../../../simulator/machine/program';
import { operandWord } from './accesses';
import { unpublishedAt } from './flushing';
import { tableOf } from './memory';
import type { HeldLock, SleepReason } from './observation';
import type { Path } from './path';
import type { Walker } from './walker';
import { isKnown } from './word';

export function takeLock(walker: Walker, path: Path, i: LockInstruction): readonly Path[] {
  const { at, held, irqsMasked, nmisMasked } = path;
  const { lock, mode } = i;
  const own = held.find((one) => one.lock === lock && (one.mode === 'exclusive' || mode === 'exclusive'));
  const name = walker.program.locks[lock]?.kind;
  const sleeps = name === 'mutex' || name === 'rwSemaphore' || name === 'sleepingSpin';
  const ways: Path[] = [];
  if (i.taken !== undefined) {
    if (name === 'mutex' && (walker.context.kind === 'irq' || walker.context.kind === 'nmi'))
      walker.notice({ kind: 'mutexInHandler', at, lock });
    const failed = own ? path : path.fork(at + 1);
    failed.registers.set(i.taken, 0n);
    failed.at = at + 1;
    ways.push(failed);
    if (own) return ways;
    path.registers.set(i.taken, 1n);
    // What an attempt to spin has turned off is the lock's from here on.
    if (name === 'spin' || name === 'rawSpin') path.preemptionOff = path.preemptionOff.slice(0, -1);
  } else {
    if (sleeps) noticeSleep(walker, path, walker.program.locks[lock]?.name ?? '', name === 'sleepingSpin');
    if (own) {
      walker.notice({ kind: 'recursion', at, lock, since: own.since });
      // The CPU never gets any further.
      return [];
    }
  }
  walker.noticeTaking({ at, lock, mode, held, irqsMasked, nmisMasked, waits: i.taken === undefined });
  path.held = [...held, { lock, mode, since: at }];
  path.at = at + 1;
  return [...ways, path];
}

export function releaseLock(walker: Walker, path: Path, { lock, mode }: UnlockInstruction): void {
  const { at } = path;
  const own =
    path.held.findLast((one) => one.lock === lock && one.mode === mode) ??
    path.held.findLast((one) => one.lock === lock);
  if (own === undefined) {
    const releasedAt = path.lastRelease.get(lock);
    walker.notice({ kind: 'unlockNotHeld', at, lock, ...(releasedAt === undefined ? {} : { releasedAt }) });
  } else {
    if (own.mode !== mode) walker.notice({ kind: 'unlockNotHeld', at, lock, heldSince: own.since });
    noticeUnpublished(walker, path, own);
    path.held = path.held.filter((one) => one !== own);
    for (const [word, window] of path.windows) {
      if (!window.heldAtBreak.some((one) => one.lock === lock && one.since === own.since)) continue;
      path.windows.set(word, { ...window, released: [...window.released, { lock, at, since: own.since }] });
    }
  }
  path.lastRelease.set(lock, at);
  path.at = at + 1;
}

/** What was made valid under the lock must be usable for who takes it next. */
function noticeUnpublished(walker: Walker, path: Path, lock: HeldLock): void {
  for (const word of path.active) {
    const unpublished = unpublishedAt(path, word);
    const where = tableOf(walker, path, word);
    if (!unpublished || !where || !path.madeUnder.get(word)?.includes(lock)) continue;
    const entry = walker.tables.entryOf(where.place, where.table, word);
    walker.notice({ kind: 'unpublished', word, entry, ...unpublished, at: path.at, because: 'unlock' });
  }
}

/** Something that may sleep is done here; where it must not, that is noticed. */
export function noticeSleep(walker: Walker, path: Path, what: string, isSpinLock = false): void {
  const reason = reasonNotToSleep(walker, path, isSpinLock);
  if (reason) walker.notice({ kind: 'sleep', at: path.at, what, reason });
}

/** A spin lock of PREEMPT_RT sleeps, but may be waited for in its like and in RCU read sections. */
function reasonNotToSleep(walker: Walker, path: Path, isSpinLock: boolean): SleepReason | undefined {
  const { context, program } = walker;
  if (context.kind === 'irq' || context.kind === 'nmi') return { kind: 'handler' };
  const spinning = path.held.find(({ lock }) => {
    const kind = program.locks[lock]?.kind;
    return kind === 'spin' || kind === 'rawSpin' || (kind === 'sleepingSpin' && !isSpinLock);
  });
  if (spinning) return { kind: 'lock', lock: spinning.lock, since: spinning.since };
  const [preemption] = path.preemptionOff;
  if (preemption !== undefined) return { kind: 'preemption', since: preemption };
  const [section] = path.readSections;
  if (section !== undefined && !isSpinLock) return { kind: 'readSection', since: section };
  // The fault path runs with the mask of whoever faulted.
  if (path.irqsMasked && context.kind === 'program')
    return { kind: 'irqsMasked', ...(path.irqsMaskedSince === undefined ? {} : { since: path.irqsMaskedSince }) };
  if (context.kind === 'fault' && !isSpinLock) return { kind: 'faultPath' };
  return undefined;
}

export function changeMask(walker: Walker, path: Path, i: MaskInstruction): void {
  const { at } = path;
  if (i.unsaved) walker.notice({ kind: 'restoreUnsaved', at, masks: i.irq === 'mask' });
  if (i.save !== undefined) path.registers.set(i.save, path.irqsMasked ? 1n : 0n);
  const changed = (how: MaskInstruction['irq'], before: boolean): boolean => {
    switch (how) {
      case undefined:
        return before;
      case 'mask':
        return true;
      case 'unmask':
        return false;
      // Masked is what gives no finding.
      case 'inherit':
        return true;
      case 'restore': {
        const from = operandWord(path, i.from);
        return !isKnown(from) || from !== 0n;
      }
    }
  };
  const irqsBefore = path.irqsMasked;
  path.irqsMasked = changed(i.irq, irqsBefore);
  path.nmisMasked = changed(i.nmi, path.nmisMasked);
  if (path.irqsMasked && !irqsBefore) path.irqsMaskedSince = at;
  // What was saved is not known: that interrupts are masked from here on is only assumed.
  if (i.irq === 'restore' && !isKnown(operandWord(path, i.from))) path.irqsMaskedSince = undefined;
  // From here on a lock that is held is held as one that was taken with interrupts on.
  if (!path.irqsMasked && irqsBefore)
    for (const { lock, mode } of path.held)
      walker.noticeTaking({ at, lock, mode, held: [], irqsMasked: false, nmisMasked: path.nmisMasked, waits: false });
  if (i.preemption === 1) path.preemptionOff = [...path.preemptionOff, at];
  if (i.preemption === -1 && path.preemptionOff.length === 0)
    walker.notice({ kind: 'sectionNotOpen', at, section: 'preemption' });
  if (i.preemption === -1) path.preemptionOff = path.preemptionOff.slice(0, -1);
  for (const [word, window] of path.windows) {
    path.windows.set(word, {
      ...window,
      ...(path.irqsMasked || window.irqsOnAt !== undefined ? {} : { irqsOnAt: at }),
      ...(path.nmisMasked || window.nmisOnAt !== undefined ? {} : { nmisOnAt: at }),
    });
  }
  path.at = at + 1;
}
