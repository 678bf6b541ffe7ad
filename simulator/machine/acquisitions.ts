/**
 * What lockdep would note at an attempt to take a lock: what the CPU holds, and in which context it is. An attempt counts
 * once nothing older can squash it, whether or not it ever gets the lock.
 */

import type { CodeIndex, LockId } from './program';

/** `irq` and `nmi`: in such a handler, or below a fault in it. */
export type LockContext = 'task' | 'irq' | 'nmi';

export interface Acquisition {
  readonly at: CodeIndex;
  readonly lock: LockId;
  /** Taken in the same context and not given back, by program order. */
  readonly held: readonly LockId[];
  readonly context: LockContext;
  readonly irqsOn: boolean;
  /** It does not wait. */
  readonly isAttempt: boolean;
  /** In the fault path: the access that faulted. */
  readonly origin?: CodeIndex;
}

/** Acquisitions by number, the same one having the same number in each state; a window entry carries it. */
export class Acquisitions {
  private readonly numbers = new Map<string, number>();
  private readonly list: Acquisition[] = [];
  /** Told by the step in hand. */
  readonly told: { readonly cpu: number; readonly acquisition: Acquisition }[] = [];

  of(acquisition: Acquisition): number {
    const key = keyOf(acquisition);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.list.length;
      this.numbers.set(key, number);
      this.list.push(acquisition);
    }
    return number;
  }

  tell(cpu: number, number: number): void {
    this.told.push({ cpu, acquisition: this.list[number] as Acquisition });
  }
}

export function keyOf({ at, lock, held, context, irqsOn, origin }: Acquisition): string {
  return `${at}|${lock}|${held}|${context}|${irqsOn}|${origin ?? ''}`;
}
