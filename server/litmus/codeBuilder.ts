/**
 * The code of one CPU while it is put together: instructions of the machine with their sites, the registers that are in
 * use (numbered densely, since a state record holds all of them), and branches whose targets are filled in at the end.
 */

import type { Arithmetic, CodeIndex, Instruction, Operand, Register, Site } from '../../simulator/machine/program';
import { type Definitions, isSmall } from './registerUse';
import type { AssemblyInstruction, FaultType, Modifier, RegisterName } from './test';

/** The source of one site: an instruction of the test. */
export interface SiteInfo {
  readonly thread: number;
  readonly labels: readonly string[];
  readonly instruction: AssemblyInstruction;
  readonly faults: readonly FaultType[];
}

/** Why an instruction cannot be lowered. */
export interface Refusal {
  readonly kind: 'syntax' | 'unsupported';
  readonly message: string;
}

type WithoutSite<T> = T extends unknown ? Omit<T, 'site'> : never;
export type Draft = WithoutSite<Instruction>;

export const zero: Operand = { kind: 'value', value: 0n };
export const LOW_WORD = 0xffff_ffffn;

/** How many bits of a register an extension keeps. */
const extendedBits: Partial<Readonly<Record<Modifier['kind'], number>>> = {
  UXTB: 8,
  SXTB: 8,
  UXTH: 16,
  SXTH: 16,
  UXTW: 32,
  SXTW: 32,
  UXTX: 64,
  SXTX: 64,
};

export interface BuilderContext {
  readonly thread: number;
  readonly definitions: Definitions;
  readonly initial: ReadonlyMap<number, bigint>;
  /** Accesses have the size of their register; otherwise every access is to a whole 8-byte location. */
  readonly sized: boolean;
  /** Base conditions (EQ, HS, MI, HI, GE, GT) that some instruction of the thread uses. */
  readonly conditions: ReadonlySet<string>;
  readonly faultVariant: 'fatal' | 'handled' | 'skip' | 'handler';
  readonly handlerSetsReturn: boolean;
  readonly handlerReadsReturn: boolean;
  /** Some instruction of the test is written by it. */
  readonly modifiesCode: boolean;
  /** A register or variable may hold more than 32 bits of a number, so W names are cut. */
  readonly wideNumbers: boolean;
  /** Whether TLBIs of the thread have the nXS qualifier, and whether some have not. */
  readonly qualified: { readonly some: boolean; readonly all: boolean };
  /** Labels of what a register of the thread can lead to. */
  readonly places: readonly string[];
  /** Some entry of the test is not for EL0. */
  readonly privilegedPages: boolean;
}

export class CodeBuilder {
  readonly code: Instruction[] = [];
  /** Code index of each label. */
  readonly labels = new Map<string, CodeIndex>();
  /** Calls so far. */
  calls = 0;
  private readonly general = new Map<number, Register>();
  private readonly hidden = new Map<string, Register>();
  private readonly jumps: { readonly at: CodeIndex; readonly label: string }[] = [];
  private site: Site = 0;

  constructor(readonly context: BuilderContext) {}

  get registers(): number {
    return this.general.size + this.hidden.size;
  }

  /** What is emitted from here on belongs to this site. */
  startSite(site: Site): void {
    this.site = site;
  }

  emit(draft: Draft): void {
    this.code.push({ ...draft, site: this.site } as Instruction);
  }

  /** A branch or jump to a label, which may come later. */
  emitTo(label: string, draft: WithoutSite<Extract<Instruction, { target: CodeIndex }>>): void {
    this.jumps.push({ at: this.code.length, label });
    this.emit(draft);
  }

  /** A move of the address of a label; `encode` makes it from the code index. */
  emitAddress(destination: Register, label: string): void {
    this.jumps.push({ at: this.code.length, label });
    this.emit({ kind: 'arithmetic', operation: 'move', destination, sources: [zero] });
  }

  /** Makes the accesses from `begin` on, and what follows the first of them, one instruction; whether that is several steps. */
  makeWhole(begin: CodeIndex): boolean {
    const next = this.code.length;
    const first = this.code.findIndex((i, at) => at >= begin && i.kind === 'access');
    if (next - first < 2) return false;
    for (const [at, i] of this.code.entries())
      if (at >= first && i.kind === 'access') this.code[at] = { ...i, whole: { first, next } };
    return true;
  }

  arithmetic(operation: Arithmetic, destination: Register, ...sources: readonly Operand[]): void {
    this.emit({ kind: 'arithmetic', operation, destination, sources });
  }

  /** The machine's register for a general register 0 to 30. */
  register(number: number): Register {
    return numbered(this.general, number, this.registers);
  }

  /** The machine's register for something that is no general register: flags, scratch values, PAR_EL1. */
  scratch(name: string): Register {
    return numbered(this.hidden, name, this.registers);
  }

  source(name: RegisterName): Operand {
    return name.number === 31 ? zero : { kind: 'register', register: this.register(name.number) };
  }

  /** Where a result goes; a scratch register for the zero register. */
  destination(name: RegisterName): Register {
    return name.number === 31 ? this.scratch('discarded') : this.register(name.number);
  }

  /** A register with a shift or an extension, as an operand. */
  modified(name: RegisterName, modifier: Modifier | undefined): Operand | Refusal {
    let operand = this.source(name);
    if (modifier === undefined) return this.narrowed(name, operand, 'shifted');
    const scratch = this.scratch('shifted');
    const result: Operand = { kind: 'register', register: scratch };
    const bits = extendedBits[modifier.kind];
    if (bits === undefined) return this.shifted(name, modifier);
    if (bits < 64 && !this.isSmall(name, bits)) {
      this.arithmetic('and', scratch, operand, { kind: 'value', value: (1n << BigInt(bits)) - 1n });
      if (modifier.kind.startsWith('S')) this.extendSign(scratch, 1n << BigInt(bits - 1));
      operand = result;
    }
    if (modifier.amount === 0) return operand;
    this.arithmetic('shiftLeft', scratch, operand, { kind: 'value', value: BigInt(modifier.amount) });
    return result;
  }

  /** A register shifted by a number of bits. */
  private shifted(name: RegisterName, { kind, amount }: Modifier): Operand | Refusal {
    const source = this.narrowed(name, this.source(name), 'shifted');
    if (amount === 0) return source;
    const scratch = this.scratch('shifted');
    const result: Operand = { kind: 'register', register: scratch };
    const bits = name.wide ? 64 : 32;
    const by = (count: number): Operand => ({ kind: 'value', value: BigInt(count) });
    if (kind === 'ROR') {
      const high = this.scratch('rotated');
      this.arithmetic('shiftLeft', high, source, by(bits - amount));
      this.arithmetic('shiftRight', scratch, source, by(amount));
      this.arithmetic('or', scratch, result, { kind: 'register', register: high });
    } else if (kind === 'ASR') {
      this.arithmetic('shiftRight', scratch, source, by(amount));
      this.extendSign(scratch, 1n << BigInt(bits - 1 - amount));
    } else this.arithmetic(kind === 'LSR' ? 'shiftRight' : 'shiftLeft', scratch, source, by(amount));
    if (!name.wide && kind !== 'LSR') this.arithmetic('and', scratch, result, { kind: 'value', value: LOW_WORD });
    return result;
  }

  /** The value that a W name stands for, where the register may hold more. */
  narrowed(name: RegisterName, operand: Operand, scratchName: string): Operand {
    if (name.wide || !this.context.wideNumbers || operand.kind === 'value' || this.isSmall(name)) return operand;
    const scratch = this.scratch(scratchName);
    this.arithmetic('and', scratch, operand, { kind: 'value', value: LOW_WORD });
    return { kind: 'register', register: scratch };
  }

  /** Copies the sign bit upwards: flip it, then subtract it. */
  extendSign(register: Register, sign: bigint): void {
    const operand: Operand = { kind: 'register', register };
    this.arithmetic('exclusiveOr', register, operand, { kind: 'value', value: sign });
    this.arithmetic('subtract', register, operand, { kind: 'value', value: sign });
  }

  /** Cuts the result of an operation on W registers to 32 bits. */
  cut(name: RegisterName): void {
    if (name.wide || name.number === 31) return;
    const register = this.register(name.number);
    this.arithmetic('and', register, { kind: 'register', register }, { kind: 'value', value: LOW_WORD });
  }

  /** Fills in the branch targets; the label that does not exist, if there is one. */
  resolve(encode: (index: CodeIndex) => bigint): string | undefined {
    for (const { at, label } of this.jumps) {
      const target = this.labels.get(label);
      if (target === undefined) return label;
      const instruction = this.code[at] as Instruction;
      this.code[at] =
        instruction.kind === 'arithmetic'
          ? { ...instruction, sources: [{ kind: 'value', value: encode(target) }] }
          : ({ ...instruction, target } as Instruction);
    }
    return undefined;
  }

  /** Whether extending the low 32 bits of a register changes nothing; nothing is known of fewer bits. */
  private isSmall(name: RegisterName, bits = 32): boolean {
    const { definitions, initial } = this.context;
    if (name.number === 31) return true;
    return bits === 32 && isSmall(name.number, initial.get(name.number) ?? 0n, definitions);
  }
}

function numbered<K>(numbers: Map<K, Register>, key: K, next: Register): Register {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, next);
  return next;
}
