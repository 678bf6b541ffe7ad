/**
 * A litmus test as it is written: herd7's AArch64 format with the virtual memory extension. Plain data with places, no
 * addresses and no numbering yet; `parse.ts` makes it and `lower.ts` turns it into a program of the machine.
 */

/** Line and column of the file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Why a test cannot be run: it is not well formed, or it needs something that the simulator does not have. */
export interface LitmusProblem extends Place {
  readonly kind: 'syntax' | 'unsupported';
  /** For `unsupported` the feature, else what is wrong and what was expected. */
  readonly message: string;
}

export type Bit = 0 | 1;

/** A page table entry in herd7's terms. `output` names the variable whose page is the output address. */
export interface Descriptor {
  readonly output?: string;
  readonly valid: Bit;
  /** Access flag. */
  readonly af: Bit;
  /** Dirty bit: 1 is writable, the inverse of AP[2]. */
  readonly db: Bit;
  /** Dirty bit modifier: hardware may set the dirty bit. */
  readonly dbm: Bit;
  /** Accessible from EL0: AP[1]. */
  readonly el0: Bit;
  /** Memory attributes and shareability, sorted; empty: the usual ones. */
  readonly attributes: readonly string[];
}

export type Constant =
  | { readonly kind: 'number'; readonly value: bigint }
  /** The virtual address of a variable, or of one of its elements. */
  | { readonly kind: 'address'; readonly name: string; readonly index: number }
  /** The virtual address of the page table entry of a variable. */
  | { readonly kind: 'entryAddress'; readonly name: string }
  /** The physical address of the page of a variable. */
  | { readonly kind: 'frame'; readonly name: string }
  | { readonly kind: 'descriptor'; readonly descriptor: Descriptor }
  | { readonly kind: 'label'; readonly thread: number; readonly label: string }
  /** An instruction as data, `instr:"NOP"`. */
  | { readonly kind: 'instruction'; readonly instruction: AssemblyInstruction };

export type Location =
  /** `register` is the number of a `RegisterName`: W and X names are one register. */
  | { readonly kind: 'register'; readonly thread: number; readonly register: number }
  | { readonly kind: 'variable'; readonly name: string; readonly index: number }
  | { readonly kind: 'entry'; readonly name: string };

/** One line of the initial state. `values` has one constant for each element; empty: all zero. */
export interface Initial extends Place {
  readonly location: Location;
  readonly type?: string;
  readonly pointer: boolean;
  readonly elements: number;
  readonly array: boolean;
  readonly values: readonly Constant[];
}

export type FaultType = 'Translation' | 'AccessFlag' | 'Permission' | 'SupervisorCall' | 'UndefinedInstruction';

export const faultTypes: readonly FaultType[] = [
  'Translation',
  'AccessFlag',
  'Permission',
  'SupervisorCall',
  'UndefinedInstruction',
];

/** What an access was to: a variable, or the page table entry of a variable. */
export interface FaultTarget {
  readonly kind: 'variable' | 'entry';
  readonly name: string;
}

/**
 * `fault(P0:L0, x, MMU:Translation)`; what is absent matches anything. No type at all: faults of fetching instructions,
 * `I-MMU`, which do not happen.
 */
export interface FaultAtom {
  readonly thread: number;
  readonly label?: string;
  readonly target?: FaultTarget;
  readonly types?: readonly FaultType[];
}

export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or' | 'implies'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'equals'; readonly location: Location; readonly value: Constant }
  | { readonly kind: 'same'; readonly left: Location; readonly right: Location }
  | { readonly kind: 'fault'; readonly fault: FaultAtom };

export type Quantifier = 'exists' | 'not exists' | 'forall';

/** What `locations [...]` asks to see beside the condition. */
export type Shown =
  | { readonly kind: 'location'; readonly location: Location; readonly wholeArray: boolean }
  | { readonly kind: 'fault'; readonly fault: FaultAtom };

export interface RegisterName {
  /** 0 to 30; 31 is the zero register, 32 the stack pointer. */
  readonly number: number;
  /** An X name: all 64 bits. */
  readonly wide: boolean;
}

export interface Modifier {
  readonly kind: 'LSL' | 'LSR' | 'ASR' | 'ROR' | 'SXTW' | 'UXTW' | 'SXTX' | 'UXTX' | 'UXTB' | 'UXTH' | 'SXTB' | 'SXTH';
  readonly amount: number;
}

export type AssemblyOperand =
  | ({ readonly kind: 'register' } & RegisterName)
  | { readonly kind: 'immediate'; readonly value: bigint }
  | { readonly kind: 'memory'; readonly address: AssemblyAddress }
  | ({ readonly kind: 'modifier' } & { readonly modifier: Modifier })
  /** A label, a condition, a barrier option, a system register or operation; as written. */
  | { readonly kind: 'name'; readonly name: string };

export interface AssemblyAddress {
  readonly base: RegisterName;
  readonly offset?: RegisterName | bigint;
  readonly modifier?: Modifier;
  /** Write-back: before the access (`[X1,#8]!`) or after it (`[X1],#8`). */
  readonly writeBack?: 'before' | 'after';
}

export interface AssemblyInstruction extends Place {
  /** In capitals, such as LDR or B.EQ. */
  readonly mnemonic: string;
  readonly operands: readonly AssemblyOperand[];
  readonly text: string;
}

/** A column of the program: P0, or its fault handler P0.F. */
export interface Column extends Place {
  readonly thread: number;
  readonly handler: boolean;
  readonly instructions: readonly AssemblyInstruction[];
  /** Labels by the index of the instruction that they stand before; the number of instructions for one at the end. */
  readonly labels: readonly { readonly name: string; readonly index: number }[];
}

export interface Metadata extends Place {
  readonly key: string;
  readonly value: string;
}

export interface LitmusTest {
  readonly name: string;
  readonly metadata: readonly Metadata[];
  readonly initial: readonly Initial[];
  readonly columns: readonly Column[];
  /** Where `locations`, `filter` or the condition begins. */
  readonly finalPlace: Place;
  readonly locations: readonly Shown[];
  readonly filter?: Condition;
  readonly quantifier: Quantifier;
  readonly condition: Condition;
}
