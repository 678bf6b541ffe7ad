/** The variables and events of an exported model. */

import type { ValueId } from '../../../simulator/machine/values';
import type { Cell, Plan } from './plan';

/** Levels -1 to 3 are 1 to 5 in the model; 0: no level. */
export const levelNumber = (level: number): number => level + 2;
const LEVELS = 6;

export interface EventKind {
  /** The machine's word. */
  readonly outcome: string;
  readonly cpu: number;
  /** The number of the event without a level; with level number l it is `first + l`. */
  readonly first: number;
}

/** Numbers the events that a model can tell. */
export class EventNumbers {
  private readonly kinds = new Map<string, EventKind>();

  get list(): readonly EventKind[] {
    return [...this.kinds.values()];
  }

  /** The statement that tells an event; `level`: an expression, or nothing. */
  tell(outcome: string, cpu: number, level?: string): string {
    const key = `${outcome} ${cpu}`;
    let kind = this.kinds.get(key);
    if (kind === undefined) {
      kind = { outcome, cpu, first: this.kinds.size * LEVELS };
      this.kinds.set(key, kind);
    }
    return `happens(${kind.first}${level === undefined ? '' : ` + ${level}`})`;
  }

  /** The numbers that a pattern describes. */
  matching(pattern: { readonly outcome: string; readonly cpu?: number; readonly level?: number }): readonly number[] {
    return this.list
      .filter((kind) => kind.outcome === pattern.outcome && (pattern.cpu === undefined || pattern.cpu === kind.cpu))
      .flatMap(({ first }) =>
        pattern.level === undefined
          ? Array.from({ length: LEVELS }, (_, l) => first + l)
          : [first + levelNumber(pattern.level)],
      );
  }
}

export class Names {
  private readonly index: ReadonlyMap<ValueId, number>;

  constructor(private readonly plan: Plan) {
    this.index = new Map(plan.words.map((word, i) => [word, i]));
  }

  /** The word in memory, which every CPU and walker sees. */
  memory(word: ValueId): string {
    return `m${this.index.get(word)}`;
  }

  /** The value + 1 that a CPU's TLB holds of a descriptor; 0: none. */
  tlb(cpu: number, word: ValueId): string {
    return `t${cpu}_${this.index.get(word)}`;
  }

  /** The value + 1 of a store that waits in the CPU's buffer; 0: none. */
  buffer(cpu: number, word: ValueId): string {
    return `b${cpu}_${this.index.get(word)}`;
  }

  /** The waiting store is older than the last DMB ST. */
  older(cpu: number, word: ValueId): string {
    return `o${cpu}_${this.index.get(word)}`;
  }

  /** An invalidation on its way to the CPU: 1 of everything, 2 + l of leaves only (l: level number of a hint). */
  pending(cpu: number, word: ValueId): string {
    return `p${cpu}_${this.index.get(word)}`;
  }

  /** The last value + 1 that a walk since the last context synchronisation would have faulted on. */
  early(cpu: number, word: ValueId): string {
    return `f${cpu}_${this.index.get(word)}`;
  }

  /** The value + 1 that a load from an address has read early; 0: none. */
  ahead(cpu: number, address: ValueId): string {
    return `e${cpu}_${this.plan.early[cpu]?.indexOf(address)}`;
  }

  frame(page: ValueId): string {
    return `frame_${this.plan.reach.values.get(page).toString(16)}`;
  }

  /** What a load of the CPU gets: its own waiting store, or memory. */
  read(cpu: number, word: ValueId): string {
    const memory = this.memory(word);
    if (!this.plan.buffered[cpu]?.includes(word)) return memory;
    const buffer = this.buffer(cpu, word);
    return `(${buffer} != 0 -> ${buffer} - 1 : ${memory})`;
  }

  /** No store of the CPU waits. */
  drained(cpu: number): string {
    const words = this.plan.buffered[cpu] ?? [];
    return words.length === 0 ? 'true' : `DRAINED_${cpu}`;
  }

  hasTlb(cell: Cell | undefined, cpu: number): boolean {
    return cell?.tlbs.includes(cpu) ?? false;
  }
}
