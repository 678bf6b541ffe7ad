/** The effects of instructions, one step each: what may happen now, and the state after it. */

import type { AccessInstruction, TlbiInstruction } from '../../../simulator/machine/program';
import { bytesAt, cellOf, meaning, regionAt, updated } from './descriptor';
import { faultStatus, takeFault } from './fetch';
import { current, store, version } from './memory';
import {
  isFree,
  mayFault,
  mayInvalidate,
  mayInvalidateElsewhere,
  mayRead,
  mayUpdate,
  mayWalk,
  mayWrite,
  readIsOpen,
  type View,
  walkIsOpen,
  writeIsOpen,
} from './order';
import { direct, isStoreExclusive, managesAccessFlag, reads, writes } from './program';
import type { Await, Fault, Instance, Region, Source, TlbEntry, TwinState, Update, Word } from './state';
import { contains, hex, overlaps, reachOf, removes, translate, type WalkPlace, walkPlaces } from './tlb';
import { addressOf, instructionOf, operandValue, valueToWrite } from './values';

/** A step: what it is called, and what it does to a state that nobody else holds. */
export interface Effect {
  readonly name: string;
  readonly apply: (state: TwinState) => void;
}

/** Every effect of the instruction at place `k` that may happen now. */
export function effectsOf(v: View, k: number): Effect[] {
  const instance = v.state.cpus[v.cpu]!.window[k]!;
  if (instance.synchronises || instance.fault !== null) return [];
  const i = instructionOf(v.context, v.cpu, instance);
  switch (i.kind) {
    case 'access':
    case 'wait':
    case 'translate':
      return [...walkEffects(v, k), ...updateEffects(v, k), ...readEffects(v, k), ...writeEffects(v, k)];
    case 'tlbi':
      return tlbiEffects(v, k, i);
    case 'lock':
    case 'unlock':
      return lockEffects(v, k);
    default:
      return [];
  }
}

function walkEffects(v: View, k: number): Effect[] {
  const address = addressOf(v.context, v.state, v.cpu, k);
  if (!walkIsOpen(v, k) || address === null || !mayWalk(v, k)) return [];
  if (direct(v.context.program, address) !== undefined)
    // What is not translated is for the kernel alone.
    return isUnprivileged(v, k)
      ? faultEffects(v, k, { kind: 'permission', level: 3, base: address, bytes: 0, direct: true })
      : [];
  if (!v.context.pages[v.cpu]!.includes(address - (address % 4096))) throw new Error('a page that is not listed');
  return [
    ...v.state.cpus[v.cpu]!.tlb.flatMap((e) => (contains(e, address) ? walkByTlb(v, k, address, e) : [])),
    ...walkPlaces(v.context, v.state, v.cpu, address).flatMap((place) => walkByMemory(v, k, address, place)),
  ];
}

/** The access is one at EL0: a handler runs at EL1. */
export function isUnprivileged(v: View, k: number): boolean {
  const instance = v.state.cpus[v.cpu]!.window[k]!;
  return v.context.program.cpus[v.cpu]!.unprivileged === true && instance.exceptions.length === 0;
}

/** Whether the walk is for a write, whether the hardware would make a page dirty for it, whether it may turn out not to write. */
function purpose(v: View, k: number): { write: boolean; dirties: boolean; mayNotWrite: boolean } {
  const i = instructionOf(v.context, v.cpu, v.state.cpus[v.cpu]!.window[k]!);
  return {
    write: i.kind === 'translate' ? i.write : writes(i),
    dirties: v.context.program.cpus[v.cpu]!.hardwareDirtyState,
    mayNotWrite: i.kind === 'access' && i.operation === 'compareAndSwap',
  };
}

/** An entry answers by itself, unless the hardware has to make the page dirty first: that takes the descriptor in memory. */
function walkByTlb(v: View, k: number, address: Word, e: TlbEntry): Effect[] {
  if (e.kind !== 'leaf') return [];
  const { write, dirties, mayNotWrite } = purpose(v, k);
  const to = { physical: translate(e, address), region: e, update: null };
  if (isUnprivileged(v, k) && !e.unprivileged)
    return faultEffects(v, k, { kind: 'permission', level: e.level, base: e.base, bytes: e.bytes });
  if (!write || !e.readOnly) return [translated(v, k, { ...to, mustFail: false })];
  if (!dirties || !e.dirtyModifier)
    return faultEffects(v, k, { kind: 'permission', level: e.level, base: e.base, bytes: e.bytes });
  return mayNotWrite ? [translated(v, k, { ...to, mustFail: true })] : [];
}

/** What no TLB holds: faults of what memory says now, and descriptors that the hardware has to update. */
function walkByMemory(v: View, k: number, address: Word, place: WalkPlace): Effect[] {
  const { level } = place;
  const cell = cellOf(place.table, level, address);
  const what = meaning(current(v.context, v.state, cell), level);
  const region = regionAt(level, address);
  if (what.kind === 'table') return [];
  if (what.kind === 'invalid') return faultEffects(v, k, { kind: 'translation', level, ...region });
  if (!what.accessFlag && !managesAccessFlag(v.context.program.cpus[v.cpu]!))
    return faultEffects(v, k, { kind: 'access-flag', level, ...region });
  if (isUnprivileged(v, k) && !what.unprivileged)
    return what.accessFlag ? [] : faultEffects(v, k, { kind: 'permission', level, ...region });
  const { write, dirties, mayNotWrite } = purpose(v, k);
  const isClean = write && what.readOnly;
  if (write && (place.readOnly || (isClean && !(dirties && what.dirtyModifier))))
    return what.accessFlag ? [] : faultEffects(v, k, { kind: 'permission', level, ...region });
  if (what.accessFlag && !isClean) return [];
  const to = { physical: what.output + (address % bytesAt(level)), region };
  const update = { cell, version: version(v.state, cell), dirty: isClean };
  const effects = [translated(v, k, { ...to, update, mustFail: false })];
  if (isClean && mayNotWrite && !what.accessFlag)
    effects.push(translated(v, k, { ...to, update: { ...update, dirty: false }, mustFail: true }));
  return effects;
}

interface Found {
  readonly physical: Word;
  readonly region: Region;
  readonly update: Update | null;
  readonly mustFail: boolean;
}

function translated(v: View, k: number, { physical, region, update, mustFail }: Found): Effect {
  const isAt = instructionOf(v.context, v.cpu, v.state.cpus[v.cpu]!.window[k]!).kind === 'translate';
  return {
    name: `walk to ${hex(physical)}${update === null ? '' : ', to be updated'}${mustFail ? ', not to be written' : ''}`,
    apply: (state) => {
      const instance = state.cpus[v.cpu]!.window[k]!;
      if (isAt) {
        instance.answer = physical - (physical % 4096);
        return;
      }
      instance.physical = physical;
      instance.translation = { base: region.base, bytes: region.bytes };
      instance.update = update;
      instance.mustFail = mustFail;
    },
  };
}

/** The hardware updates the descriptor that was walked, if it is still the one: check and write are one. */
function updateEffects(v: View, k: number): Effect[] {
  const { update } = v.state.cpus[v.cpu]!.window[k]!;
  if (update === null || version(v.state, update.cell) !== update.version || !mayUpdate(v, k)) return [];
  return [
    {
      name: `hardware update of ${hex(update.cell)}`,
      apply: (state) => {
        store(state, update.cell, updated(current(v.context, state, update.cell), update.dirty));
        state.cpus[v.cpu]!.window[k]!.update = null;
      },
    },
  ];
}

/** A CPU that manages access flags may walk at any time for no access, and then sets the flag of what it finds. */
export function spontaneousEffects(v: View): Effect[] {
  if (!managesAccessFlag(v.context.program.cpus[v.cpu]!)) return [];
  const cells = new Set<Word>();
  for (const page of v.context.pages[v.cpu]!)
    for (const { level, table } of walkPlaces(v.context, v.state, v.cpu, page)) {
      const cell = cellOf(table, level, page);
      const what = meaning(current(v.context, v.state, cell), level);
      if (what.kind === 'leaf' && !what.accessFlag) cells.add(cell);
    }
  return [...cells].map((cell) => ({
    name: `hardware sets the access flag of ${hex(cell)}`,
    apply: (state) => void store(state, cell, updated(current(v.context, state, cell), false)),
  }));
}

function faultEffects(v: View, k: number, fault: Fault): Effect[] {
  const i = instructionOf(v.context, v.cpu, v.state.cpus[v.cpu]!.window[k]!);
  const name = `walk: ${fault.kind} fault at level ${fault.level}`;
  if (i.kind === 'translate') {
    const answer = 1 + 2 * faultStatus(fault) + 2048;
    return [
      {
        name,
        apply: (state) => {
          state.cpus[v.cpu]!.window[k]!.answer = answer;
        },
      },
    ];
  }
  if (!mayFault(v, k, fault.kind)) return [];
  // A read-modify-write reports a write only when a read would have gone well.
  const write = writes(i) && !(reads(i) && fault.kind !== 'permission');
  return [{ name, apply: (state) => takeFault(v.context, state, v.cpu, k, fault, write) }];
}

function readEffects(v: View, k: number): Effect[] {
  const { window } = v.state.cpus[v.cpu]!;
  const instance = window[k]!;
  if (instance.physical === null || !readIsOpen(v, k) || !mayRead(v, k)) return [];
  const effects = [
    readEffect(v, k, current(v.context, v.state, instance.physical), { version: version(v.state, instance.physical) }),
  ];
  for (let j = 0; j < k; j++) {
    const older = window[j]!;
    if (older.physical !== instance.physical || !writeIsOpen(v, j)) continue;
    // Whether a store-exclusive will have stored is not known before it has.
    if (isStoreExclusive(instructionOf(v.context, v.cpu, older))) continue;
    const value = valueToWrite(v.context, v.state, v.cpu, j);
    if (value !== null) effects.push(readEffect(v, k, value, { store: older.serial }));
  }
  return effects.flat();
}

function readEffect(v: View, k: number, value: Word, source: Source): Effect[] {
  const instance = v.state.cpus[v.cpu]!.window[k]!;
  const i = instructionOf(v.context, v.cpu, instance);
  let fails = false;
  if (i.kind === 'wait') {
    const awaited = operandValue(v.context, v.state, v.cpu, k, i.value);
    if (awaited === null || (value === awaited) !== (i.comparison === 'equal')) return [];
  }
  if (i.kind === 'access' && i.operation === 'compareAndSwap') {
    const expected = operandValue(v.context, v.state, v.cpu, k, i.compare!);
    if (expected === null) return [];
    fails = value !== expected;
    if (!fails && instance.mustFail) return [];
  }
  const from = 'store' in source ? ', from its own store' : '';
  return [
    {
      name: `read ${hex(value)}${from}`,
      apply: (state) => {
        const mine = state.cpus[v.cpu]!.window[k]!;
        mine.read = { value, source };
        if (fails) mine.written = 0;
      },
    },
  ];
}

function writeEffects(v: View, k: number): Effect[] {
  const { window } = v.state.cpus[v.cpu]!;
  const instance = window[k]!;
  const { physical } = instance;
  const i = instructionOf(v.context, v.cpu, instance) as AccessInstruction;
  if (physical === null || !writeIsOpen(v, k) || readIsOpen(v, k)) return [];
  // A store-exclusive may always fail.
  const failure: Effect[] = isStoreExclusive(i)
    ? [
        {
          name: 'the store-exclusive fails',
          apply: (state) => {
            state.cpus[v.cpu]!.window[k]!.written = 0;
          },
        },
      ]
    : [];
  const value = valueToWrite(v.context, v.state, v.cpu, k);
  if (value === null || !mayWrite(v, k)) return failure;
  if (isStoreExclusive(i) && !isReserved(v, instance)) return failure;
  if (i.access === 'atomic') {
    // Nobody has written between the read and the write of an atomic.
    const source = instance.read!.source;
    if (!('version' in source) || source.version !== version(v.state, physical)) return [];
  }
  return [
    ...failure,
    {
      name: `write ${hex(value)} to ${hex(physical)}`,
      apply: (state) => {
        const made = store(state, physical, value);
        const mine = state.cpus[v.cpu]!.window;
        mine[k]!.written = made;
        for (const other of mine)
          if (other.read !== null && 'store' in other.read.source && other.read.source.store === mine[k]!.serial)
            other.read = { value: other.read.value, source: { version: made } };
      },
    },
  ];
}

/** The word of a store-exclusive still has the version that the load-exclusive before it has read. */
function isReserved(v: View, instance: Instance): boolean {
  const { reservation, physical } = instance;
  if (reservation === null || physical === null) return false;
  const now = version(v.state, physical);
  if (!('serial' in reservation)) return reservation.physical === physical && reservation.version === now;
  const load = v.state.cpus[v.cpu]!.window.find(({ serial }) => serial === reservation.serial)!;
  if (load.physical !== physical || load.fault !== null || load.read === null) return false;
  return 'version' in load.read.source && load.read.source.version === now;
}

/**
 * TLB maintenance happens at one moment; that it has happened is sure only after a DSB (Arm ARM: completion of TLB
 * maintenance), so it may also fail to happen, here or elsewhere, and a later DSB that asks for it is then never over.
 */
function tlbiEffects(v: View, k: number, i: TlbiInstruction): Effect[] {
  const { own, others } = v.state.cpus[v.cpu]!.window[k]!.performed;
  const operands = [i.operand, i.lastOperand].map((o) =>
    o === undefined ? 0 : operandValue(v.context, v.state, v.cpu, k, o),
  );
  const [first, last] = operands;
  if (first === null || first === undefined || last === null || last === undefined) return [];
  const reach = reachOf(i, first, last);
  const all = v.state.cpus.map((_, u) => u);
  const rest = all.filter((u) => u !== v.cpu);
  const choices: [performed: Instance['performed'], cpus: readonly number[]][] = [];
  if (!i.innerShareable || hasLocalDsb(v)) {
    // Only a non-shareable DSB, which is about its own CPU alone, can tell two moments from one.
    if (own === 'open' && mayInvalidate(v, k))
      choices.push([{ own: 'done', others }, [v.cpu]], [{ own: 'never', others }, []]);
    if (i.innerShareable && others === 'open' && mayInvalidateElsewhere(v, k))
      choices.push([{ own, others: 'done' }, rest], [{ own, others: 'never' }, []]);
  } else if (own === 'open' && mayInvalidate(v, k)) {
    choices.push([{ own: 'done', others: 'done' }, all]);
    choices.push([{ own: 'done', others: 'never' }, [v.cpu]], [{ own: 'never', others: 'never' }, []]);
  }
  return choices.map(([performed, cpus]) => ({
    name: `invalidate: own ${performed.own}, others ${performed.others}`,
    apply: (state) => {
      const instance = state.cpus[v.cpu]!.window[k]!;
      instance.performed = performed;
      for (const u of cpus) {
        state.cpus[u]!.tlb = state.cpus[u]!.tlb.filter((e) => !removes(i, reach, e));
        if (u !== v.cpu) instance.awaits = [...instance.awaits, ...awaitsOf({ ...v, state, cpu: u }, i, reach)];
      }
    },
  }));
}

function hasLocalDsb(v: View): boolean {
  return v.context.program.cpus[v.cpu]!.code.some((i) => i.kind === 'dsb' && i.domain === 'nonShareable');
}

/**
 * What a TLBI of another CPU has to outlast on this one: accesses that were translated by what it covers and are not done,
 * and older ones with the same page offset (or an address not known yet) that are still to be translated.
 */
function awaitsOf(v: View, i: TlbiInstruction, reach: Region | undefined): Await[] {
  const { window } = v.state.cpus[v.cpu]!;
  const found = new Map<string, Await>();
  window.forEach((instance, k) => {
    const used = instance.fault ?? instance.translation;
    if (instance.synchronises || used === null || instance.fault?.direct || !overlaps(reach, used)) return;
    if (instance.fault === null && i.level !== undefined && bytesAt(i.level) !== used.bytes) return;
    found.set(`${instance.serial} done`, { cpu: v.cpu, serial: instance.serial, until: 'done' });
    if (instance.fault !== null) return;
    const address = addressOf(v.context, v.state, v.cpu, k)!;
    for (let j = 0; j < k; j++) {
      const older = window[j]!;
      if (older.synchronises || !walkIsOpen(v, j)) continue;
      const other = addressOf(v.context, v.state, v.cpu, j);
      if (other !== null && other % 4096 !== address % 4096) continue;
      found.set(`${older.serial} translated`, { cpu: v.cpu, serial: older.serial, until: 'translated' });
    }
  });
  return [...found.values()];
}

function someTryToRead({ context }: View): boolean {
  return context.program.cpus.some(({ code }) =>
    code.some((i) => i.kind === 'lock' && i.mode === 'shared' && i.taken !== undefined),
  );
}

function lockEffects(v: View, k: number): Effect[] {
  const instance = v.state.cpus[v.cpu]!.window[k]!;
  if (instance.lock !== null) return [];
  const i = instructionOf(v.context, v.cpu, instance);
  if (i.kind === 'unlock') {
    if (!mayWrite(v, k)) return [];
    return [
      {
        name: 'release',
        apply: (state) => {
          state.cpus[v.cpu]!.window[k]!.lock = 'done';
          const { exclusive, holders, queue } = state.locks[i.lock]!;
          const mine = holders.indexOf(v.cpu);
          const left = holders.filter((_, n) => n !== mine);
          state.locks[i.lock] = { exclusive: exclusive && left.length > 0, holders: left, queue };
        },
      },
    ];
  }
  if (i.kind !== 'lock' || !mayRead(v, k) || !mayWrite(v, k)) return [];
  const { holders, queue, exclusive } = v.state.locks[i.lock]!;
  // Who only tries to read does not where a writer waits.
  const free = isFree(v, i) && (i.taken === undefined || i.mode === 'exclusive' || queue.length === 0);
  if (!free && i.taken === undefined) {
    if (i.mode === 'shared' || queue.includes(v.cpu) || !someTryToRead(v)) return [];
    const join = (state: TwinState): void => {
      state.locks[i.lock] = { exclusive, holders, queue: [...queue, v.cpu].sort() };
    };
    return [{ name: 'join the queue of the lock', apply: join }];
  }
  return [
    {
      name: free ? 'take the lock' : 'the lock is taken',
      apply: (state) => {
        state.cpus[v.cpu]!.window[k]!.lock = free ? 'done' : 'failed';
        if (!free) return;
        const left = i.mode === 'exclusive' ? queue.filter((cpu) => cpu !== v.cpu) : queue;
        state.locks[i.lock] = { exclusive: i.mode === 'exclusive', holders: [...holders, v.cpu].sort(), queue: left };
      },
    },
  ];
}
