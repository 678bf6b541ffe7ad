/** Where the numbers of values stand in the blocks of a state. */

import { CPU, ENTRY, FLAG, MAX_NESTING, NEST, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';

/** Called with the place of a word, and what is added to the number that it holds. */
type Visit = (at: number, plus: 0 | 1) => void;

/** The words of values in a memory block that begins at `start`. */
export function valuesOfMemory(m: Machine, data: Int32Array, start: number, visit: Visit): void {
  const { layout } = m;
  for (let l = 0; l < layout.locations; l++) {
    const h = start + layout.history + l * layout.historyWords;
    for (let i = 1; i <= (data[h] as number); i++) visit(h + i, 0);
  }
}

/** Those of a block of CPU t, from `start` to `end`. Stray TLB entries are left out: there must be none. */
export function valuesOfCpu(m: Machine, t: number, data: Int32Array, start: number, end: number, visit: Visit): void {
  const { layout } = m;
  const base = m.base(t);
  const count = layout.registerCount[t] as number;
  visit(start + CPU.FINAL_VALUE, 0);
  for (let d = 0; d < MAX_NESTING; d++) {
    visit(start + CPU.STACK + d * NEST.WORDS + NEST.ESR, 0);
    visit(start + CPU.STACK + d * NEST.WORDS + NEST.FAR, 0);
  }
  const registers = start + (layout.registers[t] as number) - base;
  for (let r = 0; r < count; r++) visit(registers + r, 0);
  let slot = start + (layout.waits[t] as number) - base + (data[start + CPU.WAITS] as number);
  while (slot < end) {
    const holdsRegisters = hasSnapshot(data, slot);
    for (const operand of operands[data[slot + SLOT.KIND] as number] ?? []) visit(slot + operand, 0);
    if (data[slot + SLOT.KIND] === ENTRY.ACCESS) {
      visit(slot + SLOT.READ_VALUE, 0);
      visit(slot + SLOT.PA, 1);
      visit(slot + SLOT.VA, 1);
    }
    slot += SLOT.WORDS;
    if (!holdsRegisters) continue;
    for (let r = 0; r < count; r++) visit(slot + r, 0);
    slot += count;
  }
}

const all = [SLOT.A, SLOT.B, SLOT.C, SLOT.D];
/** By kind of entry, the words that hold values or references; those of other kinds hold small numbers. */
const operands: Readonly<Record<number, readonly number[]>> = {
  [ENTRY.ACCESS]: all,
  [ENTRY.TLBI]: all,
  [ENTRY.ARITHMETIC]: all,
  [ENTRY.BRANCH]: all,
  [ENTRY.PICK]: all,
  [ENTRY.CALL]: [SLOT.A, SLOT.C, SLOT.D],
};

/** An access that is not translated yet carries the registers for its fault, a wait those for an interrupt. */
export function hasSnapshot(w: Int32Array, slot: number): boolean {
  const flags = w[slot + SLOT.FLAGS] as number;
  return (flags & FLAG.UNDOABLE) !== 0 || (w[slot + SLOT.KIND] === ENTRY.ACCESS && (flags & FLAG.WALKED) === 0);
}
