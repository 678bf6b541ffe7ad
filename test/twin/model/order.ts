/**
 * What must be over before an effect may happen: one predicate for each effect, over all older instructions of the window.
 * A barrier is no step: it is complete from the moment on that what it waits for is over.
 */

import type { AccessInstruction, Instruction, LockInstruction } from '../../../simulator/machine/program';
import { type Context, isDescriptor, reads, writes } from './program';
import type { Instance, Lack, TwinState } from './state';
import { instructionOf, operandValue } from './values';

/** The window of one CPU with its instructions. */
export interface View {
  readonly context: Context;
  readonly state: TwinState;
  readonly cpu: number;
}

function at(v: View, j: number): { instance: Instance; i: Instruction } {
  const instance = v.state.cpus[v.cpu]!.window[j]!;
  return { instance, i: instructionOf(v.context, v.cpu, instance) };
}

function someOlder(k: number, holds: (j: number) => boolean): boolean {
  for (let j = 0; j < k; j++) if (holds(j)) return true;
  return false;
}

/** The read of an access, of a spin loop or of taking a lock is still to come. */
export function readIsOpen(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  if (instance.synchronises || instance.fault !== null) return false;
  return i.kind === 'lock' ? instance.lock === null : reads(i) && instance.read === null;
}

export function writeIsOpen(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  if (instance.synchronises || instance.fault !== null) return false;
  return i.kind === 'lock' || i.kind === 'unlock' ? instance.lock === null : writes(i) && instance.written === null;
}

/** An access or AT whose address is not translated: it may still fault. */
export function walkIsOpen(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  if (instance.synchronises || instance.fault !== null) return false;
  if (i.kind === 'translate') return instance.answer === null;
  return (i.kind === 'access' || i.kind === 'wait') && instance.physical === null;
}

/** The lock may be taken now: nobody has it, or it is shared. */
export function isFree(v: View, i: LockInstruction): boolean {
  const { exclusive, holders } = v.state.locks[i.lock]!;
  return holders.length === 0 || (i.mode === 'shared' && !exclusive);
}

/** A branch whose condition is not known; a spin loop, and taking a lock is one, ends with a branch on what it reads. */
function branchIsOpen(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  if (instance.synchronises) return false;
  if (i.kind === 'branch') return operandValue(v.context, v.state, v.cpu, j, i.condition) === null;
  return spins(v, j);
}

/** A wait for a word, or for a lock, that is not over. */
export function spins(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  return (
    !instance.synchronises && (i.kind === 'wait' || (i.kind === 'lock' && i.taken === undefined)) && readIsOpen(v, j)
  );
}

/** The hardware still has to set the access flag, or to make the page writable, of the descriptor that was walked. */
export function updateIsOpen(v: View, j: number): boolean {
  return at(v, j).instance.update !== null;
}

function isOpen(v: View, j: number): boolean {
  return readIsOpen(v, j) || writeIsOpen(v, j);
}

function isSynchronisation(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  return instance.synchronises || i.kind === 'isb' || i.kind === 'eret';
}

/** What an ISB, exception entry or return waits for itself: older walks and branches. */
function synchronisationWaits(v: View, j: number): boolean {
  return isSynchronisation(v, j) && someOlder(j, (o) => walkIsOpen(v, o) || branchIsOpen(v, o));
}

/** An ISB, exception entry or return is over when no such, and no DSB, up to it waits for anything. */
function synchronisationIsOpen(v: View, j: number): boolean {
  return isSynchronisation(v, j) && someOlder(j + 1, (o) => synchronisationWaits(v, o) || dsbWaits(v, o));
}

function sharedSynchronisationIsOpen(v: View, j: number): boolean {
  return isSynchronisation(v, j) && someOlder(j + 1, (o) => synchronisationWaits(v, o) || sharedDsbWaits(v, o));
}

/** Whether the read of an instruction counts for DMB LD and DSB LD. */
function countsAsRead(i: Instruction): boolean {
  return !(i.kind === 'access' && i.noReturn === true);
}

function isDsb(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  return !instance.synchronises && i.kind === 'dsb';
}

/** A DSB of a domain with other CPUs. */
function isShareableDsb(v: View, j: number): boolean {
  const { i } = at(v, j);
  return isDsb(v, j) && i.kind === 'dsb' && i.domain !== 'nonShareable';
}

/** The write may be to a descriptor: a walk of this CPU may read it. */
function descriptorIsOpen(v: View, j: number): boolean {
  if (!writeIsOpen(v, j)) return false;
  const { physical } = at(v, j).instance;
  return physical === null || isDescriptor(v.context, physical);
}

/** What a non-shareable DSB waits for: what the walks of its own CPU read, and what its own TLB holds. */
function ownDsbWaits(v: View, j: number): boolean {
  const { i } = at(v, j);
  if (i.kind !== 'dsb' || i.type === 'load') return false;
  if (ownTlbIsOpen(v, j) || someOlder(j, (o) => descriptorIsOpen(v, o))) return true;
  return i.type === 'full' && someOlder(j, (o) => walkIsOpen(v, o));
}

/** Of that what others can tell too: descriptors need not have been written for them. */
function ownTlbIsOpen(v: View, j: number): boolean {
  const { i } = at(v, j);
  if (i.kind !== 'dsb' || i.type !== 'full') return false;
  return (
    asksInVain(v.state.cpus[v.cpu]!.lacks, false) || someOlder(j, (o) => updateIsOpen(v, o) || ownTlbiIsOpen(v, o))
  );
}

/** The CPU would see what it has written behind a non-shareable DSB, and not a descriptor that it has written before it. */
function isOvertaken(v: View, j: number, k: number): boolean {
  if (!isDsb(v, j) || isShareableDsb(v, j) || !someOlder(j, (o) => descriptorIsOpen(v, o))) return false;
  const isLoad = (i: Instruction): boolean => i.kind === 'dsb' && i.type === 'load';
  if (isLoad(at(v, j).i)) return false;
  return someOlder(k, (o) => o > j && hasWritten(at(v, o).instance));
}

function hasWritten({ written, lock }: Instance): boolean {
  return (written !== null && written !== 0) || lock === 'done';
}

/** What a DSB waits for itself. */
function dsbWaits(v: View, j: number): boolean {
  const { i } = at(v, j);
  if (!isDsb(v, j) || i.kind !== 'dsb') return false;
  if (!isShareableDsb(v, j)) return ownDsbWaits(v, j);
  switch (i.type) {
    case 'load':
      return someOlder(j, (o) => readIsOpen(v, o) && countsAsRead(at(v, o).i));
    case 'store':
      return someOlder(j, (o) => writeIsOpen(v, o));
    case 'full': {
      if (asksInVain(v.state.cpus[v.cpu]!.lacks, true)) return true;
      return someOlder(j, (o) => isOpen(v, o) || walkIsOpen(v, o) || updateIsOpen(v, o) || tlbiIsOpen(v, o));
    }
  }
}

/** A DSB for this CPU, or for all, comes after a TLBI that has not happened there. */
export function asksInVain(lacks: Lack, others: boolean): boolean {
  return lacks === 'everywhere' || (lacks === 'elsewhere' && others);
}

function dsbIsOpen(v: View, j: number): boolean {
  return isDsb(v, j) && someOlder(j + 1, (o) => synchronisationWaits(v, o) || dsbWaits(v, o));
}

/** The same for what other CPUs can tell, to whom a non-shareable DSB promises less. */
function sharedDsbIsOpen(v: View, j: number): boolean {
  return isDsb(v, j) && someOlder(j + 1, (o) => synchronisationWaits(v, o) || sharedDsbWaits(v, o));
}

function sharedDsbWaits(v: View, j: number): boolean {
  return isShareableDsb(v, j) ? dsbWaits(v, j) : isDsb(v, j) && ownTlbIsOpen(v, j);
}

/** A TLBI is complete for a DSB when it has happened where that DSB asks for it, and what it must outlast is over. */
function tlbiIsOpen(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  if (ownTlbiIsOpen(v, j)) return true;
  if (instance.synchronises || i.kind !== 'tlbi' || !i.innerShareable) return false;
  return instance.performed.others !== 'done' || awaitsAnything(v, instance);
}

function ownTlbiIsOpen(v: View, j: number): boolean {
  const { instance, i } = at(v, j);
  return !instance.synchronises && i.kind === 'tlbi' && instance.performed.own !== 'done';
}

export function awaitsAnything(v: View, tlbi: Instance): boolean {
  return tlbi.awaits.some((a) => {
    const other: View = { ...v, cpu: a.cpu };
    const j = v.state.cpus[a.cpu]!.window.findIndex((instance) => instance.serial === a.serial);
    if (j < 0) return false;
    if (at(other, j).instance.fault !== null) return a.until === 'done' && !faultHasHappened(other, j);
    return a.until === 'translated' ? walkIsOpen(other, j) : isOpen(other, j);
  });
}

/** Barriers and acquires that hold back reads and writes, or (`stores`) writes only. */
function isHeld(v: View, k: number, stores: boolean): boolean {
  return someOlder(k, (j) => {
    const { i, instance } = at(v, j);
    if (sharedSynchronisationIsOpen(v, j) || sharedDsbIsOpen(v, j)) return true;
    if (instance.synchronises) return false;
    switch (i.kind) {
      case 'dmb':
        if (i.type === 'full') return someOlder(j, (o) => isOpen(v, o));
        if (i.type === 'load') return someOlder(j, (o) => readIsOpen(v, o) && countsAsRead(at(v, o).i));
        return stores && someOlder(j, (o) => writeIsOpen(v, o));
      case 'lock':
        return instance.lock === null;
      case 'wait':
        return i.acquire === true && readIsOpen(v, j);
      case 'access':
        return isAcquire(i) && (readIsOpen(v, j) || (i.acquire === 'full' && i.release === true && writeIsOpen(v, j)));
      default:
        return false;
    }
  });
}

/** An atomic without a result has no acquire. */
function isAcquire(i: AccessInstruction): boolean {
  return i.acquire !== undefined && i.noReturn !== true;
}

function isRelease(i: Instruction): boolean {
  return i.kind === 'unlock' || (i.kind === 'access' && i.release === true);
}

export function mayWalk(v: View, k: number): boolean {
  const ets2 = v.context.program.switches.enhancedTranslationSynchronisation >= 2;
  return !someOlder(k, (j) => synchronisationIsOpen(v, j) || (ets2 && dsbIsOpen(v, j)) || isOvertaken(v, j, k));
}

/** With FEAT_ETS2 Translation and Access flag faults, with FEAT_ETS3 all faults, come after every older access. */
export function mayFault(v: View, k: number, kind: string): boolean {
  const ets = v.context.program.switches.enhancedTranslationSynchronisation;
  const ordered = kind === 'permission' ? ets >= 3 : ets >= 2;
  return !ordered || !someOlder(k, (j) => isOpen(v, j));
}

export function mayRead(v: View, k: number): boolean {
  const { i } = at(v, k);
  if (isHeld(v, k, false)) return false;
  const loadAcquire =
    i.kind === 'lock' ||
    (i.kind === 'wait' ? i.acquire === true : i.kind === 'access' && i.acquire === 'full' && i.noReturn !== true);
  const isOpenRelease = (j: number): boolean =>
    isRelease(at(v, j).i) && (writeIsOpen(v, j) || (at(v, j).instance.fault !== null && !faultHasHappened(v, j)));
  return !loadAcquire || !someOlder(k, isOpenRelease);
}

export function mayWrite(v: View, k: number): boolean {
  if (isHeld(v, k, true)) return false;
  if (someOlder(k, (j) => walkIsOpen(v, j) || branchIsOpen(v, j))) return false;
  return !isRelease(at(v, k).i) || !someOlder(k, (j) => isOpen(v, j));
}

/** A hardware update comes after context synchronisation (with FEAT_ETS2 DSB), and it is never speculative. */
export function mayUpdate(v: View, k: number): boolean {
  return mayWalk(v, k) && !someOlder(k, (j) => walkIsOpen(v, j) || branchIsOpen(v, j));
}

/** A TLBI waits for DSB, context synchronisation and branches. DMB, older accesses and their walks do not order it. */
export function mayInvalidate(v: View, k: number): boolean {
  return !someOlder(k, (j) => synchronisationIsOpen(v, j) || dsbIsOpen(v, j) || branchIsOpen(v, j));
}

/** On other CPUs it does not wait for a non-shareable DSB. */
export function mayInvalidateElsewhere(v: View, k: number): boolean {
  return !someOlder(k, (j) => sharedSynchronisationIsOpen(v, j) || sharedDsbIsOpen(v, j) || branchIsOpen(v, j));
}

/** The moment of a fault that another CPU's DSB waits for: barriers and acquires order it like an access. */
function faultHasHappened(v: View, k: number): boolean {
  if (isRelease(at(v, k).i) && someOlder(k, (j) => isOpen(v, j))) return false;
  return !isHeld(v, k, true);
}

/** Nothing of the instruction is still to come. */
export function isOver(v: View, k: number): boolean {
  const { instance, i } = at(v, k);
  if (instance.fault !== null) return faultHasHappened(v, k);
  if (isSynchronisation(v, k)) return !synchronisationIsOpen(v, k);
  if (i.kind === 'dsb') return !dsbIsOpen(v, k);
  if (i.kind === 'tlbi')
    return (
      instance.performed.own !== 'open' &&
      (!i.innerShareable || instance.performed.others !== 'open') &&
      !awaitsAnything(v, instance)
    );
  return !isOpen(v, k) && !walkIsOpen(v, k) && !branchIsOpen(v, k) && !updateIsOpen(v, k);
}
