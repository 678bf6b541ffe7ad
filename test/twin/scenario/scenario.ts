/**
 * Small generated scenarios as plain data: a few CPUs, a page or two below one level 2 entry, and the few kinds of step that
 * the two machines are compared on. `buildProgram` makes them what both machines execute.
 */

/** Where an access goes: a page (by number) and a word of it, or a word that is not translated. */
export type Target = { readonly page: 0 | 1; readonly word: 0 | 1 } | { readonly flag: 0 | 1 };

/**
 * A descriptor that changes: the level 1 entry above everything, the level 2 entry above page 0 (and page 1, when they are
 * not apart), or the level 3 entry of a page in one of two tables.
 */
export type Cell = { readonly pud: true } | { readonly pmd: true } | { readonly table: 0 | 1; readonly page: 0 | 1 };

/**
 * What is written to a cell. `frame`: 0 and 1 are pages, 2 the page of the block that belongs there. `old`: without access
 * flag; `clean`: read-only with the dirty bit modifier; `user`: for EL0 too.
 */
export type Content =
  | { readonly kind: 'invalid' }
  | {
      readonly kind: 'page';
      readonly frame: 0 | 1 | 2;
      readonly readOnly?: true;
      readonly old?: true;
      readonly clean?: true;
      readonly user?: true;
    }
  | { readonly kind: 'table'; readonly table: 0 | 1 }
  | { readonly kind: 'upperTable'; readonly table: 0 | 1 }
  | { readonly kind: 'block' };

export type Dependency = 'address' | 'data';

export type Op =
  | {
      readonly op: 'load';
      readonly at: Target;
      readonly acquire?: 'full' | 'processorConsistent';
      readonly depends?: true;
      readonly exclusive?: true;
    }
  | { readonly op: 'store'; readonly at: Target; readonly release?: true; readonly depends?: Dependency }
  | { readonly op: 'storeExclusive'; readonly at: Target; readonly release?: true }
  | {
      readonly op: 'atomic';
      readonly at: Target;
      readonly operation: 'add' | 'swap' | 'compareAndSwap';
      readonly acquire?: true;
      readonly release?: true;
      readonly noReturn?: true;
    }
  | { readonly op: 'set'; readonly cell: Cell; readonly to: Content; readonly release?: true; readonly depends?: true }
  | { readonly op: 'get'; readonly cell: Cell }
  /** One atomic on a descriptor: exchanges it with an invalid one, sets its access flag, takes its write permission. */
  | { readonly op: 'modify'; readonly cell: Cell; readonly how: 'clear' | 'accessFlag' | 'readOnly' }
  | { readonly op: 'dmb' | 'dsb'; readonly type: 'full' | 'load' | 'store'; readonly local?: true }
  | { readonly op: 'isb' }
  | {
      readonly op: 'tlbi';
      readonly scope: 'all' | 'address' | 'range';
      readonly page: 0 | 1;
      readonly leafOnly?: true;
      readonly local?: true;
      readonly level?: 2 | 3;
    }
  | { readonly op: 'translate'; readonly page: 0 | 1; readonly write: boolean }
  /** Skips the next `over` operations when the last value read is not 0 (or is 0). */
  | { readonly op: 'branch'; readonly over: 1 | 2; readonly whenZero: boolean }
  | { readonly op: 'lock' | 'unlock'; readonly lock: 0 | 1; readonly shared?: true }
  | { readonly op: 'trylock'; readonly lock: 0 | 1; readonly shared?: true }
  | { readonly op: 'wait'; readonly flag: 0 | 1; readonly acquire?: true }
  | { readonly op: 'mask' | 'unmask'; readonly what: 'irq' | 'nmi' }
  | { readonly op: 'preempt'; readonly change: 1 | -1 }
  | { readonly op: 'rcu'; readonly operation: 'readLock' | 'readUnlock' | 'synchronize' }
  /** A supervisor call. */
  | { readonly op: 'svc' }
  /** Makes the interrupt of another CPU pending. */
  | { readonly op: 'send'; readonly to: number }
  /** Goes back over so many operations when the last value read is not 0, once at most. */
  | { readonly op: 'retry'; readonly over: number }
  /** Gives back a page, or the page of a table. */
  | { readonly op: 'free'; readonly page: { readonly frame: 0 | 1 } | { readonly table: 0 | 1 } }
  /** Takes any free page and stores to its first word. */
  | { readonly op: 'allocate' };

export interface ScenarioCpu {
  readonly ops: readonly Op[];
  /**
   * `skip`, `fatal` as in herd7; the handlers read the syndrome and then step over the access, or mend everything first, or
   * take and release lock 0, and return.
   */
  readonly faults: 'fatal' | 'skip' | 'handler-skips' | 'handler-mends' | 'handler-waits';
  /** Comes once, between any two instructions that do not mask it, or when it is sent. */
  readonly interrupt?: {
    readonly delivery: 'irq' | 'nmi' | 'stopper';
    readonly ops: readonly Op[];
    readonly isSent?: true;
  };
  /** Its accesses are those of EL0; its handlers run at EL1. */
  readonly unprivileged?: true;
  /** What the hardware manages: the access flag, or the dirty state too. */
  readonly hardware?: 'accessFlag' | 'dirtyState';
}

export interface Scenario {
  readonly ets: 0 | 2 | 3;
  /** Levels of the walk. */
  readonly levels: 2 | 3;
  /** The pages are below two level 2 entries; that of page 1 does not change. */
  readonly apart: boolean;
  /** What the level 2 entry holds at first. */
  readonly pmd: 'table' | 'block' | 'invalid';
  /** What the level 3 entries of table 0 hold at first; those of table 1 are invalid. */
  readonly pages: readonly [Content, Content];
  /** Allocations may take a page that nobody has used. */
  readonly freshPage?: true;
  readonly cpus: readonly ScenarioCpu[];
}
