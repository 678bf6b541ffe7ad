/**
 * Break-before-make of one translation table entry, as an automaton over what happens to it: writes, barriers, TLBIs.
 * An entry is valid; or invalid while TLBs may still hold what it was (unclean: unguarded, then past the first DSB, then
 * past the TLBI); or invalid and clean. The sequence is RDDMVT of the Arm ARM; what may be cached is RRVJDB and IWZCBG.
 *
 * It serves whoever has events in an order: a recorded trace, or one CPU's program text. It explores nothing.
 */

import { type DescriptorFormat, decodeDescriptor } from './descriptor';
import { type ClassifiedChange, classifyChange, isValid } from './descriptorChange';
import {
  type AssumedProgress,
  advance,
  assume,
  type FlushEvent,
  type MissingStep,
  remainingSteps,
  sequenceLength,
} from './flushSequence';
import type { BarrierType, BbmLevel, Domain } from './program';
import type { CachedKind, EntryPlace, TlbiReach } from './tlbiReach';

/** What stays the same for an entry. */
export interface Entry {
  readonly place: EntryPlace;
  readonly format: DescriptorFormat;
  readonly bbm: BbmLevel;
  /** The hardware sets the access flag (TCR.HA): an entry with a clear one may be cached at any time all the same. */
  readonly hardwareAccessFlag: boolean;
  readonly hardwareDirty: boolean;
}

interface Happened {
  /** Names the event to the caller: a record, a statement, a line. */
  readonly at: number;
  readonly cpu: number;
}

export type EntryEvent = Happened &
  (
    | {
        readonly kind: 'write';
        readonly value: bigint;
        /** See `ChangeContext`. */
        readonly sameContents?: boolean;
        readonly sameMapping?: boolean;
        /** A compare-and-swap: the hardware did not set the access flag in between. */
        readonly compared?: boolean;
      }
    | { readonly kind: 'dsb'; readonly domain: Domain; readonly type: BarrierType }
    | { readonly kind: 'tlbi'; readonly reach: TlbiReach }
    | { readonly kind: 'isb' }
    /** Of the lock that guards the entry. */
    | { readonly kind: 'lock' }
    | { readonly kind: 'unlock' }
    /** The page that holds the entry, or the one that it pointed to, is given to somebody else. */
    | { readonly kind: 'release' }
  );

/** What remains to be done before no TLB holds an old value. */
export interface Flush {
  /** The CPU whose barriers and TLBIs count. */
  readonly cpu: number;
  /** The event that made the first of the cached values an old one. */
  readonly since: number;
  /** Old values that TLBs may hold: at most `MAX_CACHED_VALUES`. */
  readonly cached: readonly bigint[];
  /** How many steps of the sequence are done (`flushSequence.ts`). */
  readonly done: number;
  readonly assumed: AssumedProgress;
  /** That CPU has released the lock since: the next one to take it carries on. */
  readonly handedOver: boolean;
}

/** A new valid value that the writing CPU itself may not use yet: it needs DSB, then ISB (IWZCBG). */
export interface Unpublished {
  readonly cpu: number;
  readonly since: number;
  readonly next: 'dsb(ishst)' | 'isb';
}

export interface EntryState {
  /** What memory holds. */
  readonly value: bigint;
  readonly flush: Flush | null;
  readonly unpublished: Unpublished | null;
}

export interface EntryFinding {
  /**
   * `noBreak`: a valid value over a valid one, where break-before-make is needed. `makeTooEarly`: the new value is written while
   * TLBs may hold a conflicting one. `releaseTooEarly`: they may still use what is given away. `unlockInWindow`: the entry is
   * broken and not flushed when the lock is released (a handler or another CPU that takes it finds it so).
   */
  readonly kind: 'noBreak' | 'makeTooEarly' | 'releaseTooEarly' | 'unlockInWindow';
  readonly at: number;
  /** The event that made the conflicting value an old one; for `noBreak` the same as `at`. */
  readonly since: number;
  /** The value that TLBs may hold. */
  readonly old: bigint;
  /** Why old and new may not both be usable; for the makes. */
  readonly change?: ClassifiedChange;
  /** In order. */
  readonly missing: readonly MissingStep[];
}

export interface EntryStep {
  readonly state: EntryState;
  readonly finding?: EntryFinding;
}

/** More old values than this in one unfinished flush are not told apart: the oldest stay. */
export const MAX_CACHED_VALUES = 8;

/** An entry of which no TLB holds anything but its present value. */
export function settledEntry(value: bigint): EntryState {
  return { value, flush: null, unpublished: null };
}

export type EntryPhase = 'valid' | 'unguarded' | 'dsbed' | 'tlbied' | 'clean';

/** The state in the words of the automaton; the three middle ones are the unclean ones. */
export function entryPhase(entry: Entry, { value, flush }: EntryState): EntryPhase {
  if (isValid(decode(entry, value))) return 'valid';
  if (flush === null) return 'clean';
  if (flush.done === 0) return 'unguarded';
  return flush.done === sequenceLength(entry.place.stage) - 1 ? 'tlbied' : 'dsbed';
}

/** What happens to the entry, and what is wrong with it, if anything. After a finding on a write it is taken as settled. */
export function stepEntry(entry: Entry, state: EntryState, event: EntryEvent): EntryStep {
  switch (event.kind) {
    case 'write':
      return written(entry, state, event);
    case 'dsb':
      return { state: { ...advanced(entry, state, event), unpublished: published(state, event) } };
    case 'isb':
      return { state: { ...state, unpublished: published(state, event) } };
    case 'tlbi':
      return { state: advanced(entry, state, event) };
    case 'lock':
      return { state: state.flush?.handedOver ? changeFlush(state, { cpu: event.cpu, handedOver: false }) : state };
    case 'unlock':
      return unlocked(entry, state, event);
    case 'release':
      if (state.flush === null) return { state };
      return { state: settledEntry(state.value), finding: unfinished(entry, state.flush, event.at, 'releaseTooEarly') };
  }
}

/** The steps that are still missing before no TLB holds an old value, if they are to be done before the event `before`. */
export function missingSteps(entry: Entry, flush: Flush, before: number): readonly MissingStep[] {
  const rest = (done: number) => remainingSteps(entry.place.stage, done).map((step): MissingStep => ({ step, before }));
  const plain = rest(flush.done);
  const assumed = [...flush.assumed.missing, ...rest(flush.assumed.done)];
  return assumed.length <= plain.length ? assumed : plain;
}

type WriteEvent = Extract<EntryEvent, { kind: 'write' }>;

function written(entry: Entry, state: EntryState, event: WriteEvent): EntryStep {
  const { at, cpu, value } = event;
  const isMake = isValid(decode(entry, value));
  const wasValid = isValid(decode(entry, state.value));
  const unpublished: Unpublished | null = isMake && !wasValid ? { cpu, since: at, next: 'dsb(ishst)' } : null;
  const next: EntryState = { value, flush: state.flush, unpublished };

  const wasCacheable = mayBeCached(entry, state.value, event.compared === true);
  const change = classify(entry, state.value, event);
  if (wasCacheable && change.verdict === 'bbm') {
    const flush = beginFlush(state, event);
    const finding: EntryFinding = {
      kind: 'noBreak',
      at,
      since: at,
      old: state.value,
      change,
      missing: [{ step: 'invalid value', before: at }, ...missingSteps(entry, flush, at)],
    };
    return { state: { ...next, flush: null }, finding };
  }
  if (isMake && state.flush) {
    const old = state.flush.cached.find((cached) => classify(entry, cached, event).verdict === 'bbm');
    if (old !== undefined) {
      const finding = unfinished(entry, state.flush, at, 'makeTooEarly');
      return { state: { ...next, flush: null }, finding: { ...finding, old, change: classify(entry, old, event) } };
    }
  }
  const leavesOld = wasCacheable && change.verdict === 'tlbi';
  return { state: leavesOld ? { ...next, flush: beginFlush(state, event) } : next };
}

function classify(entry: Entry, old: bigint, { value, sameContents, sameMapping }: WriteEvent): ClassifiedChange {
  return classifyChange(old, value, {
    format: entry.format,
    level: entry.place.level,
    stage: entry.place.stage,
    bbm: entry.bbm,
    hardwareDirty: entry.hardwareDirty,
    ...(sameContents === undefined ? {} : { sameContents }),
    ...(sameMapping === undefined ? {} : { sameMapping }),
  });
}

/** The value that is being replaced joins those that TLBs may hold, and the sequence starts again for all of them. */
function beginFlush({ value, flush }: EntryState, { at, cpu }: Happened): Flush {
  const others = flush?.cached.filter((cached) => cached !== value) ?? [];
  return {
    cpu,
    since: flush?.since ?? at,
    cached: [...others, value].slice(0, MAX_CACHED_VALUES),
    done: 0,
    assumed: { done: 0, missing: [] },
    handedOver: false,
  };
}

/** An entry whose access flag is clear is never cached, unless the hardware has set the flag meanwhile. */
function mayBeCached(entry: Entry, value: bigint, compared: boolean): boolean {
  const descriptor = decode(entry, value);
  if (descriptor.kind === 'table') return true;
  return descriptor.kind === 'leaf' && (descriptor.af || (entry.hardwareAccessFlag && !compared));
}

function unlocked(entry: Entry, state: EntryState, { at, cpu }: Happened): EntryStep {
  if (state.flush?.cpu !== cpu) return { state };
  const handedOver = changeFlush(state, { handedOver: true });
  if (isValid(decode(entry, state.value))) return { state: handedOver };
  return { state: handedOver, finding: unfinished(entry, state.flush, at, 'unlockInWindow') };
}

function unfinished(entry: Entry, flush: Flush, at: number, kind: EntryFinding['kind']): EntryFinding {
  return { kind, at, since: flush.since, old: flush.cached[0]!, missing: missingSteps(entry, flush, at) };
}

function published({ unpublished }: EntryState, event: EntryEvent): Unpublished | null {
  if (unpublished === null || unpublished.cpu !== event.cpu) return unpublished;
  if (unpublished.next === 'isb') return event.kind === 'isb' ? null : unpublished;
  const drains = event.kind === 'dsb' && event.type !== 'load';
  return drains ? { ...unpublished, next: 'isb' } : unpublished;
}

/** A barrier or a TLBI moves the flush on, if it is this CPU's; a flush whose last step is done is over. */
function advanced(entry: Entry, state: EntryState, event: FlushEvent & Happened): EntryState {
  const { flush } = state;
  if (flush === null || flush.cpu !== event.cpu) return state;
  const cached = cachedKind(entry, flush);
  const done = advance(entry.place, cached, flush.done, event);
  if (done === sequenceLength(entry.place.stage)) return { ...state, flush: null };
  const assumed = assume(entry.place, cached, flush.assumed, event);
  const overtaken = done >= assumed.done || (done > flush.done && event.kind === 'tlbi');
  return changeFlush(state, { done, assumed: overtaken ? { done, missing: [] } : assumed });
}

function changeFlush(state: EntryState, changes: Partial<Flush>): EntryState {
  return state.flush === null ? state : { ...state, flush: { ...state.flush, ...changes } };
}

/** Only what is both a leaf and non-global in all of the old values is easier to be rid of. */
function cachedKind(entry: Entry, flush: Flush): CachedKind {
  const old = flush.cached.map((value) => decode(entry, value));
  return {
    table: old.some((descriptor) => descriptor.kind === 'table'),
    global: old.some((descriptor) => !(descriptor.kind === 'leaf' && descriptor.nG)),
  };
}

function decode(entry: Entry, value: bigint) {
  return decodeDescriptor(entry.format, entry.place.level, value);
}
