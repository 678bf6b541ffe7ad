/**
 * Plain stores of what was made from a value that was read in the same word: what the word is known to have held since,
 * and which bits of that went into what is stored. Only then can a store undo what somebody else has written in between.
 */

import { destinationOf, successorsOf } from '../../../simulator/machine/code';
import type {
  AccessInstruction,
  ArithmeticInstruction,
  CodeIndex,
  Instruction,
  Operand,
} from '../../../simulator/machine/program';
import { COMPUTED } from '../../../simulator/machine/undoneBits';
import { all64 } from './addressSpace';
import type { VirtualRegister } from './value';

/** What is known at a point of the code of the word in question. */
interface Held {
  /** The read that it comes from. */
  readonly since: CodeIndex;
  /** What the word holds if nobody else writes it. */
  readonly operand: Operand;
  /** Registers that were made from what was read, with the bits of it that count in them. */
  readonly made: ReadonlyMap<VirtualRegister, bigint>;
}

type Word = Pick<AccessInstruction, 'base' | 'offset' | 'bytes'>;

/**
 * The code with `overwrites` at such stores, of those at an address that counts. Registers are virtual ones.
 */
export function noteOverwrites(
  code: readonly Instruction[],
  entries: readonly CodeIndex[],
  counts: (address: bigint) => boolean,
): readonly Instruction[] {
  const stores = new Map<CodeIndex, NonNullable<AccessInstruction['overwrites']>>();
  for (const word of readAndStored(code)) {
    if (word.base.kind === 'value' && word.offset.kind === 'value' && !counts(word.base.value + word.offset.value))
      continue;
    const held = flow(code, entries, word);
    code.forEach((one, at) => {
      const before = held[at];
      if (before === undefined || before === 'nothing' || !isStore(one) || !isSame(one, word)) return;
      const bits = one.value?.kind === 'register' ? (before.made.get(one.value.register) ?? 0n) : 0n;
      if (bits !== 0n) stores.set(at, { held: before.operand, bits });
    });
  }
  if (stores.size === 0) return code;
  return code.map((one, at) => {
    const overwrites = stores.get(at);
    return overwrites === undefined ? one : ({ ...one, overwrites } as Instruction);
  });
}

/** Words, as operands say them, that are read and that something from a register is stored to. */
function readAndStored(code: readonly Instruction[]): readonly Word[] {
  const words: Word[] = [];
  for (const one of code) {
    if (!isStore(one) || one.value?.kind !== 'register' || words.some((word) => isSame(one, word))) continue;
    if (code.some((other) => isRead(other) && isSame(other, one)))
      words.push({ base: one.base, offset: one.offset, bytes: one.bytes });
  }
  return words;
}

/** What is known before each instruction; undefined where no way leads. */
function flow(
  code: readonly Instruction[],
  entries: readonly CodeIndex[],
  word: Word,
): readonly (Held | 'nothing' | undefined)[] {
  const before: (Held | 'nothing' | undefined)[] = [];
  const waiting = [...entries];
  for (const entry of entries) before[entry] = 'nothing';
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const one = code[at];
    if (one === undefined) continue;
    const after = behind(one, at, word, before[at] as Held | 'nothing');
    const ways = successorsOf(one, at).map((next) => ({ next, after }));
    if (one.kind === 'access' && one.fixup !== undefined) ways.push({ next: one.fixup, after: 'nothing' });
    for (const { next, after: known } of ways) {
      const met = meet(before[next], known);
      if (met === before[next]) continue;
      before[next] = met;
      waiting.push(next);
    }
  }
  return before;
}

function meet(one: Held | 'nothing' | undefined, other: Held | 'nothing'): Held | 'nothing' {
  if (one === undefined) return other;
  if (one === 'nothing' || other === 'nothing' || one.since !== other.since) return 'nothing';
  if (!isEqual(one.operand, other.operand)) return 'nothing';
  const made = new Map<VirtualRegister, bigint>();
  for (const [register, bits] of one.made) {
    const others = other.made.get(register);
    if (others !== undefined) made.set(register, bits | others);
  }
  const isUnchanged =
    made.size === one.made.size && [...made].every(([register, bits]) => one.made.get(register) === bits);
  return isUnchanged ? one : { ...one, made };
}

function behind(one: Instruction, at: CodeIndex, word: Word, held: Held | 'nothing'): Held | 'nothing' {
  const destination = destinationOf(one);
  if (one.kind === 'access') {
    const isWhole = one.exclusive !== true && isSame(one, word);
    const read = isRead(one) && isWhole && destination !== undefined ? destination : undefined;
    if (read !== undefined && !isRegister(one.base, read)) {
      const operand = one.access === 'load' ? ({ kind: 'register', register: read } as const) : one.value;
      if (operand === undefined) return 'nothing';
      return { since: at, operand, made: new Map([[read, all64]]) };
    }
    if (held === 'nothing') return held;
    if (one.access !== 'load') {
      if (isStore(one) && isWhole && one.value !== undefined) return { ...held, operand: one.value };
      if (mayBe(one, word)) return 'nothing';
    }
  }
  if (held === 'nothing' || destination === undefined) return held;
  if (isRegister(held.operand, destination) || isRegister(word.base, destination)) return 'nothing';
  const bits = one.kind === 'arithmetic' ? bitsOf(one, held.made) : 0n;
  if (bits === (held.made.get(destination) ?? 0n)) return held;
  const made = new Map(held.made);
  if (bits === 0n) made.delete(destination);
  else made.set(destination, bits);
  return { ...held, made };
}

/** The bits of what was read that count in the result of an instruction, at the places where they are in it. */
function bitsOf({ operation, sources }: ArithmeticInstruction, made: Held['made']): bigint {
  const of = (operand: Operand | undefined): bigint =>
    operand?.kind === 'register' ? (made.get(operand.register) ?? 0n) : 0n;
  const all = sources.reduce((bits, one) => bits | of(one), 0n);
  if (all === 0n) return 0n;
  const [left, right] = sources;
  const constant = left?.kind === 'value' ? left.value : right?.kind === 'value' ? right.value : undefined;
  // What is computed otherwise than bit by bit counts as a whole.
  const computed = all & COMPUTED;
  switch (operation) {
    case 'move':
    case 'exclusiveOr':
      return all;
    case 'and':
      return constant === undefined ? all : (all & constant) | computed;
    case 'or':
      return constant === undefined ? all : (all & ~constant & all64) | computed;
    case 'bitClear':
      return right?.kind === 'value' ? (all & ~right.value & all64) | computed : all;
    case 'equal':
    case 'notEqual':
    case 'below':
    case 'belowOrEqual':
      return 1n;
    case 'add':
    case 'subtract':
    case 'shiftLeft':
    case 'shiftRight':
    case 'multiply':
    case 'divide':
    case 'remainder':
    case 'select':
      return all64 | COMPUTED;
  }
}

/** A load or a swap, whose result says what was there and after which the word is known. */
function isRead(one: Instruction): one is AccessInstruction {
  if (one.kind !== 'access' || one.bytes < 4 || one.exclusive === true || one.destination === undefined) return false;
  return one.access === 'load' || isSwap(one);
}

/** A store, or a swap of which nobody looks at the result. */
function isStore(one: Instruction): one is AccessInstruction {
  if (one.kind !== 'access' || one.bytes < 4 || one.exclusive === true) return false;
  return one.access === 'store' || (isSwap(one) && one.destination === undefined);
}

function isSwap({ access, operation }: AccessInstruction): boolean {
  return access === 'atomic' && (operation ?? 'swap') === 'swap';
}

function isSame(one: Word, other: Word): boolean {
  return isEqual(one.base, other.base) && isEqual(one.offset, other.offset) && one.bytes === other.bytes;
}

/** Whether an access that is not of the word, as operands say it, may hit it all the same. */
function mayBe({ base, offset }: AccessInstruction, word: Word): boolean {
  if (offset.kind !== 'value' || word.offset.kind !== 'value') return true;
  if (base.kind === 'register' || word.base.kind === 'register') {
    if (!isEqual(base, word.base)) return true;
    return offset.value >> 3n === word.offset.value >> 3n;
  }
  return ((base.value + offset.value) & all64) >> 3n === ((word.base.value + word.offset.value) & all64) >> 3n;
}

function isEqual(one: Operand, other: Operand): boolean {
  if (one.kind === 'value') return other.kind === 'value' && one.value === other.value;
  return other.kind === 'register' && one.register === other.register;
}

function isRegister(operand: Operand, register: VirtualRegister): boolean {
  return operand.kind === 'register' && operand.register === register;
}
