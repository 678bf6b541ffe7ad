/** A state in the user's words: plain data, the only thing that crosses to server, debugger and webview. */

import { faultKind, faultLevel, faultOutcome } from '../machine/faults';
import { CPU, ENTRY, FLAG, NEST, SLOT } from '../machine/layout';
import { FRAME, type Machine } from '../machine/machine';
import type { Site } from '../machine/program';
import type { ValueId } from '../machine/values';
import { endOfCode } from '../steps/exception';
import { isBetweenRounds, isFinished } from '../steps/fetch';
import { holders } from '../steps/lock';

/** A descriptor that changes in the program: its current value, and what each CPU's TLB may still hold of it. */
export interface DescriptorSnapshot {
  readonly physicalAddress: bigint;
  /** Where walks meet it; a table page may be met at several places. */
  readonly places: readonly { readonly level: number; readonly base: bigint; readonly bytes: bigint }[];
  readonly value: bigint;
  /** For each CPU the values that a walk may still use, oldest first; the current one is the last when it is valid. */
  readonly usable: readonly (readonly bigint[])[];
}

export interface WordSnapshot {
  readonly physicalAddress: bigint;
  readonly value: bigint;
}

export interface LockSnapshot {
  readonly name: string;
  readonly heldBy: readonly number[];
}

/** An instruction that is in flight. */
export interface InFlight {
  readonly site: Site;
  readonly at: number;
  /** The instruction's kind, such as access, dsb, tlbi, lock. */
  readonly kind: string;
  readonly state: 'waiting' | 'translated' | 'read' | 'done' | 'faulted';
  readonly address?: bigint;
  readonly physicalAddress?: bigint;
  /** A store's value, known but not yet visible to others. */
  readonly pendingValue?: bigint;
  readonly value?: bigint;
  readonly fault?: string;
}

export interface CpuSnapshot {
  /** Where the CPU will go on fetching; undefined at its end. */
  readonly site?: Site;
  readonly at: number;
  /** `again`: between two rounds of an endless loop. */
  readonly status: 'running' | 'again' | 'finished' | 'dead';
  readonly irqsMasked: boolean;
  readonly nmisMasked: boolean;
  /** Exceptions being handled, innermost last: the access that faulted, or where an interrupt came. */
  readonly exceptions: readonly { readonly site?: Site; readonly esr: bigint; readonly far: bigint }[];
  readonly registers: readonly (bigint | undefined)[];
  readonly inFlight: readonly InFlight[];
}

export interface Snapshot {
  readonly descriptors: readonly DescriptorSnapshot[];
  readonly words: readonly WordSnapshot[];
  readonly locks: readonly LockSnapshot[];
  readonly pages: readonly { readonly physicalAddress: bigint; readonly state: 'in use' | 'free' | 'in use again' }[];
  readonly cpus: readonly CpuSnapshot[];
}

export function snapshot(m: Machine): Snapshot {
  const descriptors: DescriptorSnapshot[] = [];
  const words: WordSnapshot[] = [];
  m.learned.locations.slice(0, m.layout.locations).forEach((word, location) => {
    const physicalAddress = m.values.get(word);
    const value = m.values.get(m.last(location));
    const places = m.learned.cells.get(word);
    if (places === undefined) words.push({ physicalAddress, value });
    else
      descriptors.push({
        physicalAddress,
        places: [...places],
        value,
        usable: m.cpus.map((_, t) => usable(m, t, location, word)),
      });
  });
  return {
    descriptors,
    words,
    locks: m.program.locks.map((l, i) => ({ name: l.name, heldBy: holders(m, i) })),
    pages: m.learned.frames.slice(0, m.layout.frameCount).map((frame, i) => ({
      physicalAddress: m.values.get(frame),
      state: frameState(m.w[m.layout.frames + i] as number),
    })),
    cpus: m.cpus.map((_, t) => cpuSnapshot(m, t)),
  };
}

function frameState(word: number): 'in use' | 'free' | 'in use again' {
  return word === FRAME.FREE ? 'free' : word === FRAME.REUSED || word === FRAME.ZEROED ? 'in use again' : 'in use';
}

/** The values of a descriptor that CPU t may still use. */
export function usable(m: Machine, t: number, location: number, word: ValueId): bigint[] {
  const tables = m.w[m.tableBound(t, location)] as number;
  const leaves = m.w[m.leafBound(t, location)] as number;
  const last = m.historyLength(location) - 1;
  const found: bigint[] = [];
  for (let i = 0; i <= last; i++) {
    const value = m.historyValue(location, i);
    const can = (m.learned.cells.get(word) ?? []).some((p) => {
      const entry = m.entries.describe(value, p.level as -1 | 0 | 1 | 2 | 3);
      return entry.cacheable && (i === last || i >= (entry.kind === 'table' ? tables : leaves));
    });
    const v = m.values.get(value);
    if (can && !found.includes(v)) found.push(v);
  }
  return found;
}

function known(m: Machine, word: number): bigint | undefined {
  return word < 0 ? undefined : m.values.get(word);
}

function cpuSnapshot(m: Machine, t: number): CpuSnapshot {
  const { w } = m;
  const base = m.base(t);
  const at = w[base + CPU.PC] as number;
  const depth = w[base + CPU.DEPTH] as number;
  const siteAt = (ip: number): { site?: Site } =>
    ip < endOfCode(m, t) ? { site: m.compiled(t, ip).instruction.site } : {};
  const masks = w[base + CPU.MASKS] as number;
  return {
    ...siteAt(at),
    at,
    status:
      w[base + CPU.DEAD] !== 0 ? 'dead' : !isFinished(m, t) ? 'running' : isBetweenRounds(m, t) ? 'again' : 'finished',
    irqsMasked: (masks & 1) !== 0,
    nmisMasked: (masks & 2) !== 0,
    exceptions: Array.from({ length: depth }, (_, d) => {
      const nest = m.nest(t, d + 1);
      return {
        ...siteAt(w[nest + NEST.ELR] as number),
        esr: m.values.get(w[nest + NEST.ESR] as number),
        far: m.values.get(w[nest + NEST.FAR] as number),
      };
    }),
    registers: Array.from({ length: m.layout.registerCount[t] as number }, (_, r) =>
      known(m, w[m.register(t, r)] as number),
    ),
    inFlight: Array.from({ length: m.count(t) }, (_, k) => inFlight(m, t, k)),
  };
}

function inFlight(m: Machine, t: number, k: number): InFlight {
  const { w } = m;
  const slot = m.slot(t, k);
  const at = w[slot + SLOT.IP] as number;
  const c = m.compiled(t, at);
  const flags = w[slot + SLOT.FLAGS] as number;
  const isAccess = w[slot + SLOT.KIND] === ENTRY.ACCESS;
  const va = w[slot + SLOT.VA] as number;
  const physical = w[slot + SLOT.PA] as number;
  const done = (flags & (FLAG.READ | FLAG.WRITTEN)) === (FLAG.READ | FLAG.WRITTEN) || (flags & FLAG.DONE) !== 0;
  const state =
    (flags & FLAG.FAULTED) !== 0
      ? 'faulted'
      : done
        ? 'done'
        : c.reads && (flags & FLAG.READ) !== 0
          ? 'read'
          : isAccess && (flags & FLAG.WALKED) !== 0
            ? 'translated'
            : 'waiting';
  const pending =
    isAccess && c.writes && (flags & FLAG.WRITTEN) === 0 ? known(m, w[slot + SLOT.C] as number) : undefined;
  const value = c.reads && (flags & FLAG.READ) !== 0 ? known(m, w[slot + SLOT.READ_VALUE] as number) : undefined;
  const fault = w[slot + SLOT.FAULT] as number;
  return {
    site: c.instruction.site,
    at,
    kind: c.instruction.kind,
    state,
    ...(va === 0 ? {} : { address: m.values.get(va - 1) }),
    ...(physical === 0 ? {} : { physicalAddress: m.values.get(physical - 1) }),
    ...(pending === undefined ? {} : { pendingValue: pending }),
    ...(value === undefined ? {} : { value }),
    ...(state === 'faulted' ? { fault: `${faultOutcome(faultKind(fault))} at L${faultLevel(fault)}` } : {}),
  };
}
