import { CPU, ENTRY, LACKS, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { BarrierInstruction, BarrierType } from '../machine/program';
import { BARRIER, BARRIER_FOR, isForItself } from './order';
import { type EntryKind, endEntry, hasRoom, pushEntry, type StepKind } from './step';

const types: Readonly<Record<BarrierType, number>> = { full: BARRIER.FULL, load: BARRIER.LOAD, store: BARRIER.STORE };

/** A full DSB would complete a TLBI that, on this way, has not happened: there is no such execution. */
function asksInVain(m: Machine, t: number, forItself: boolean): boolean {
  const lacks = m.w[m.base(t) + CPU.LACKS] as number;
  return lacks === LACKS.EVERYWHERE || (lacks === LACKS.ELSEWHERE && !forItself);
}

/** DMB and DSB only hold back what is younger, so their end is no step of its own. */
export const barrier: StepKind = {
  kinds: ['dmb', 'dsb'],
  doc: 'DMB orders older accesses before younger ones; DSB holds back everything younger and completes older TLBIs.',
  fetch(m, t, c) {
    const i = c.instruction as BarrierInstruction;
    const waits = m.w[m.base(t) + CPU.WAITS] as number;
    const forItself = m.rules.localCompletion && i.domain === 'nonShareable' && m.layout.cpus > 1;
    const asks = i.kind === 'dsb' && i.type === 'full' && i.sparesTlbis !== true;
    if (asks && m.count(t) === 0 && asksInVain(m, t, forItself)) m.dropped = true;
    if (m.count(t) === 0 && (waits === 0 || i.sparesTlbis === true)) return 'next';
    // Of the order of a CPU's reads and writes only others can tell, and a non-shareable barrier promises them nothing.
    if (forItself && (i.kind === 'dmb' || i.type === 'load')) return 'next';
    if (!hasRoom(m, t, 1)) return 'wait';
    const slot = pushEntry(m, t, i.kind === 'dmb' ? ENTRY.DMB : ENTRY.DSB, m.w[m.base(t) + CPU.PC] as number);
    m.w[slot + SLOT.A] = i.sparesTlbis === true ? BARRIER.ACCESSES : (types[i.type] as number);
    if (forItself) m.w[slot + SLOT.B] = BARRIER_FOR.ITSELF;
    return 'next';
  },
};

export const isb: StepKind = {
  kinds: ['isb'],
  doc: 'Context synchronisation: younger instructions are fetched and translated anew, after older walks and DSBs.',
  fetch(m, t) {
    if (m.count(t) === 0) return 'next';
    if (!hasRoom(m, t, 1)) return 'wait';
    pushEntry(m, t, ENTRY.ISB, m.w[m.base(t) + CPU.PC] as number);
    return 'next';
  },
};

export const dmbEntry: EntryKind = {
  entry: ENTRY.DMB,
  settle(m, _t, _k, slot, order) {
    if (order.anyAccess) return false;
    endEntry(m, slot);
    return true;
  },
};

export const dsbEntry: EntryKind = {
  entry: ENTRY.DSB,
  settle(m, t, _k, slot, order) {
    const waits = m.w[m.base(t) + CPU.WAITS] as number;
    const type = m.w[slot + SLOT.A] as number;
    const forItself = isForItself(m, slot);
    if (!order.dsbDone(type, forItself, waits)) return false;
    if (type === BARRIER.FULL && asksInVain(m, t, forItself)) m.dropped = true;
    endEntry(m, slot);
    return true;
  },
};

export const isbEntry: EntryKind = {
  entry: ENTRY.ISB,
  settle(m, _t, _k, slot, order) {
    if (!order.isbDone()) return false;
    endEntry(m, slot);
    return true;
  },
};
