/**
 * Expectations as data: what must never, sometimes or always be so, over events, ends of executions and final values.
 * `judge.ts` decides them from what an exploration found.
 */

import type { EventPattern, Site } from '../../../simulator/machine/program';
import type { BinaryOperator, Span, UnaryOperator } from '../ast';
import { outcomeByWord } from '../outcomes';

/** A value of a finished execution. `observable` is an index into `Program.observe`. */
export type ClaimValue =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'observed'; readonly observable: number }
  | { readonly kind: 'unary'; readonly operator: Exclude<UnaryOperator, '*' | '&'>; readonly operand: ClaimValue }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: ClaimValue;
      readonly right: ClaimValue;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: ClaimValue;
      readonly whenTrue: ClaimValue;
      readonly whenFalse: ClaimValue;
    };

/** Something that happens in an execution. */
export interface EventClaim {
  readonly kind: 'event';
  /** The word as written. */
  readonly word: string;
  /** Any of these; `level` is compared with the level of the fault, or that in the ESR of a report. */
  readonly patterns: readonly EventPattern[];
  /** Where the program observes it, in the order of `patterns`; absent where only whether it can happen counts. */
  readonly observables?: readonly number[];
}

export type ClaimCondition =
  | { readonly kind: 'and' | 'or'; readonly left: ClaimCondition; readonly right: ClaimCondition }
  | { readonly kind: 'not'; readonly operand: ClaimCondition }
  | EventClaim
  /** How executions end: `deadlock` and its kinds, `livelock`. */
  | { readonly kind: 'end'; readonly word: string; readonly cpus?: readonly number[] }
  /** A rule's code: whether the text or the machine finds it. */
  | { readonly kind: 'rule'; readonly code: string }
  | { readonly kind: 'value'; readonly value: ClaimValue };

export interface Claim {
  readonly quantifier: 'never' | 'sometimes' | 'always';
  readonly condition: ClaimCondition;
  /** The expectation in the user's file, and its text. */
  readonly span: Span;
  readonly text: string;
}

/** `S => ok | fixed-up`: exactly these outcomes at the accesses of a statement. */
export interface ExpectedAccess {
  /** The statement, and the list of outcomes behind it. */
  readonly statement: Span;
  readonly span: Span;
  readonly outcomes: readonly { readonly word: string; readonly level?: number }[];
  /** Sites that belong to the statement. */
  readonly sites: readonly Site[];
}

/** What the machine tells, for a word of the outcome vocabulary that stands for several. */
const told: Readonly<Record<string, readonly string[]>> = {
  bbm: ['bbm', 'unpredictable'],
  oops: ['oops', 'oops-paging', 'oops-NULL', 'oops-RO', 'oops-AF', 'oops-TLB-conflict', 'oops-other', 'BUG'],
  'use-after-free': ['use-after-free', 'freed-page-reachable', 'double-free'],
  'stale-read': ['stale-read', 'uninitialised-read'],
  'lost-update': ['lost-update', 'outdated-copy', 'overwritten-update'],
  'lockdep-splat': [
    'recursive-locking',
    'circular-dependency',
    'inconsistent-lock-state',
    'irq-lock-inversion',
    'lock-in-nmi',
    'lock-not-held',
    'unlock-not-held',
  ],
};

/** The machine's words for a word of a scenario. */
export function toldAs(word: string): readonly string[] {
  return told[word] ?? [word];
}

/** The scenario's word for one of the machine's; words that only the scenario has are their own. */
export function vocabularyOf(outcome: string): string {
  if (outcomeByWord.has(outcome)) return outcome;
  return Object.keys(told).find((word) => told[word]?.includes(outcome)) ?? outcome;
}

/** Words for the end of an execution, which no event tells. */
export const endWords: ReadonlySet<string> = new Set(['deadlock', 'self-deadlock', 'ABBA-deadlock', 'livelock']);

/** Ends of the access by a fault, which `cpu N faults` means. */
export const faultOutcomes = ['translation-fault', 'access-flag-fault', 'permission-fault'] as const;
