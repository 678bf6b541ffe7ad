/**
 * The ways that an execution may go on from a state, in one fixed order. A path is the list of the ordinals taken.
 */

/** What a choice does. */
export const EFFECT = {
  WALK: 0,
  UPDATE: 1,
  READ: 2,
  WRITE: 3,
  EXCLUSIVE_FAIL: 4,
  /** A TLBI, or of two parts that for its own CPU. */
  INVALIDATE: 5,
  ACQUIRE: 6,
  GUESS: 7,
  /** A way to go on at the fetch point. */
  FETCH: 8,
  /** Take interrupt `payload` here, or none (-1). */
  INTERRUPT: 9,
  /** A CPU with hardware management sets the access flag of location `payload` by itself. */
  SPONTANEOUS: 10,
  /** What only enables, where it is not done at once. */
  SETTLE: 11,
  /** What a TLBI of two parts does to other CPUs. */
  INVALIDATE_OTHERS: 12,
  /** Who wants a lock for writing joins its queue. */
  QUEUE: 13,
  /** The read-side section that a CPU waits in has begun for others. */
  BEGIN: 14,
} as const;

/** A walk's result, computed when the walk is offered and used when it is taken. */
export interface WalkResult {
  /** Physical address as a value number, or -1 for a fault. */
  readonly physical: number;
  /** FAULT kind and level of a fault. */
  readonly fault: number;
  readonly level: number;
  /** Location + 1 of the leaf descriptor and index + 1 of the value used, when a hardware update must follow. */
  readonly updateCell: number;
  readonly updateIndex: number;
  readonly updateDirty: boolean;
  readonly mustFail: boolean;
  /** Location of the descriptor that made the fault, and its value. */
  readonly faultCell: number;
  readonly faultValue: number;
  /** The frame of the leaf, for findings. */
  readonly leafLevel: number;
  /** The TLB may hold two entries for the address that must not live together: which one it used is not known. */
  readonly conflicted?: boolean;
}

export class Choices {
  count = 0;
  readonly cpu: number[] = [];
  readonly slot: number[] = [];
  readonly effect: number[] = [];
  readonly payload: number[] = [];
  /** Results of the walks offered; a walk's payload is its index here. */
  readonly walks: WalkResult[] = [];

  clear(): void {
    this.count = 0;
    this.walks.length = 0;
  }

  add(cpu: number, slot: number, effect: number, payload: number): void {
    const i = this.count++;
    this.cpu[i] = cpu;
    this.slot[i] = slot;
    this.effect[i] = effect;
    this.payload[i] = payload;
  }

  addWalk(cpu: number, slot: number, result: WalkResult): void {
    this.walks.push(result);
    this.add(cpu, slot, EFFECT.WALK, this.walks.length - 1);
  }
}
