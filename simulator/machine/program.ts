/**
 * What the machine executes: a few CPUs with code, the memory they start with, how addresses are translated, and what
 * of a finished execution is of interest. Two front ends produce it: `server/language` from `.hvo` text and
 * `server/litmus` from herd7's litmus tests. It is plain data apart from `initialWord`.
 */

import type { Granule } from './granule';

/** Index of a register of one CPU. Registers are 64 bits wide and start at 0 unless `CpuProgram.initial` says else. */
export type Register = number;

/** Index into a CPU's code. */
export type CodeIndex = number;

/**
 * Names a place in the source for the front end that made the program; the machine only hands it back in events.
 * Instructions that come from one source line of one (inlined) call share a site.
 */
export type Site = number;

export type Operand =
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'register'; readonly register: Register };

export type Arithmetic =
  | 'move'
  | 'add'
  | 'subtract'
  | 'and'
  | 'or'
  | 'exclusiveOr'
  | 'bitClear'
  | 'shiftLeft'
  | 'shiftRight'
  | 'multiply'
  | 'divide'
  | 'remainder'
  | 'equal'
  | 'notEqual'
  | 'below'
  | 'belowOrEqual'
  /** sources: if true, if false, condition. Unlike a branch it orders nothing before younger reads (CSEL). */
  | 'select';

/** DMB and DSB: which older accesses they wait for. `full` is the plain form, `load` LD, `store` ST. */
export type BarrierType = 'full' | 'load' | 'store';

/** Shareability domain of a barrier. */
export type Domain = 'nonShareable' | 'innerShareable' | 'outerShareable' | 'fullSystem';

export type AtomicOperation =
  | 'swap'
  | 'compareAndSwap'
  | 'add'
  | 'set'
  | 'clear'
  | 'exclusiveOr'
  | 'signedMaximum'
  | 'signedMinimum'
  | 'unsignedMaximum'
  | 'unsignedMinimum';

interface InstructionBase {
  readonly site: Site;
}

export interface AccessInstruction extends InstructionBase {
  readonly kind: 'access';
  readonly access: 'load' | 'store' | 'atomic';
  /** The address is base + offset: translated when it lies outside every `Translation.direct` range. */
  readonly base: Operand;
  readonly offset: Operand;
  readonly bytes: 1 | 2 | 4 | 8;
  /** Receives the value read (load, atomic); absent: discarded (the zero register). */
  readonly destination?: Register;
  /** What is stored, or the operand of the atomic. */
  readonly value?: Operand;
  readonly operation?: AtomicOperation;
  /** The expected value of compareAndSwap. */
  readonly compare?: Operand;
  /**
   * A plain store of what was made from a value that was read there: what the word holds at the store if nobody else has
   * written it since, and the bits of what was read that count in what is stored.
   */
  readonly overwrites?: { readonly held: Operand; readonly bits: bigint };
  /** LDAR, LDAXR, or the A form of an atomic: `full`; LDAPR: `processorConsistent`. */
  readonly acquire?: 'full' | 'processorConsistent';
  readonly release?: boolean;
  /** A store of a kernel function that sets an entry of the page tables. */
  readonly entry?: true;
  /** LDXR / STXR. A store-exclusive writes 0 (stored) or 1 (not stored) to `status`. */
  readonly exclusive?: boolean;
  readonly status?: Register;
  /** A load whose value is only stored elsewhere: of copy_page. It makes no use of what it reads. */
  readonly moves?: boolean;
  /** The first store of a copy or clear of a page. */
  readonly fills?: Filling;
  /** ST<op> or a zero-register destination: the read part is not ordered by DMB LD and DSB LD, and has no acquire. */
  readonly noReturn?: boolean;
  /**
   * The access is one of several steps of an instruction, which begins at `first` and ends before `next`: a fault goes back
   * to the one, or on to the other. Absent: it is the instruction.
   */
  readonly whole?: { readonly first: CodeIndex; readonly next: CodeIndex };
  /** Where to go on when the fault path consults the exception table (a "nofault" access); the fault step does it. */
  readonly fixup?: CodeIndex;
}

/** The words of a page that its copy or clear stores; what else is in its first `bytes` bytes is assumed to be read by nobody. */
export interface Filling {
  /** Offsets in the page. */
  readonly words: readonly bigint[];
  readonly bytes: bigint;
  /** A clear: each word becomes 0. */
  readonly clears: boolean;
}

/** Where a fault of the instruction at `ip` goes back to, and where one that is passed over goes on. */
export function aroundFault(i: Instruction, ip: CodeIndex): { readonly first: CodeIndex; readonly next: CodeIndex } {
  return i.kind === 'access' && i.whole !== undefined ? i.whole : { first: ip, next: ip + 1 };
}

/** AT S1E1R / S1E1W: a walk whose result (PAR_EL1) goes to `destination`; never faults. */
export interface TranslateInstruction extends InstructionBase {
  readonly kind: 'translate';
  readonly address: Operand;
  readonly write: boolean;
  readonly destination: Register;
  /** It stands for fetching an instruction that is modified (the page for its word): no DSB holds it back. */
  readonly fetches?: boolean;
}

export interface BarrierInstruction extends InstructionBase {
  readonly kind: 'dmb' | 'dsb';
  readonly type: BarrierType;
  readonly domain: Domain;
  /** A full one that completes no TLBI: DSB nXS behind TLBIs without nXS. */
  readonly sparesTlbis?: boolean;
}

export interface ContextSynchronisationInstruction extends InstructionBase {
  readonly kind: 'isb';
}

export interface TlbiInstruction extends InstructionBase {
  readonly kind: 'tlbi';
  /** VMALLE1 (`all`), VA(A)(L)E1 (`address`: one VA), RVA(A)(L)E1 (`range`: [first, last] VA pages, inclusive). */
  readonly scope: 'all' | 'address' | 'range';
  readonly innerShareable: boolean;
  /** VALE1, VAALE1: only last-level (leaf) entries. */
  readonly leafOnly: boolean;
  /** TTL level hint 0..3; absent: no hint. */
  readonly level?: number;
  /** Bits 43:0 of the register are VA[55:12]. Ranges: first page in `operand`, last page in `lastOperand`, same form. */
  readonly operand?: Operand;
  readonly lastOperand?: Operand;
}

export interface ArithmeticInstruction extends InstructionBase {
  readonly kind: 'arithmetic';
  readonly operation: Arithmetic;
  readonly destination: Register;
  readonly sources: readonly Operand[];
}

/** Goes to `target` when `condition` is not 0 (or is 0, with `whenZero`). An unknown condition is guessed both ways. */
export interface BranchInstruction extends InstructionBase {
  readonly kind: 'branch';
  readonly condition: Operand;
  readonly whenZero: boolean;
  readonly target: CodeIndex;
  /** A return from a call: going back by it is no round of a loop. */
  readonly returns?: boolean;
}

export interface JumpInstruction extends InstructionBase {
  readonly kind: 'jump';
  readonly target: CodeIndex;
  /**
   * The back edge of a loop without a bound: it is taken only when everything older is done, so that such a loop has
   * finitely many states; a CPU there counts as finished for deadlock and livelock.
   */
  readonly drains?: boolean;
  /**
   * The back edge of another loop: it is taken when every older branch is resolved, so that a CPU does not guess its way
   * through ever more iterations. (A backward branch waits for its own condition in the same way.)
   */
  readonly afterBranches?: boolean;
}

/** Goes on at any one of `targets`. */
export interface ChooseInstruction extends InstructionBase {
  readonly kind: 'choose';
  readonly targets: readonly CodeIndex[];
}

/** The CPU's program is over: nothing more is fetched. Interrupts may still be taken. */
export interface EndInstruction extends InstructionBase {
  readonly kind: 'end';
}

export interface SupervisorCallInstruction extends InstructionBase {
  readonly kind: 'svc';
}

/** Return from exception. With `toFixup` it continues at the fix-up of the access that faulted. */
export interface ReturnInstruction extends InstructionBase {
  readonly kind: 'eret';
  readonly toFixup?: boolean;
}

/** Reads or writes an exception register of the current exception level of nesting. */
export interface SystemRegisterInstruction extends InstructionBase {
  readonly kind: 'systemRegister';
  /** `fixup`: 1 when the faulting instruction has an exception-table entry, else 0. `irqsMasked`: of the interrupted context. */
  readonly name: 'esr' | 'far' | 'elr' | 'fixup' | 'irqsMasked';
  readonly read?: Register;
  readonly write?: Operand;
}

/** Reads the CPU's own number. */
export interface CpuNumberInstruction extends InstructionBase {
  readonly kind: 'cpuNumber';
  readonly destination: Register;
}

/** Interrupt masking at the point of program order. `inherit`: as in the interrupted context. */
export interface MaskInstruction extends InstructionBase {
  readonly kind: 'mask';
  readonly irq?: 'mask' | 'unmask' | 'inherit' | 'restore';
  readonly nmi?: 'mask' | 'unmask' | 'inherit' | 'restore';
  /** Saves the mask before the change (1 masked, 0 not): local_irq_save. */
  readonly save?: Register;
  /** For `restore`: the saved mask. */
  readonly from?: Operand;
  /** It is called a restore, and what it restores is a number that nobody has saved. */
  readonly unsaved?: true;
  /** Change of the preemption count, at the same point: +1, -1. */
  readonly preemption?: 1 | -1;
}

/** `sleepingSpin` is the spin lock of PREEMPT_RT: it sleeps, and its section is one of RCU too (rt_spin_lock). */
export type LockKind = 'spin' | 'sleepingSpin' | 'rawSpin' | 'mutex' | 'rwSemaphore';

/** Index into `Program.locks`. */
export type LockId = number;

export interface LockInstruction extends InstructionBase {
  readonly kind: 'lock';
  readonly lock: LockId;
  readonly mode: 'exclusive' | 'shared';
  /** trylock: 1 to `taken` when the lock was free, else 0, and it goes on either way. */
  readonly taken?: Register;
}

export interface UnlockInstruction extends InstructionBase {
  readonly kind: 'unlock';
  readonly lock: LockId;
  readonly mode: 'exclusive' | 'shared';
}

/** lockdep_assert_held: finding `lockNotHeld` when this CPU does not hold it. */
export interface AssertHeldInstruction extends InstructionBase {
  readonly kind: 'assertHeld';
  readonly lock: LockId;
}

/** Waits until (word at address) `comparison` value holds: a spin loop as a step. Ordered as a load (acquire optional). */
export interface WaitInstruction extends InstructionBase {
  readonly kind: 'wait';
  readonly address: Operand;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly comparison: 'equal' | 'notEqual';
  readonly value: Operand;
  readonly acquire?: boolean;
}

/**
 * Takes any free page (one that was freed, or a fresh one of the pool); its physical address goes to `destination`.
 * With `page` it takes that one, which no other allocation can take.
 */
export interface AllocateInstruction extends InstructionBase {
  readonly kind: 'allocate';
  readonly destination: Register;
  readonly page?: bigint;
  /** It never fails, and sleeps until there is a page: GFP_KERNEL. */
  readonly sleeps?: boolean;
  /** It fills the page with zeroes: __GFP_ZERO. Without it the page holds what it held before. */
  readonly zeroes?: boolean;
}

/** Gives the page at a physical address back. Finding `freedPageReachable` when some TLB may still reach it. */
export interface FreeInstruction extends InstructionBase {
  readonly kind: 'free';
  readonly address: Operand;
}

/** RCU read-side critical section and grace period. */
export interface RcuInstruction extends InstructionBase {
  readonly kind: 'rcu';
  readonly operation: 'readLock' | 'readUnlock' | 'synchronize';
}

/** Makes an interrupt pending on other CPUs; the handler is the target's `CpuProgram.interrupts[interrupt]`. */
export interface SendInterruptInstruction extends InstructionBase {
  readonly kind: 'sendInterrupt';
  /** Absent: every other CPU. */
  readonly cpu?: number;
  readonly interrupt: number;
}

/**
 * Tells the observer something: an outcome of the access that is being handled (inside a fault handler) or of this
 * point; a warning; a failed assertion when `condition` is 0; the death of the task (`fatal`), after which the CPU
 * executes nothing more and its locks stay held.
 */
export interface ReportInstruction extends InstructionBase {
  readonly kind: 'report';
  /** A word of the outcome vocabulary, such as fixed-up, spurious-warn, oops-paging, BUG; see `outcomes.ts`. */
  readonly outcome: string;
  /** Reported only when this is 0. */
  readonly unless?: Operand;
  /** In a fault handler: the address that faulted, where the code is for one address only. */
  readonly about?: bigint;
  readonly fatal?: boolean;
  /** Ends every CPU (panic). */
  readonly panic?: boolean;
}

export type Instruction =
  | AccessInstruction
  | TranslateInstruction
  | BarrierInstruction
  | ContextSynchronisationInstruction
  | TlbiInstruction
  | ArithmeticInstruction
  | BranchInstruction
  | JumpInstruction
  | ChooseInstruction
  | EndInstruction
  | SupervisorCallInstruction
  | ReturnInstruction
  | SystemRegisterInstruction
  | CpuNumberInstruction
  | MaskInstruction
  | LockInstruction
  | UnlockInstruction
  | AssertHeldInstruction
  | WaitInstruction
  | AllocateInstruction
  | FreeInstruction
  | RcuInstruction
  | SendInterruptInstruction
  | ReportInstruction;

/** An interrupt that may be taken by a CPU. */
export interface Interrupt {
  readonly name: string;
  /** The handler's copy for each nesting depth, as in FaultMode. */
  readonly entries: readonly CodeIndex[];
  /** `stopper`: only where the CPU is preemptible and takes interrupts (stop_machine). */
  readonly delivery: 'irq' | 'nmi' | 'stopper';
  /** How often it may come by itself, at any point that does not mask it; 0: only when sent. */
  readonly times: number;
}

/** What a fault does. `handler`: exception entry at `entry`; the others are herd7's variants. */
export type FaultMode =
  | { readonly kind: 'fatal' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'retryOnce' }
  /** `entries[d]`: the handler's copy for exceptions taken at nesting depth d (0: from the program itself). */
  | { readonly kind: 'handler'; readonly entries: readonly CodeIndex[] };

export interface CpuProgram {
  readonly name: string;
  readonly code: readonly Instruction[];
  readonly registers: number;
  /** Initial register values, absent ones 0. */
  readonly initial: ReadonlyMap<Register, bigint>;
  readonly faults: FaultMode;
  readonly interrupts: readonly Interrupt[];
  /** Instructions outside handlers run at EL0 (litmus only). */
  readonly unprivileged?: boolean;
  readonly hardwareAccessFlag: boolean;
  readonly hardwareDirtyState: boolean;
  /** Starts with interrupts masked. */
  readonly irqsMasked?: boolean;
}

export interface Lock {
  readonly name: string;
  readonly kind: LockKind;
}

export type BbmLevel = 0 | 1 | 2 | '2-noabort' | 3;

/** Properties of the machine that change outcomes. */
export interface Switches {
  readonly bbm: BbmLevel;
  /** FEAT_ETS2 / FEAT_ETS3. */
  readonly enhancedTranslationSynchronisation: 0 | 2 | 3;
  /** CPUs are virtual: the hypervisor may take any of them off its CPU at any point, for any time. */
  readonly stolenTime?: boolean;
  /** FEAT_ExS with EIS/EOS clear: exception entry and return are no context synchronisation (litmus only). */
  readonly exceptionEntrySynchronises: boolean;
  readonly exceptionReturnSynchronises: boolean;
  /**
   * What hardware may do with entries that conflict is explored: TLB conflict aborts, unpredictable accesses, Translation
   * faults of blocks with nT. Else only that they may conflict is found, which is how litmus tests are read.
   */
  readonly conflictsHappen: boolean;
  /** Litmus: how often a backward branch is followed; absent: no limit (states are finite). */
  readonly unroll?: number;
}

/** Where an address goes: a direct range maps to physical memory without a walk; everything else is walked. */
export interface DirectRange {
  readonly virtualBase: bigint;
  readonly physicalBase: bigint;
  readonly bytes: bigint;
}

export interface Translation {
  readonly granule: Granule;
  readonly virtualAddressBits: number;
  /** Physical address of the top-level table (TTBR1). */
  readonly root: bigint;
  readonly direct: readonly DirectRange[];
}

/** What is recorded of a finished execution. Executions that agree on all of them are one outcome. */
export type Observable =
  | { readonly kind: 'register'; readonly cpu: number; readonly register: Register }
  /** The word at a physical address. */
  | { readonly kind: 'word'; readonly physicalAddress: bigint; readonly bytes: 1 | 2 | 4 | 8 }
  /** The word that a fresh walk of a virtual address finds at the end; `undefined` when it does not translate. */
  | { readonly kind: 'translatedWord'; readonly virtualAddress: bigint; readonly bytes: 1 | 2 | 4 | 8 }
  /** Whether such an event happened in the execution (sticky). Absent fields match anything. */
  | ({ readonly kind: 'event' } & EventPattern);

/**
 * Which events: outcomes of `report` steps, and `translation-fault`, `access-flag-fault`, `permission-fault`,
 * `supervisor-call` of instructions that were really reached (not squashed). `page`: the VA page (4K units, VA >> 12)
 * of the access; `level` of the fault. Absent fields match anything.
 */
export interface EventPattern {
  readonly outcome: string;
  readonly cpu?: number;
  readonly sites?: readonly Site[];
  readonly page?: bigint;
  readonly level?: number;
}

export interface Program {
  readonly switches: Switches;
  readonly translation: Translation;
  readonly cpus: readonly CpuProgram[];
  readonly locks: readonly Lock[];
  /** Initial contents of physical memory, by aligned word address as accessed. */
  readonly initialWord: (physicalAddress: bigint) => bigint;
  /** Pages that `allocate` may hand out from the start, beside those that are freed. Physical addresses. */
  readonly freePages: readonly bigint[];
  /**
   * Descriptors that exist whether or not an access of the program walks them, for what hardware may do to them by itself
   * (set the access flag). `base`: the first virtual address that the descriptor covers.
   */
  readonly descriptors?: readonly { readonly physicalAddress: bigint; readonly level: number; readonly base: bigint }[];
  /** The kernel's page tables at the start: entries of theirs that end up invalid are told. `base`: the first address below. */
  readonly tables?: readonly { readonly physicalAddress: bigint; readonly level: number; readonly base: bigint }[];
  /** Memory that holds struct pages at the start. */
  readonly structPages?: readonly { readonly physicalAddress: bigint; readonly bytes: bigint }[];
  /** Bytes of an allocatable page (the granule). */
  readonly pageBytes: bigint;
  readonly observe: readonly Observable[];
}
