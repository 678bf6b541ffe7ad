/**
 * The barriers and TLBIs between the break and the make of an entry (RDDMVT), and how events count as them. Beside what was
 * really done it follows what would have been done had the missing steps been there, to name those and their place.
 */

import type { BarrierType, Domain } from './program';
import { type CachedKind, type EntryPlace, type TlbiReach, type TlbiShortfall, tlbiShortfall } from './tlbiReach';

/** The steps of the sequence, as a user is told of them. */
export type ProtocolStep =
  | 'invalid value'
  | 'dsb(ishst) before the TLBI'
  | 'TLBI'
  | 'broadcast TLBI'
  | 'TLBI of all levels'
  | 'TLBI with the right level hint'
  | 'TLBI that covers the entry'
  | 'TLBI of stage 2'
  | 'dsb(ish) between the TLBIs'
  | 'TLBI of stage 1'
  | 'dsb(ish) after the TLBI';

export type BarrierShortfall = 'nonShareable' | 'loadsOnly' | 'storesOnly';
export type Shortfall = TlbiShortfall | BarrierShortfall;

export interface MissingStep {
  readonly step: ProtocolStep;
  /** The event before which the step belongs. */
  readonly before: number;
  /** Set when that event was meant to be the step: why it is not. */
  readonly because?: Shortfall;
}

export type FlushEvent = { readonly at: number } & (
  | { readonly kind: 'dsb'; readonly domain: Domain; readonly type: BarrierType }
  | { readonly kind: 'tlbi'; readonly reach: TlbiReach }
);

/** How far a flush would be, with the steps that are missing so far filled in. */
export interface AssumedProgress {
  readonly done: number;
  readonly missing: readonly MissingStep[];
  /** Before a TLBI was taken to be forgotten between two DSBs: if one comes after all, it was not forgotten there. */
  readonly tentative?: AssumedProgress;
}

type SequenceStep =
  | { readonly kind: 'dsb'; readonly waitsFor: 'stores' | 'tlbi'; readonly name: ProtocolStep }
  | { readonly kind: 'tlbi'; readonly of: 'stage1' | 'stage2'; readonly name: ProtocolStep };

const firstDsb: SequenceStep = { kind: 'dsb', waitsFor: 'stores', name: 'dsb(ishst) before the TLBI' };
const lastDsb: SequenceStep = { kind: 'dsb', waitsFor: 'tlbi', name: 'dsb(ish) after the TLBI' };

/**
 * One sequence for each stage. TLBs may hold stage 1 and stage 2 combined, so a stage 2 entry that is invalidated by address
 * needs a second TLBI, of stage 1; a TLBI of both stages does the work of the two and of the DSB between them.
 */
const sequences: Readonly<Record<1 | 2, readonly SequenceStep[]>> = {
  1: [firstDsb, { kind: 'tlbi', of: 'stage1', name: 'TLBI' }, lastDsb],
  2: [
    firstDsb,
    { kind: 'tlbi', of: 'stage2', name: 'TLBI of stage 2' },
    { kind: 'dsb', waitsFor: 'tlbi', name: 'dsb(ish) between the TLBIs' },
    { kind: 'tlbi', of: 'stage1', name: 'TLBI of stage 1' },
    lastDsb,
  ],
};

/** How many steps a flush of an entry of this stage has. */
export function sequenceLength(stage: 1 | 2): number {
  return sequences[stage].length;
}

/** What is left, in the fewest steps. */
export function remainingSteps(stage: 1 | 2, done: number): readonly ProtocolStep[] {
  const sequence = sequences[stage];
  const rest = sequence.slice(done).map((step) => step.name);
  const oneTlbiIsEnough = stage === 2 && done < 2;
  return oneTlbiIsEnough ? [...rest.slice(0, 1 - done), 'TLBI', lastDsb.name] : rest;
}

/** The number of steps done after the event. What comes too early or is too weak does not count. */
export function advance(place: EntryPlace, cached: CachedKind, done: number, event: FlushEvent): number {
  const step = sequences[place.stage][done];
  if (step === undefined || step.kind !== event.kind || (done === 1 && isStage1Only(place, event))) return done;
  return shortfallOf(step, place, cached, event) === undefined ? done + stepsOf(place, done, event) : done;
}

/** The same, where a step that is missing before the event, or that the event fails to be, is filled in and noted. */
export function assume(
  place: EntryPlace,
  cached: CachedKind,
  progress: AssumedProgress,
  event: FlushEvent,
): AssumedProgress {
  const { done, missing, tentative } = progress;
  const skipsStage2 = isStage1Only(place, event);
  if (tentative && event.kind === 'tlbi') {
    const forgotten: MissingStep = { step: 'TLBI of stage 2', before: missing.at(-1)!.before };
    const between = tentative.done === 1 && skipsStage2 ? filledIn(tentative, 3, forgotten) : tentative;
    return assume(place, cached, between, event);
  }
  const sequence = sequences[place.stage];
  const step = sequence[done];
  if (step === undefined) return progress;
  if (done === 1 && skipsStage2) {
    const both = sequence.slice(1, 3).map(({ name }): MissingStep => ({ step: name, before: event.at }));
    return assume(place, cached, filledIn(progress, 3, ...both), event);
  }
  if (step.kind === event.kind) {
    const because = shortfallOf(step, place, cached, event);
    const noted: MissingStep[] = because ? [{ step: nameFor(step, because), before: event.at, because }] : [];
    return filledIn(progress, done + stepsOf(place, done, event), ...noted);
  }
  if (event.kind === 'tlbi') {
    // A further TLBI, after the last one, needs no barrier between; one for something else is not this entry's at all.
    const isLast = done === sequence.length - 1;
    if (isLast || isElsewhere(tlbiShortfall(event.reach, place, cached))) return progress;
    return assume(place, cached, filledIn(progress, done + 1, { step: step.name, before: event.at }), event);
  }
  // A second DSB where the TLBI should be: the TLBI between the two is what was forgotten.
  if (barrierShortfall('tlbi', event) !== undefined) return progress;
  const forgotten: MissingStep = { step: done === 1 ? 'TLBI' : step.name, before: event.at };
  return { ...filledIn(progress, sequence.length, forgotten), tentative: progress };
}

function filledIn({ missing }: AssumedProgress, done: number, ...steps: readonly MissingStep[]): AssumedProgress {
  return { done, missing: [...missing, ...steps] };
}

/** A TLBI that would be right for a stage 2 entry had stage 2 been invalidated before. */
function isStage1Only(place: EntryPlace, event: FlushEvent): boolean {
  return place.stage === 2 && event.kind === 'tlbi' && event.reach.invalidates === 'stage1';
}

/** How many steps an event is worth that is the next step, or was meant to be: a TLBI of both stages skips two. */
function stepsOf(place: EntryPlace, done: number, event: FlushEvent): number {
  return place.stage === 2 && done === 1 && event.kind === 'tlbi' && event.reach.invalidates === 'both' ? 3 : 1;
}

function shortfallOf(
  step: SequenceStep,
  place: EntryPlace,
  cached: CachedKind,
  event: FlushEvent,
): Shortfall | undefined {
  if (step.kind === 'dsb') return event.kind === 'dsb' ? barrierShortfall(step.waitsFor, event) : undefined;
  if (event.kind !== 'tlbi') return undefined;
  if (place.stage === 1) {
    return event.reach.invalidates === 'stage2' ? 'otherRegime' : tlbiShortfall(event.reach, place, cached);
  }
  if (step.of === 'stage2') return tlbiShortfall(event.reach, place, cached);
  // Which virtual addresses led to the entry is not known, so stage 1 must be invalidated for all of them.
  if (event.reach.invalidates === 'stage2' || event.reach.addresses || event.reach.leafOnly) return 'otherAddresses';
  return tlbiShortfall(event.reach, place, cached);
}

/** Stores are complete for all CPUs, or TLBIs are, only once the right DSB is. */
function barrierShortfall(
  waitsFor: 'stores' | 'tlbi',
  { domain, type }: { readonly domain: Domain; readonly type: BarrierType },
): BarrierShortfall | undefined {
  if (type === 'load') return 'loadsOnly';
  if (type === 'store' && waitsFor === 'tlbi') return 'storesOnly';
  return domain === 'nonShareable' ? 'nonShareable' : undefined;
}

function nameFor(step: SequenceStep, because: Shortfall): ProtocolStep {
  switch (because) {
    case 'notBroadcast':
      return 'broadcast TLBI';
    case 'leafOnly':
      return 'TLBI of all levels';
    case 'otherLevel':
      return 'TLBI with the right level hint';
    case 'otherRegime':
    case 'otherVmid':
    case 'otherAsid':
    case 'otherAddresses':
      return step.name === 'TLBI' ? 'TLBI that covers the entry' : step.name;
    case 'nonShareable':
    case 'loadsOnly':
    case 'storesOnly':
      return step.name;
  }
}

function isElsewhere(shortfall: TlbiShortfall | undefined): boolean {
  return shortfall === 'otherRegime' || shortfall === 'otherVmid' || shortfall === 'otherAddresses';
}
