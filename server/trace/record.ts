/** The records of a casemate trace: what a run of a hypervisor did to its page tables, in order. Plain data. */

export interface TracePlace {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

interface RecordBase {
  /** The number that the trace gives the record. */
  readonly id: number;
  /** The CPU. */
  readonly thread: number;
  readonly place: TracePlace;
  /** Where the traced program did it: "file.c:12". */
  readonly source?: string;
}

/** The domain and type of a DSB, in one word as the format has it. */
export const dsbKinds = [
  'sy',
  'st',
  'ld',
  'ish',
  'ishst',
  'ishld',
  'nsh',
  'nshst',
  'nshld',
  'osh',
  'oshst',
  'oshld',
] as const;
export type DsbKind = (typeof dsbKinds)[number];

/** How a write is ordered with others; `page`: one of many that fill a page. */
export const writeOrders = ['plain', 'release', 'page'] as const;
export type WriteOrder = (typeof writeOrders)[number];

export const hintKinds = ['set_root_lock', 'set_owner_root', 'release_table', 'set_pte_thread_owner'] as const;
export type HintKind = (typeof hintKinds)[number];

export type TraceRecord = RecordBase &
  (
    | { readonly kind: 'mem-write'; readonly order: WriteOrder; readonly address: bigint; readonly value: bigint }
    | { readonly kind: 'mem-read'; readonly address: bigint; readonly value: bigint }
    /** Memory that the traced program owns from now on, all zero. */
    | { readonly kind: 'mem-init'; readonly address: bigint; readonly size: bigint }
    | { readonly kind: 'mem-free'; readonly address: bigint; readonly size: bigint }
    /** Every byte of the range becomes the low byte of the value. */
    | { readonly kind: 'mem-set'; readonly address: bigint; readonly size: bigint; readonly value: bigint }
    | { readonly kind: 'dsb'; readonly dsb: DsbKind }
    | { readonly kind: 'isb' }
    | { readonly kind: 'tlbi'; readonly operation: string; readonly operand?: bigint }
    | { readonly kind: 'sysreg-write'; readonly register: string; readonly value: bigint }
    | { readonly kind: 'hint'; readonly hint: HintKind; readonly location: bigint; readonly value: bigint }
    | { readonly kind: 'lock' | 'trylock' | 'unlock'; readonly address: bigint }
    /** The hypervisor is left, or entered again from an exception level. */
    | { readonly kind: 'exit-context' }
    | { readonly kind: 'enter-context'; readonly exceptionLevel: number }
  );

export type TraceRecordKind = TraceRecord['kind'];

/** What the traced program's own checker said: the line that begins with an exclamation mark. */
export interface TraceFailure {
  readonly place: TracePlace;
  readonly message: string;
}

export interface TraceError {
  readonly place: TracePlace;
  readonly message: string;
}

export interface Trace {
  readonly records: readonly TraceRecord[];
  readonly failure?: TraceFailure;
  /** What could not be read; such records are left out. At most `MAX_TRACE_ERRORS`. */
  readonly errors: readonly TraceError[];
}

/** A longer trace is not read on: an error says so. */
export const MAX_TRACE_RECORDS = 2_000_000;
export const MAX_TRACE_ERRORS = 20;
