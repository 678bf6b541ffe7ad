/** The effects of instructions, one step each: what may happen now, and the state after it. */

import type { AccessInstruction, TlbiInstruction } from '../../../simulator/machine/program';
import { bytesAt, cellOf, meaning, regionAt } from './descriptor';
import { faultStatus, takeFault } from './fetch';
import { current, store, version } from './memory';
import {
  mayFault,
  mayInvalidate,
  mayRead,
  mayWalk,
  mayWrite,
  readIsOpen,
  type View,
  walkIsOpen,
  writeIsOpen,
} from './order';
import { direct, reads, writes } from './program';
import type { Await, Fault, Region, Source, TwinState, Word } from './state';
import { contains, hex, overlaps, reachOf, removes, translate, walkPlaces } from './tlb';
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
      return [...walkEffects(v, k), ...readEffects(v, k), ...writeEffects(v, k)];
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
  if (direct(v.context.program, address) !== undefined) return [];
  if (!v.context.pages[v.cpu]!.includes(address - (address % 4096))) throw new Error('a page that is not listed');
  const i = instructionOf(v.context, v.cpu, v.state.cpus[v.cpu]!.window[k]!);
  const isWrite = i.kind === 'translate' ? i.write : writes(i);
  const effects: Effect[] = [];
  for (const e of v.state.cpus[v.cpu]!.tlb) {
    if (e.kind !== 'leaf' || !contains(e, address)) continue;
    if (isWrite && e.readOnly)
      effects.push(...faultEffects(v, k, { kind: 'permission', level: e.level, base: e.base, bytes: e.bytes }));
    else effects.push(translated(v, k, translate(e, address), e));
  }
  for (const place of walkPlaces(v.context, v.state, v.cpu, address)) {
    const { level } = place;
    const what = meaning(current(v.context, v.state, cellOf(place.table, level, address)), level);
    const region = regionAt(level, address);
    if (what.kind === 'invalid') effects.push(...faultEffects(v, k, { kind: 'translation', level, ...region }));
    if (what.kind === 'leaf' && !what.accessFlag)
      effects.push(...faultEffects(v, k, { kind: 'access-flag', level, ...region }));
  }
  return effects;
}

function translated(v: View, k: number, physical: Word, { base, bytes }: { base: Word; bytes: Word }): Effect {
  const isAt = instructionOf(v.context, v.cpu, v.state.cpus[v.cpu]!.window[k]!).kind === 'translate';
  return {
    name: `walk to ${hex(physical)}`,
    apply: (state) => {
      const instance = state.cpus[v.cpu]!.window[k]!;
      if (isAt) {
        instance.answer = physical - (physical % 4096);
        return;
      }
      instance.physical = physical;
      instance.translation = { base, bytes };
    },
  };
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
    const value = valueToWrite(v.context, v.state, v.cpu, j);
    if (value !== null) effects.push(readEffect(v, k, value, { store: older.serial }));
  }
  return effects.flat();
}

function readEffect(v: View, k: number, value: Word, source: Source): Effect[] {
  const i = instructionOf(v.context, v.cpu, v.state.cpus[v.cpu]!.window[k]!);
  let fails = false;
  if (i.kind === 'wait') {
    const awaited = operandValue(v.context, v.state, v.cpu, k, i.value);
    if (awaited === null || (value === awaited) !== (i.comparison === 'equal')) return [];
  }
  if (i.kind === 'access' && i.operation === 'compareAndSwap') {
    const expected = operandValue(v.context, v.state, v.cpu, k, i.compare!);
    if (expected === null) return [];
    fails = value !== expected;
  }
  const from = 'store' in source ? ', from its own store' : '';
  return [
    {
      name: `read ${hex(value)}${from}`,
      apply: (state) => {
        const instance = state.cpus[v.cpu]!.window[k]!;
        instance.read = { value, source };
        if (fails) instance.written = 0;
      },
    },
  ];
}

function writeEffects(v: View, k: number): Effect[] {
  const { window } = v.state.cpus[v.cpu]!;
  const instance = window[k]!;
  const { physical } = instance;
  const i = instructionOf(v.context, v.cpu, instance) as AccessInstruction;
  if (physical === null || !writeIsOpen(v, k) || readIsOpen(v, k) || !mayWrite(v, k)) return [];
  const value = valueToWrite(v.context, v.state, v.cpu, k);
  if (value === null) return [];
  if (i.access === 'atomic') {
    // Nobody has written between the read and the write of an atomic.
    const source = instance.read!.source;
    if (!('version' in source) || source.version !== version(v.state, physical)) return [];
  }
  return [
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

/**
 * TLB maintenance happens at one moment; that it has happened is sure only after a DSB (Arm ARM: completion of TLB
 * maintenance), so it may also fail to happen, here or elsewhere, and a later DSB that asks for it is then never over.
 */
function tlbiEffects(v: View, k: number, i: TlbiInstruction): Effect[] {
  const { performed: before } = v.state.cpus[v.cpu]!.window[k]!;
  if ((before !== null && before !== 'later') || !mayInvalidate(v, k)) return [];
  const operands = [i.operand, i.lastOperand].map((o) =>
    o === undefined ? 0 : operandValue(v.context, v.state, v.cpu, k, o),
  );
  const [first, last] = operands;
  if (first === null || first === undefined || last === null || last === undefined) return [];
  const reach = reachOf(i, first, last);
  const all = v.state.cpus.map((_, u) => u);
  const others = all.filter((u) => u !== v.cpu);
  const choices: [performed: 'everywhere' | 'later' | 'own' | 'nowhere', cpus: readonly number[]][] = [];
  if (before === 'later') choices.push(['everywhere', others]);
  else {
    if (i.innerShareable) choices.push(['everywhere', all]);
    // Only a non-shareable DSB, which waits for its own CPU alone, can tell two moments from one.
    if (i.innerShareable && hasLocalDsb(v)) choices.push(['later', [v.cpu]]);
    choices.push(['own', [v.cpu]], ['nowhere', []]);
  }
  return choices.map(([performed, cpus]) => ({
    name: `invalidate ${performed}`,
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
    if (instance.synchronises || used === null || !overlaps(reach, used)) return;
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
          const { exclusive, holders } = state.locks[i.lock]!;
          const left = holders.filter((u) => u !== v.cpu);
          state.locks[i.lock] = { exclusive: exclusive && left.length > 0, holders: left };
        },
      },
    ];
  }
  if (i.kind !== 'lock' || !mayRead(v, k) || !mayWrite(v, k)) return [];
  const { exclusive, holders } = v.state.locks[i.lock]!;
  const free = holders.length === 0 || (i.mode === 'shared' && !exclusive && !holders.includes(v.cpu));
  if (!free && i.taken === undefined) return [];
  return [
    {
      name: free ? 'take the lock' : 'the lock is taken',
      apply: (state) => {
        state.cpus[v.cpu]!.window[k]!.lock = free ? 'done' : 'failed';
        if (!free) return;
        state.locks[i.lock] = { exclusive: i.mode === 'exclusive', holders: [...holders, v.cpu].sort() };
      },
    },
  ];
}
