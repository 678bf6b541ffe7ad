/**
 * Why an entry was not broken and made properly: what the CPU that wrote it did, in program order, through the automaton of
 * break-before-make, which names the steps that are missing and the place where they belong.
 */

import type { Happening, Trace } from '../../simulator/explore/trace';
import { type DescriptorFormat, decodeDescriptor } from '../../simulator/machine/descriptor';
import {
  type Entry,
  type EntryEvent,
  type EntryFinding,
  type EntryState,
  type Flush,
  missingSteps,
  settledEntry,
  stepEntry,
} from '../../simulator/machine/entryProtocol';
import type { Event } from '../../simulator/machine/events';
import type { Level } from '../../simulator/machine/granule';
import type { CellPlace } from '../../simulator/machine/learned';
import type { Operand, Program, Site, TlbiInstruction } from '../../simulator/machine/program';
import type { TlbiReach } from '../../simulator/machine/tlbiReach';

export interface BrokenSequence {
  readonly finding: EntryFinding;
  /** The site of what a missing step belongs before; undefined for the end of the program. */
  siteOf(at: number): Site | undefined;
}

/** Findings that come of a change that was not made properly. */
const explained: ReadonlySet<string> = new Set([
  'bbm',
  'unpredictable',
  'oops-TLB-conflict',
  'stale-read',
  'lost-update',
  'use-after-free',
  'freed-page-reachable',
]);

/** Undefined for what is no finding about a descriptor, and when the steps of those who wrote it are in order. */
export function brokenSequenceOf(
  program: Program,
  format: DescriptorFormat,
  trace: Trace,
  event: Event,
): BrokenSequence | undefined {
  if (!explained.has(event.outcome)) return undefined;
  for (const { descriptor, place } of changedEntries(trace, event)) {
    const cpu = writerOf(trace, event, descriptor);
    const changed: Changed = {
      descriptor,
      place,
      below: belowOf(trace, event, place),
      // A block and a table that do not map the same are told when the one takes the place of the other.
      sameMapping: !wasTold(trace, descriptor),
    };
    const found = cpu === undefined ? undefined : missingOf(program, format, trace, cpu, changed);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface ChangedEntry {
  readonly descriptor: bigint;
  readonly place: CellPlace;
}

/** What is known of a descriptor whose steps are looked at. */
interface Changed extends ChangedEntry {
  /** The descriptors of lower levels for the address of the event. */
  readonly below: ReadonlySet<bigint>;
  readonly sameMapping: boolean;
}

function belowOf({ initial }: Trace, { address }: Event, { level }: CellPlace): ReadonlySet<bigint> {
  const isBelow = (one: CellPlace) =>
    one.level > level && address !== undefined && one.base <= address && address < one.base + one.bytes;
  return new Set(
    initial.descriptors.filter(({ places }) => places.some(isBelow)).map(({ physicalAddress }) => physicalAddress),
  );
}

function wasTold(trace: Trace, descriptor: bigint): boolean {
  return [trace.events, ...trace.steps.map(({ events }) => events)].some((events) =>
    events.some((one) => one.outcome === 'bbm' && one.descriptor === descriptor),
  );
}

/** The descriptor that an event is about, or those on the way to its address. */
function changedEntries({ initial }: Trace, { descriptor, address, level }: Event): readonly ChangedEntry[] {
  return initial.descriptors.flatMap(({ physicalAddress, places }): ChangedEntry[] => {
    if (descriptor !== undefined) {
      const place = places.find((one) => one.level === level) ?? places[0];
      return physicalAddress === descriptor && place !== undefined ? [{ descriptor, place }] : [];
    }
    const place = places.find(({ base, bytes }) => address !== undefined && base <= address && address < base + bytes);
    return place === undefined ? [] : [{ descriptor: physicalAddress, place }];
  });
}

/** Who left out a step: the CPU that the machine blames, or the only one that wrote the descriptor. */
function writerOf(trace: Trace, { outcome, cpu }: Event, descriptor: bigint): number | undefined {
  if (outcome === 'bbm') return cpu;
  const happened = [...trace.happened, ...trace.steps.flatMap((step) => step.happened)];
  const writers = new Set(happened.filter((h) => h.what === 'write' && h.word === descriptor).map((h) => h.cpu));
  return writers.size === 1 ? [...writers][0] : undefined;
}

function missingOf(
  program: Program,
  format: DescriptorFormat,
  trace: Trace,
  cpu: number,
  changed: Changed,
): BrokenSequence | undefined {
  const { descriptor, place } = changed;
  const entry = entryOf(program, format, cpu, place);
  if (entry === undefined) return undefined;
  const order = programOrder(trace, cpu);
  let state = settledEntry(program.initialWord(descriptor));
  let last: EntryFinding | undefined;
  order.forEach((step, at) => {
    if (state.flush !== null && shows(step, changed)) last = staysBeside(entry, state.flush, at);
    const happened = eventOf(step, at, cpu, changed);
    if (happened === undefined || (happened.kind === 'release' && !isOfOld(entry, state, step))) return;
    const next = stepEntry(entry, state, happened);
    state = next.state;
    if (next.finding !== undefined && next.finding.kind !== 'unlockInWindow') last = next.finding;
  });
  if (last === undefined || last.missing.length === 0) return undefined;
  return { finding: last, siteOf: (at) => order[at]?.instruction?.site };
}

/** A step that makes an entry below valid: what is still in TLBs of the one above lives beside it. */
function shows({ effects }: Fetched, { below }: Changed): boolean {
  return effects.some(
    ({ what, word, value }) =>
      what === 'write' && word !== undefined && below.has(word) && value !== undefined && (value & 1n) !== 0n,
  );
}

function staysBeside(entry: Entry, flush: Flush, at: number): EntryFinding {
  const old = flush.cached[0] as bigint;
  return { kind: 'makeTooEarly', at, since: flush.since, old, missing: missingSteps(entry, flush, at) };
}

/** Whether what is freed is what an old value of the entry still leads to. */
function isOfOld({ format, place }: Entry, { flush }: EntryState, { instruction }: Fetched): boolean {
  const page = instruction?.kind === 'free' ? valueOfOperand(instruction.address) : undefined;
  return (flush?.cached ?? []).some((value) => {
    const old = decodeDescriptor(format, place.level, value);
    if (old.kind === 'table') return old.nextTable === page;
    return old.kind === 'leaf' && page !== undefined && old.outputAddress === page;
  });
}

function entryOf(program: Program, format: DescriptorFormat, cpu: number, place: CellPlace): Entry | undefined {
  const { hardwareAccessFlag, hardwareDirtyState } = program.cpus[cpu] ?? {};
  if (hardwareAccessFlag === undefined || hardwareDirtyState === undefined) return undefined;
  return {
    place: {
      stage: 1,
      regime: 'el1',
      level: place.level as Level,
      first: place.base,
      last: place.base + place.bytes - 1n,
    },
    format,
    bbm: program.switches.bbm,
    hardwareAccessFlag,
    hardwareDirty: hardwareDirtyState,
  };
}

/** An instruction that a CPU fetched, with what became of it. */
type Fetched = Happening & { readonly effects: readonly Happening[] };

/** What a CPU fetched, in order, each with the effects that it had until it was fetched again. */
function programOrder(trace: Trace, cpu: number): readonly Fetched[] {
  const all = [...trace.happened, ...trace.steps.flatMap((step) => step.happened)].filter((h) => h.cpu === cpu);
  const order: { readonly fetch: Happening; readonly effects: Happening[] }[] = [];
  const newest = new Map<number, Happening[]>();
  for (const h of all) {
    if (h.what === 'fetch') {
      const effects: Happening[] = [];
      newest.set(h.at, effects);
      order.push({ fetch: h, effects });
    } else newest.get(h.at)?.push(h);
  }
  return order.map(({ fetch, effects }) => ({ ...fetch, effects }));
}

function eventOf(
  { instruction, effects }: Fetched,
  at: number,
  cpu: number,
  { descriptor, sameMapping }: Changed,
): EntryEvent | undefined {
  switch (instruction?.kind) {
    case 'access': {
      const write = effects.find((h) => h.what === 'write' && h.word === descriptor);
      if (write?.value === undefined) return undefined;
      const compared = instruction.operation === 'compareAndSwap';
      return { kind: 'write', at, cpu, value: write.value, compared, ...(sameMapping ? { sameMapping } : {}) };
    }
    case 'dsb':
      return { kind: 'dsb', at, cpu, domain: instruction.domain, type: instruction.type };
    case 'tlbi': {
      const effect = effects.find((h) => h.what === 'tlbi');
      const first = valueOfOperand(instruction.operand) ?? effect?.word;
      const last = valueOfOperand(instruction.lastOperand) ?? effect?.value ?? first;
      if (instruction.scope !== 'all' && (first === undefined || last === undefined)) return undefined;
      return { kind: 'tlbi', at, cpu, reach: reachOf(instruction, first ?? 0n, last ?? 0n) };
    }
    case 'isb':
      return { kind: 'isb', at, cpu };
    case 'free':
      return { kind: 'release', at, cpu };
    default:
      return undefined;
  }
}

function valueOfOperand(operand: Operand | undefined): bigint | undefined {
  return operand?.kind === 'value' ? operand.value : undefined;
}

/** The pages of a TLBI as addresses: bits 43:0 of its operands are VA[55:12]. */
function reachOf(instruction: TlbiInstruction, firstPage: bigint, lastPage: bigint): TlbiReach {
  const address = (page: bigint) => BigInt.asUintN(64, BigInt.asIntN(56, (page & ((1n << 44n) - 1n)) << 12n));
  const first = address(firstPage);
  const last = (instruction.scope === 'range' ? address(lastPage) : first) + 0xfffn;
  return {
    regime: 'el1',
    invalidates: 'stage1',
    ...(instruction.scope === 'all' ? {} : { addresses: { first, last } }),
    leafOnly: instruction.leafOnly && instruction.scope !== 'all',
    broadcast: instruction.innerShareable,
    ...(instruction.level === undefined ? {} : { level: instruction.level }),
  };
}
