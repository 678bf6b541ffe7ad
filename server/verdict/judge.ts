/** Claims against what an exploration found. */

import type { Deadlock } from '../../simulator/explore/deadlock';
import type { Path, Result, Witnessed } from '../../simulator/explore/explore';
import type { Event } from '../../simulator/machine/events';
import type { EventPattern } from '../../simulator/machine/program';
import type { Claim, ClaimCondition, EventClaim } from '../language/elaborate/claims';
import { type Known, valueOfClaim } from './claimValue';
import type { Ending } from './execution';
import { covers, wordOfDeadlock } from './vocabulary';

/** What is known about all executions. */
export interface Facts {
  readonly result: Result;
  /** Codes of rules that the text or the machine breaks, with an execution where there is one. */
  readonly codes: ReadonlyMap<string, Path | undefined>;
  /** Groups of CPUs that may change places: what one of them does each of them may do. */
  readonly interchangeable: readonly (readonly number[])[];
}

/** One execution, or several that a claim cannot tell apart. */
export type Case =
  | { readonly kind: 'final'; readonly values: readonly Known[]; readonly shown: Witnessed }
  | { readonly kind: 'deadlock'; readonly deadlock: Deadlock; readonly shown: Witnessed }
  | { readonly kind: 'livelock'; readonly shown: Witnessed }
  | { readonly kind: 'event'; readonly event: Event; readonly shown: Witnessed }
  | { readonly kind: 'rule'; readonly code: string; readonly shown?: Witnessed };

export interface Judgement {
  readonly holds: 'yes' | 'no' | 'unknown';
  /** The execution that decides, where one does. */
  readonly decisive?: Case;
  /** Nothing that the claim speaks of ever happens, so that it would hold of anything. */
  readonly vacuous?: boolean;
}

export function judge(claim: Claim, facts: Facts): Judgement {
  const { complete } = facts.result;
  switch (claim.quantifier) {
    case 'never': {
      const decisive = caseThat(claim.condition, facts);
      return decisive === undefined ? { holds: complete ? 'yes' : 'unknown' } : { holds: 'no', decisive };
    }
    case 'sometimes': {
      const decisive = caseThat(claim.condition, facts);
      return decisive === undefined ? { holds: complete ? 'no' : 'unknown' } : { holds: 'yes', decisive };
    }
    case 'always':
      return judgeAlways(claim.condition, facts);
  }
}

function judgeAlways(condition: ClaimCondition, facts: Facts): Judgement {
  const cases = endings(facts.result);
  const decisive = cases.find((one) => truth(condition, one, facts) === false);
  if (decisive !== undefined) return { holds: 'no', decisive };
  if (!facts.result.complete) return { holds: 'unknown' };
  const shown = cases.some((one) => truth(condition, one, facts) === true);
  return shown ? { holds: 'yes' } : { holds: 'no', vacuous: true };
}

/** Every way in which an execution can end. */
function endings(result: Result): readonly Case[] {
  return [
    ...result.outcomes.map((o): Case => ({ kind: 'final', values: o.values, shown: o })),
    ...result.deadlocks.map((d): Case => ({ kind: 'deadlock', deadlock: d, shown: d })),
    ...(result.livelock === undefined ? [] : [{ kind: 'livelock', shown: result.livelock } as const]),
  ];
}

/** The shortest execution in which a condition holds. */
function caseThat(condition: ClaimCondition, facts: Facts): Case | undefined {
  const cases = isOfEvents(condition)
    ? possibilities(condition, facts)
    : endings(facts.result).filter((one) => truth(condition, one, facts) === true);
  return shortest(cases);
}

function shortest(cases: readonly Case[]): Case | undefined {
  let best: Case | undefined;
  for (const one of cases) if (best === undefined || lengthOf(one) < lengthOf(best)) best = one;
  return best;
}

function lengthOf({ shown }: Case): number {
  return shown?.length ?? 0;
}

/** Whether it only asks if one of several things can happen at all: events need not be remembered for it. */
function isOfEvents(condition: ClaimCondition): boolean {
  switch (condition.kind) {
    case 'or':
      return isOfEvents(condition.left) && isOfEvents(condition.right);
    case 'event':
      return condition.observables === undefined;
    case 'end':
    case 'rule':
    case 'value':
      return true;
    case 'and':
    case 'not':
      return false;
  }
}

function possibilities(condition: ClaimCondition, facts: Facts): readonly Case[] {
  const { result } = facts;
  switch (condition.kind) {
    case 'or':
      return [...possibilities(condition.left, facts), ...possibilities(condition.right, facts)];
    case 'event':
      return result.events
        .filter(({ event }) => isMeant(condition, event, facts))
        .map((seen) => ({ kind: 'event', event: seen.event, shown: seen }));
    case 'rule': {
      const path = facts.codes.get(condition.code);
      if (!facts.codes.has(condition.code)) return [];
      return [
        {
          kind: 'rule',
          code: condition.code,
          ...(path === undefined ? {} : { shown: { length: path.length, witness: path } }),
        },
      ];
    }
    case 'and':
    case 'not':
    case 'end':
    case 'value':
      return endings(result).filter((one) => truth(condition, one, facts) === true);
  }
}

/** Undefined where an execution that does not finish leaves it open. */
function truth(condition: ClaimCondition, of: Case, facts: Facts): boolean | undefined {
  switch (condition.kind) {
    case 'and': {
      const left = truth(condition.left, of, facts);
      const right = truth(condition.right, of, facts);
      return left === false || right === false ? false : left === undefined || right === undefined ? undefined : true;
    }
    case 'or': {
      const left = truth(condition.left, of, facts);
      const right = truth(condition.right, of, facts);
      return left === true || right === true ? true : left === undefined || right === undefined ? undefined : false;
    }
    case 'not': {
      const operand = truth(condition.operand, of, facts);
      return operand === undefined ? undefined : !operand;
    }
    case 'event':
      if (of.kind === 'event') return isMeant(condition, of.event, facts);
      if (of.kind !== 'final') return undefined;
      return condition.observables?.some((observable) => (of.values[observable] ?? 0n) !== 0n);
    case 'end':
      return endsSo(condition.word, condition.cpus, of);
    case 'rule':
      return facts.codes.has(condition.code);
    case 'value': {
      if (of.kind !== 'final') return undefined;
      const value = valueOfClaim(condition.value, of.values);
      return value !== undefined && value !== 0n;
    }
  }
}

function endsSo(word: string, cpus: readonly number[] | undefined, of: Case): boolean {
  if (of.kind === 'livelock') return covers(word, 'livelock');
  if (of.kind !== 'deadlock' || !covers(word, wordOfDeadlock(of.deadlock))) return false;
  return cpus === undefined || of.deadlock.waits.some((wait) => cpus.includes(wait.cpu));
}

/** Whether an event is one that a claim speaks of. CPUs that may change places stand for each other. */
export function isMeant(claim: Pick<EventClaim, 'patterns'>, event: Event, facts: Alike): boolean {
  return claim.patterns.some((pattern) => matchesPattern(pattern, event, facts));
}

function matchesPattern({ outcome, cpu, level, sites, page }: EventPattern, event: Event, facts: Alike): boolean {
  return (
    outcome === event.outcome &&
    (cpu === undefined || standsFor(facts, event.cpu).includes(cpu)) &&
    (level === undefined || level === event.level) &&
    (sites === undefined || sites.includes(event.site)) &&
    (page === undefined || (event.address !== undefined && page === event.address >> 12n))
  );
}

type Alike = Pick<Facts, 'interchangeable'>;

/** The CPUs that one CPU of a result stands for, itself included. */
export function standsFor({ interchangeable }: Alike, cpu: number): readonly number[] {
  return interchangeable.find((group) => group.includes(cpu)) ?? [cpu];
}

/** What a case adds to its trace. */
export function endingOf(one: Case): Ending {
  if (one.kind === 'deadlock') return { end: 'deadlock', waits: one.deadlock.waits };
  return one.kind === 'livelock' ? { end: 'livelock' } : {};
}
