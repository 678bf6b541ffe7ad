/** What the parts of the elaboration share while they make the code of one CPU. */

import type { LockId, LockKind, Operand, Site } from '../../../simulator/machine/program';
import type { Block, Expression, FunctionItem, Identifier, Span } from '../ast';
import { releasesWith } from '../stdlib/library';
import type { CodeGraph, Straight } from './codeGraph';
import { type ElaborationCode, elaborationCodes } from './codes';
import type { Knowledge } from './knowledge';
import type { CallStack, SiteTable } from './sites';
import type { Diagnostics, Place, Source } from './source';
import type { OpenLoop } from './spending';
import type { State, VariableId, Way } from './state';
import { directOperand, inRegister, type ListId, type Numeric, type Value, type VirtualRegister } from './value';
import type { World } from './world';

/** Named bounds of an elaboration. */
export const ELABORATION_LIMITS = {
  /** Instructions made for one CPU, in code that is thrown away again too. */
  instructions: 24_000,
  /** Expressions and statements looked at for one CPU: ends loops that make no code. */
  steps: 200_000,
  /** Calls inside one another. */
  callDepth: 64,
  /** Nesting depth of exceptions that have a copy of the handlers. */
  nesting: 3,
  /** Times that a program is made anew, to agree with what it touches and writes. */
  rounds: 8,
  /** Iterations of a loop that are copied one behind the other in a program that runs once. */
  copiesInOneRun: 1,
} as const;

export interface Scope {
  readonly names: Map<string, VariableId>;
  readonly outer: Scope | undefined;
}

/** Where the code that is being made comes from. */
export interface Frame {
  readonly source: Source;
  readonly stack: CallStack;
  readonly active: readonly FunctionItem[];
  readonly scope: Scope;
  readonly span: Span;
  readonly site: Site;
  /** Registers r0 to r30 belong to the text of CPUs and interrupts, not to functions. */
  readonly inFunction: boolean;
}

/** A word whose value was used as known, because no other code of the program has a store to it. */
export interface Assumption {
  readonly cpu: number;
  readonly physicalAddress: bigint;
}

export interface RegisterName {
  readonly variable: VariableId;
  readonly register: VirtualRegister;
}

/** What is counted while the code of one CPU is made. */
export interface Counters {
  variables: number;
  lists: number;
  /** Lists that are in memory, with the variable that holds how many items there are (`oneRun`). */
  readonly listsInMemory: Map<ListId, VariableId>;
  /** Allocations that take any free page. */
  allocations: number;
  steps: number;
  exhausted: boolean;
  /** Loops that are being copied, innermost last. */
  readonly loops: OpenLoop[];
}

export function newCounters(): Counters {
  return { variables: 0, lists: 0, listsInMemory: new Map(), allocations: 0, steps: 0, exhausted: false, loops: [] };
}

/** Lowering of one CPU. */
export interface Compiler {
  readonly world: World;
  readonly graph: CodeGraph;
  readonly sites: SiteTable;
  readonly diagnostics: Diagnostics;
  /** Index of the CPU in the program, and the number that the scenario gives it. */
  readonly cpu: number;
  readonly cpuNumber: number;
  /** Equal CPUs have one code, so that the number of the CPU is not a constant in it. */
  readonly shared: boolean;
  /** The program of a CPU begins with memory as it is at the start; a handler begins at any time. */
  readonly fromStart: boolean;
  /** What is known of the other codes; handlers write to memory behind the main code's back. */
  readonly knowledge: Knowledge;
  readonly registers: ReadonlyMap<string, RegisterName>;
  /** Registers that both the program of the CPU and its handlers write: never known. */
  readonly volatileRegisters: ReadonlySet<string>;
  /** Registers that hold 0 or 1. */
  readonly truths: Set<VirtualRegister>;
  /** Registers that hold whether two values are equal. */
  readonly equalities: Map<VirtualRegister, { readonly left: Numeric; readonly right: Numeric }>;
  /** Pages of the pool that allocations were given for good, over all CPUs. */
  readonly given: { pages: number };
  /** Whether anything can interrupt the CPU; if not, the fault path need not see to its masks. */
  readonly interruptible: boolean;
  /** Constants whose expression is being evaluated. */
  readonly activeConstants: Set<string>;
  readonly counters: Counters;
  evaluate(frame: Frame, state: State, expression: Expression): readonly Way<Value>[];
  execute(frame: Frame, state: State, block: Block): readonly Exit[];
}

/** How a statement goes on. */
export type Exit =
  | { readonly kind: 'next' | 'break' | 'continue'; readonly state: State }
  | { readonly kind: 'return'; readonly state: State; readonly value: Value | undefined };

export interface LockValue {
  readonly lock: LockId;
  readonly lockKind: LockKind;
}

export function complain(compiler: Compiler, frame: Frame, code: ElaborationCode, span: Span, message: string): void {
  const call =
    frame.source.origin === 'library'
      ? frame.stack.calls.findLast(({ source }) => source.origin !== 'library')
      : undefined;
  // What the library cannot work with was given to it by the user.
  if (call !== undefined && code === elaborationCodes.kind)
    compiler.diagnostics.error(code, call, `\`${call.callee}\` cannot work with what it is given: ${message} there`);
  else compiler.diagnostics.error(code, { source: frame.source, span }, message);
}

/**
 * A name that a function at the top of the file has from the library of another kernel, and that this scenario's has not.
 * In a file of one kernel whoever resolves names has said it.
 */
export function notInThisKernel(compiler: Compiler, frame: Frame, { name, span }: Identifier): void {
  const { librariesDiffer, environment } = compiler.world;
  const kernels = librariesDiffer && frame.inFunction ? releasesWith(name) : [];
  if (kernels.length === 0) return;
  const { kernel } = environment.configuration;
  complain(
    compiler,
    frame,
    elaborationCodes.kind,
    span,
    `the library of kernel ${kernel} has no ${name}, that of ${kernels.join(', ')} has: bring it as \`fn\`, or ask for \`machine.kernel\``,
  );
}

/** An instruction without its site. */
export type Bare = Straight extends infer One ? (One extends unknown ? Omit<One, 'site'> : never) : never;

export function emit(compiler: Compiler, frame: Frame, state: State, instruction: Bare): void {
  compiler.graph.add(state.block, { ...instruction, site: frame.site } as Straight);
}

/** A number as an operand; adds a register's offset with an instruction where it has one. */
export function operandOf(compiler: Compiler, frame: Frame, state: State, value: Numeric): Operand {
  const direct = directOperand(value);
  if (direct !== undefined) return direct;
  const { register, plus } = value as { register: VirtualRegister; plus: bigint };
  const destination = compiler.graph.register();
  emit(compiler, frame, state, {
    kind: 'arithmetic',
    operation: 'add',
    destination,
    sources: [
      { kind: 'register', register },
      { kind: 'value', value: plus },
    ],
  });
  return { kind: 'register', register: destination };
}

/** A fresh register as a value. */
export function freshRegister(compiler: Compiler): { readonly register: VirtualRegister; readonly value: Numeric } {
  const register = compiler.graph.register();
  return { register, value: inRegister(register) };
}

export function placeOf(frame: Frame, span: Span): Place {
  return { source: frame.source, span };
}
