/** Flushes that are missing or incomplete, one problem for each step that is not there, over all codes of a scenario. */

import { decodeDescriptor, descriptorBit } from '../../simulator/machine/descriptor';
import type { ClassifiedChange } from '../../simulator/machine/descriptorChange';
import type { MissingStep } from '../../simulator/machine/flushSequence';
import type { CodeIndex } from '../../simulator/machine/program';
import { userPlace } from '../language/elaborate/sites';
import { placeAt, type RuleScenario, siteAt } from './scenario';
import type { EntryAt } from './walk/observation';
import type { Walk } from './walk/walker';

/** What may come of an old translation beside a new one. */
export const outcomesOfOldTranslation: readonly string[] = [
  'bbm',
  'unpredictable',
  'oops-TLB-conflict',
  'stale-read',
  'lost-update',
];

/** What a missing step amounts to: which rule speaks. */
export type FlushFault =
  | 'noTlbi'
  | 'storeNotVisible'
  | 'notComplete'
  | 'local'
  | 'leafOnly'
  | 'level'
  | 'rangeTooNarrow'
  | 'missesEntry'
  | 'freedFirst';

export interface FlushProblem extends EntryAt {
  readonly walk: Walk;
  /** The change whose old value TLBs may still hold. */
  readonly since: CodeIndex;
  /** Where that does harm: the make, the free, or the end of the code. */
  readonly at: CodeIndex;
  readonly because: 'make' | 'release' | 'never';
  readonly old: bigint;
  readonly change?: ClassifiedChange;
  readonly missing: readonly MissingStep[];
  /** A TLBI for the entry that came before the change. */
  readonly earlierTlbi?: CodeIndex;
}

export interface StepProblem extends FlushProblem {
  readonly fault: FlushFault;
  readonly step: MissingStep;
}

/** All problems, those of one change at one place once. */
export function stepProblems(scenario: RuleScenario): readonly StepProblem[] {
  const all = scenario.walks.flatMap((walk) =>
    flushProblems(walk).flatMap((problem) => firstOfEachCall(scenario, stepsOf(scenario, problem))),
  );
  const freedFirst = all.filter(({ fault }) => fault === 'freedFirst');
  // A page that is freed before the flush says it all, when the flush never comes.
  return all.filter(
    (one) =>
      one.fault !== 'noTlbi' ||
      one.because !== 'never' ||
      !freedFirst.some(({ walk, word, since }) => walk === one.walk && word === one.word && since === one.since),
  );
}

function flushProblems(walk: Walk): readonly FlushProblem[] {
  return walk.observations.flatMap((one): FlushProblem[] => {
    if (one.kind === 'unflushed') {
      const { word, entry, since, at, old, value, missing } = one;
      // What was broken and made again as it was has nothing old, nor has another size of the same mapping.
      if (old === value || changesSize(one) || onlyMadeOld(one)) return [];
      return [{ walk, word, entry, since, at, because: 'never', old, missing, ...earlier(one) }];
    }
    if (one.kind !== 'protocol' || one.finding.kind === 'noBreak' || one.finding.kind === 'unlockInWindow') return [];
    const { kind, since, at, old, change, missing } = one.finding;
    const because = kind === 'makeTooEarly' ? 'make' : 'release';
    const { word, entry } = one;
    return [{ walk, word, entry, since, at, because, old, missing, ...(change ? { change } : {}), ...earlier(one) }];
  });
}

/** A block for a table or the reverse, with no finding of its own: both map the same. */
function changesSize({ entry, old, value }: EntryAt & { readonly old: bigint; readonly value: bigint }): boolean {
  const kinds = [old, value].map((raw) => decodeDescriptor(entry.format, entry.place.level, raw).kind);
  return kinds.includes('leaf') && kinds.includes('table');
}

/** The access flag is cleared and nothing else: the worst that an old translation brings is an access that leaves it so. */
function onlyMadeOld({ old, value }: { readonly old: bigint; readonly value: bigint }): boolean {
  return old === (value | (1n << descriptorBit.accessFlag)) && (value & 1n) === 1n;
}

function earlier({ earlierTlbi }: { readonly earlierTlbi?: CodeIndex }): { readonly earlierTlbi?: CodeIndex } {
  return earlierTlbi === undefined ? {} : { earlierTlbi };
}

/** Steps that one library call fails to be are one problem: the most telling of them. */
function firstOfEachCall(scenario: RuleScenario, steps: readonly StepProblem[]): readonly StepProblem[] {
  const callOf = ({ walk, step }: StepProblem): number | undefined => {
    const site = siteAt(scenario, walk, step.before);
    return step.because && site?.source.origin === 'library' ? userPlace(site)?.span.start : undefined;
  };
  return steps.filter((one) => {
    const call = callOf(one);
    if (call === undefined) return true;
    const together = steps.filter((other) => callOf(other) === call);
    return one === together.reduce((best, other) => (rank(other) < rank(best) ? other : best));
  });
}

const order: readonly FlushFault[] = [
  'local',
  'leafOnly',
  'level',
  'rangeTooNarrow',
  'missesEntry',
  'storeNotVisible',
  'notComplete',
];
const rank = ({ fault }: StepProblem): number => order.indexOf(fault);

/** A DSB for its own CPU around a TLBI of its own CPU: the two are right together, or wrong together. */
export function isOwnBarrier({ missing }: FlushProblem, { because }: MissingStep): boolean {
  return because === 'nonShareable' && missing.some((step) => step.because === 'notBroadcast');
}

/** When the whole TLBI is missing, its barriers are part of that; else each step is a problem of its own. */
function stepsOf(scenario: RuleScenario, problem: FlushProblem): readonly StepProblem[] {
  const { missing, because } = problem;
  const tlbi = missing.find(({ step }) => step === 'TLBI');
  if (tlbi === undefined)
    return missing
      .filter((step) => !isOwnBarrier(problem, step))
      .map((step) => ({ ...problem, fault: faultOf(scenario, problem, step), step }));
  const isEmptyRange = missing.length === 1 && isInFlush(scenario, problem.walk, tlbi.before);
  if (isEmptyRange) return [{ ...problem, fault: 'missesEntry', step: tlbi }];
  return [{ ...problem, fault: because === 'release' ? 'freedFirst' : 'noTlbi', step: tlbi }];
}

/** Whether an instruction belongs to one of the kernel's flush functions: one that has barriers and no TLBI had no range. */
function isInFlush(scenario: RuleScenario, walk: Walk, at: CodeIndex): boolean {
  const site = siteAt(scenario, walk, at);
  return site?.source.origin === 'library' && site.stack.some(({ callee }) => /flush_tlb.*range$/.test(callee));
}

function faultOf(scenario: RuleScenario, problem: FlushProblem, { step, before }: MissingStep): FlushFault {
  switch (step) {
    case 'dsb(ishst) before the TLBI':
      return 'storeNotVisible';
    case 'dsb(ish) after the TLBI':
    case 'dsb(ish) between the TLBIs':
      return 'notComplete';
    case 'broadcast TLBI':
      return 'local';
    case 'TLBI of all levels':
      return 'leafOnly';
    case 'TLBI with the right level hint':
      return 'level';
    case 'TLBI that covers the entry':
      return coversOthers(scenario, problem.walk, before) ? 'rangeTooNarrow' : 'missesEntry';
    case 'TLBI':
    case 'TLBI of stage 1':
    case 'TLBI of stage 2':
    case 'invalid value':
      return 'noTlbi';
  }
}

/** Whether the statement of a TLBI removes other entries that changed: it aims well, and not far enough. */
function coversOthers(scenario: RuleScenario, walk: Walk, at: CodeIndex): boolean {
  const place = placeAt(scenario, walk, at);
  return [...walk.usefulTlbis].some((useful) => {
    const other = placeAt(scenario, walk, useful);
    return other !== undefined && other.source === place?.source && other.span.start === place.span.start;
  });
}
