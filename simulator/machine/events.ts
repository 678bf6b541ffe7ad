/**
 * What a step tells the observer: outcomes of accesses, reports of the kernel's text, findings of the machine. Events
 * are told once what they speak of has really happened (a squashed access tells nothing), and are no part of the state
 * except for those that the program observes, which are sticky marks.
 */

import type { EventPattern, Program, Site } from './program';

export interface Event {
  /** `access`: how an access ended. `report`: said by the program. `finding`: what the machine noticed by itself. */
  readonly kind: 'access' | 'report' | 'finding';
  /** A word of the outcome vocabulary. */
  readonly outcome: string;
  readonly cpu: number;
  /** The instruction that the event belongs to. */
  readonly site: Site;
  /** Reports inside a fault handler: the access that is being handled. */
  readonly origin?: Site;
  /** Fault level, for faults. */
  readonly level?: number;
  /** Virtual address of the access. */
  readonly address?: bigint;
  /** ESR_EL1 for faults. */
  readonly esr?: bigint;
  /** Findings: the descriptor (physical address), its old and new value, the CPU that may still use the old one, the rule. */
  readonly descriptor?: bigint;
  readonly oldValue?: bigint;
  readonly newValue?: bigint;
  readonly otherCpu?: number;
  /** Findings: the bits of the descriptor that they are about. */
  readonly bits?: bigint;
  readonly rule?: string;
  /** Findings about locks. */
  readonly lock?: number;
}

/** Identity of an event for counting: everything that a reader would tell apart. */
export function eventKey(e: Event): string {
  return `${e.kind}|${e.outcome}|${e.cpu}|${e.site}|${e.origin ?? ''}|${e.level ?? ''}|${e.descriptor ?? ''}|${e.otherCpu ?? ''}|${e.rule ?? ''}|${e.lock ?? ''}`;
}

/** An event that was told before, with the observed events that it is: told again as the same object. */
export interface KnownEvent {
  readonly event: Event;
  readonly marks: readonly number[];
}

export class Events {
  /** Ends of accesses, by a number made of all that tells them apart (steps/tell.ts fills it). */
  readonly accesses = new Map<number, KnownEvent>();
  /** Events of the step in hand. */
  readonly told: Event[] = [];
  private readonly patterns: readonly EventPattern[];

  constructor(program: Program) {
    this.patterns = program.observe.filter((o) => o.kind === 'event');
  }

  get any(): boolean {
    return this.patterns.length > 0;
  }

  emit(event: Event): void {
    this.told.push(event);
  }

  clear(): void {
    this.told.length = 0;
  }

  /** Which of the events that the program observes an event is, counted in the order of `Program.observe`. */
  marks(event: Event): readonly number[] {
    return this.patterns.flatMap((pattern, n) => (matches(pattern, event) ? [n] : []));
  }
}

/** Whether an event is one that a pattern describes. */
export function matches(pattern: EventPattern, event: Event): boolean {
  return (
    pattern.outcome === event.outcome &&
    (pattern.cpu === undefined || pattern.cpu === event.cpu) &&
    (pattern.sites === undefined || pattern.sites.includes(event.site)) &&
    (pattern.level === undefined || pattern.level === event.level) &&
    (pattern.page === undefined || (event.address !== undefined && pattern.page === event.address >> 12n))
  );
}
