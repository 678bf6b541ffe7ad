/**
 * A CPU's program made ready to run: operands as small integers, which registers are live where, whether a TLBI is
 * ever completed, and what may still be touched from each point on.
 */

import { bestCompletion } from './completion';
import type { CodeIndex, CpuProgram, Filling, Instruction, Operand, Register } from './program';
import type { ValueId, Values } from './values';

/** A value number (0 and up) or a register r as -(r + 1). */
export type OperandCode = number;

export interface Compiled {
  readonly instruction: Instruction;
  /** Operands in the order base, offset, value, compare or what is overwritten (access), or as the step kind's file says. */
  readonly operands: readonly OperandCode[];
  readonly destination: Register;
  /** Registers that are live before this instruction; all others are 0 in a canonical record. */
  readonly live: Uint8Array;
  /** TLBI: which CPUs' TLBs a later DSB of this CPU may complete it for (COMPLETED). */
  readonly completes: number;
  /** TLBI of every CPU: its own CPU has a non-shareable DSB, for which what it does there is apart from the rest. */
  readonly twoParts: boolean;
  /** Acquire semantics (LDAR, A forms), those of LDAPR, release, and the zero-register form. */
  readonly acquire: boolean;
  readonly acquirePc: boolean;
  readonly release: boolean;
  readonly noReturn: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Waits in a loop until it succeeds: taking a lock, waiting for a word. */
  readonly spins: boolean;
  /** Stands for fetching an instruction. */
  readonly fetches: boolean;
  /** A store-exclusive in a loop. */
  readonly retries: boolean;
  /** A load of a copy. */
  readonly moves: boolean;
  /** The first store of a copy or clear of a page. */
  readonly fills: Filling | undefined;
}

export interface CompiledCpu {
  readonly program: CpuProgram;
  readonly code: readonly Compiled[];
  /** Registers that the program observes. */
  readonly observed: ReadonlySet<Register>;
}

export function compileCpu(program: CpuProgram, values: Values, observed: ReadonlySet<Register>): CompiledCpu {
  const live = liveness(program, observed);
  const completes = bestCompletion(program);
  const hasOwnDsb = program.code.some((i) => i.kind === 'dsb' && i.domain === 'nonShareable');
  const code = program.code.map((instruction, ip): Compiled => {
    const access = instruction.kind === 'access' ? instruction : undefined;
    const loadLike = instruction.kind === 'translate';
    const noReturn = access?.noReturn ?? false;
    return {
      instruction,
      operands: operandsOf(instruction).map((o) => encode(o, values)),
      destination: destinationOf(instruction) ?? -1,
      live: live[ip] as Uint8Array,
      completes: completes[ip] as number,
      twoParts: instruction.kind === 'tlbi' && instruction.innerShareable && hasOwnDsb,
      acquire:
        instruction.kind === 'lock' ||
        (instruction.kind === 'wait' && instruction.acquire === true) ||
        access?.acquire === 'full',
      acquirePc: access?.acquire === 'processorConsistent',
      release: instruction.kind === 'unlock' || (access?.release ?? false),
      noReturn,
      spins: instruction.kind === 'wait' || (instruction.kind === 'lock' && instruction.taken === undefined),
      fetches: instruction.kind === 'translate' && instruction.fetches === true,
      moves: access?.moves === true,
      fills: access?.fills,
      retries: access?.access === 'store' && access.exclusive === true && isRepeated(program, ip),
      reads:
        loadLike ||
        instruction.kind === 'lock' ||
        instruction.kind === 'wait' ||
        (access !== undefined && access.access !== 'store'),
      writes:
        instruction.kind === 'lock' ||
        instruction.kind === 'unlock' ||
        (access !== undefined && access.access !== 'load'),
    };
  });
  return { program, code, observed };
}

function encode(operand: Operand, values: Values): OperandCode {
  return operand.kind === 'value' ? values.of(operand.value) : -(operand.register + 1);
}

const ZERO: Operand = { kind: 'value', value: 0n };

/** The source operands of an instruction, in the fixed order that the steps rely on. */
export function operandsOf(i: Instruction): readonly Operand[] {
  switch (i.kind) {
    case 'access':
      return [i.base, i.offset, i.value ?? ZERO, i.compare ?? i.overwrites?.held ?? ZERO];
    case 'translate':
      return [i.address, ZERO, ZERO, ZERO];
    case 'wait':
      return [i.address, ZERO, i.value, ZERO];
    case 'tlbi':
      return [i.operand ?? ZERO, i.lastOperand ?? i.operand ?? ZERO];
    case 'arithmetic':
      return i.sources;
    case 'branch':
      return [i.condition];
    case 'systemRegister':
      return i.write === undefined ? [] : [i.write];
    case 'mask':
      return i.from === undefined ? [] : [i.from];
    case 'free':
      return [i.address];
    case 'report':
      return i.unless === undefined ? [] : [i.unless];
    case 'dmb':
    case 'dsb':
    case 'isb':
    case 'jump':
    case 'choose':
    case 'end':
    case 'svc':
    case 'eret':
    case 'cpuNumber':
    case 'lock':
    case 'unlock':
    case 'assertHeld':
    case 'allocate':
    case 'rcu':
    case 'sendInterrupt':
      return [];
  }
}

/** The register that an instruction writes, if any. */
export function destinationOf(i: Instruction): Register | undefined {
  switch (i.kind) {
    case 'access':
      return i.status ?? i.destination;
    case 'translate':
    case 'arithmetic':
    case 'cpuNumber':
    case 'allocate':
      return i.destination;
    case 'systemRegister':
      return i.read;
    case 'mask':
      return i.save;
    case 'lock':
      return i.taken;
    default:
      return undefined;
  }
}

/** Where control may go from an instruction, exceptions left out. */
export function successorsOf(i: Instruction, ip: CodeIndex): readonly CodeIndex[] {
  switch (i.kind) {
    case 'branch':
      return [i.target, ip + 1];
    case 'jump':
      return [i.target];
    case 'choose':
      return i.targets;
    case 'end':
    case 'eret':
      return [];
    case 'report':
      return (i.fatal || i.panic) && i.unless === undefined ? [] : [ip + 1];
    default:
      return [ip + 1];
  }
}

/** Whether an instruction leads to itself. */
function isRepeated({ code }: CpuProgram, ip: CodeIndex): boolean {
  const reached = new Set(successorsOf(code[ip] as Instruction, ip));
  for (const next of reached)
    if (next < code.length) for (const on of successorsOf(code[next] as Instruction, next)) reached.add(on);
  return reached.has(ip);
}

/** A fixed point over the code: `combine` of each instruction's successors, until nothing changes. Visits backwards. */
export function backwards(
  program: CpuProgram,
  visit: (ip: CodeIndex, successors: readonly CodeIndex[]) => boolean,
): void {
  const successors = program.code.map((i, ip) => successorsOf(i, ip).filter((s) => s < program.code.length));
  for (let changed = true; changed; ) {
    changed = false;
    for (let ip = successors.length - 1; ip >= 0; ip--)
      if (visit(ip, successors[ip] as readonly CodeIndex[])) changed = true;
  }
}

/**
 * For each code index the registers that some later instruction or observation reads. One byte a register. An observed
 * register is live everywhere: an execution may end anywhere, by a fatal fault.
 */
function liveness(program: CpuProgram, observed: ReadonlySet<Register>): Uint8Array[] {
  const always = new Uint8Array(program.registers);
  for (const r of observed) always[r] = 1;
  const live = program.code.map(() => new Uint8Array(always));
  const handlers = [
    ...(program.faults.kind === 'handler' ? program.faults.entries : []),
    ...program.interrupts.flatMap((i) => i.entries),
  ];
  const main = reachable(program);
  /** What is live somewhere in the program proper: where a handler may return to. */
  const anywhere = new Uint8Array(always);
  const next = new Uint8Array(always);
  backwards(program, (ip, successors) => {
    const instruction = program.code[ip] as Instruction;
    const here = live[ip] as Uint8Array;
    next.set(always);
    for (const s of successors) unite(next, live[s]);
    if (instruction.kind === 'eret') unite(next, anywhere);
    const destination = destinationOf(instruction);
    if (destination !== undefined && always[destination] === 0) next[destination] = 0;
    for (const o of operandsOf(instruction)) if (o.kind === 'register') next[o.register] = 1;
    if (instruction.kind === 'access' && instruction.fixup !== undefined) unite(next, live[instruction.fixup]);
    if (instruction.kind === 'access' && instruction.whole !== undefined) {
      unite(next, live[instruction.whole.first]);
      unite(next, live[instruction.whole.next]);
    }
    // An exception may be taken here: its handler may read the program's registers (a litmus test's does).
    for (const entry of handlers) unite(next, live[entry]);
    if (main.has(ip)) unite(anywhere, here);
    let changed = false;
    for (let r = 0; r < next.length; r++)
      if (next[r] !== 0 && here[r] === 0) {
        here[r] = 1;
        changed = true;
      }
    return changed;
  });
  return live;
}

function unite(into: Uint8Array, from: Uint8Array | undefined): void {
  if (from !== undefined) for (let r = 0; r < into.length; r++) into[r] = (into[r] as number) | (from[r] as number);
}

/** Code that the CPU may reach from its entry without an exception. */
export function reachable(program: CpuProgram): ReadonlySet<CodeIndex> {
  const seen = new Set<CodeIndex>([0]);
  const queue: CodeIndex[] = [0];
  for (let ip = queue.pop(); ip !== undefined; ip = queue.pop()) {
    const instruction = program.code[ip];
    if (instruction === undefined) continue;
    for (const s of successorsOf(instruction, ip))
      if (!seen.has(s)) {
        seen.add(s);
        queue.push(s);
      }
  }
  return seen;
}

/** The value number behind an operand: a constant, or the register's word, which may be a reference to a slot (< 0). */
export function operandWord(operand: OperandCode, record: Int32Array, registers: number): ValueId {
  return operand >= 0 ? operand : (record[registers - operand - 1] as number);
}
