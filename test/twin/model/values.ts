/** Operands by program order: the value of a register is the result of the nearest older instruction that writes it. */

import type { Arithmetic, Instruction, Operand } from '../../../simulator/machine/program';
import { addressOperands, type Context, destination, isStoreExclusive, word } from './program';
import type { Instance, TwinState, Word } from './state';

const MASK = (1n << 64n) - 1n;

export function instructionOf(context: Context, cpu: number, instance: Instance): Instruction {
  return context.program.cpus[cpu]!.code[instance.ip]!;
}

/** The value of an operand of the instruction at place `k` of the window (or of one fetched next), null when not known. */
export function operandValue(
  context: Context,
  state: TwinState,
  cpu: number,
  k: number,
  operand: Operand,
): Word | null {
  if (operand.kind === 'value') return word(operand.value);
  const { window, registers } = state.cpus[cpu]!;
  for (let j = k - 1; j >= 0; j--) {
    const older = window[j]!;
    if (older.synchronises || older.fault !== null) continue;
    if (destination(instructionOf(context, cpu, older)) === operand.register) return resultOf(context, state, cpu, j);
  }
  return registers[operand.register]!;
}

/** What the instruction at place `k` writes to its register, null when not known yet. */
export function resultOf(context: Context, state: TwinState, cpu: number, k: number): Word | null {
  const instance = state.cpus[cpu]!.window[k]!;
  const i = instructionOf(context, cpu, instance);
  switch (i.kind) {
    case 'access':
      if (!isStoreExclusive(i)) return instance.read?.value ?? null;
      return instance.written === null ? null : instance.written === 0 ? 1 : 0;
    case 'translate':
      return instance.answer;
    case 'systemRegister':
    case 'mask':
    case 'allocate':
      return instance.known;
    case 'lock':
      return instance.lock === null ? null : instance.lock === 'done' ? 1 : 0;
    case 'arithmetic': {
      const sources = i.sources.map((o) => operandValue(context, state, cpu, k, o));
      if (sources.some((s) => s === null)) return null;
      return compute(i.operation, sources as Word[]);
    }
    default:
      return null;
  }
}

function compute(operation: Arithmetic, sources: Word[]): Word {
  const [a, b] = [BigInt(sources[0]!), BigInt(sources[1] ?? 0)];
  switch (operation) {
    case 'move':
      return sources[0]!;
    case 'add':
      return word((a + b) & MASK);
    case 'and':
      return word(a & b);
    case 'or':
      return word(a | b);
    case 'exclusiveOr':
      return word(a ^ b);
    case 'equal':
      return a === b ? 1 : 0;
    case 'notEqual':
      return a === b ? 0 : 1;
    default:
      throw new Error(`the second machine has no ${operation}`);
  }
}

/** The virtual address of an access, null when not known. */
export function addressOf(context: Context, state: TwinState, cpu: number, k: number): Word | null {
  const i = instructionOf(context, cpu, state.cpus[cpu]!.window[k]!);
  let address = 0;
  for (const operand of addressOperands(i)) {
    const part = operandValue(context, state, cpu, k, operand);
    if (part === null) return null;
    address += part;
  }
  return address;
}

/** The value that a store or atomic writes, null when not known. */
export function valueToWrite(context: Context, state: TwinState, cpu: number, k: number): Word | null {
  const instance = state.cpus[cpu]!.window[k]!;
  const i = instructionOf(context, cpu, instance);
  if (i.kind !== 'access' || i.value === undefined) return null;
  const operand = operandValue(context, state, cpu, k, i.value);
  if (operand === null || i.access === 'store') return operand;
  if (instance.read === null) return null;
  const old = BigInt(instance.read.value);
  switch (i.operation) {
    case 'add':
      return word((old + BigInt(operand)) & MASK);
    case 'set':
      return word(old | BigInt(operand));
    case 'clear':
      return word(old & ~BigInt(operand));
    case 'exclusiveOr':
      return word(old ^ BigInt(operand));
    default:
      return operand;
  }
}
