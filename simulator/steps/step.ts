/**
 * What a kind of step is: how its instruction is fetched, and, when it stays in the window for a while, what happens to
 * its entry there. One file a kind; `table.ts` lists them.
 */

import type { Compiled } from '../machine/code';
import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { Instruction, Register } from '../machine/program';
import type { ValueId } from '../machine/values';
import type { Choices } from './choices';
import type { Order } from './order';

/**
 * `next`: fetched, go on with the next instruction. `moved`: fetched, the step has set the PC. `wait`: cannot be
 * fetched in this state. `decide`: there is more than one way to go on, which is a choice (`offerFetch`).
 */
export type Fetched = 'next' | 'moved' | 'wait' | 'decide';

export interface StepKind {
  /** The instruction kinds that this step implements. */
  readonly kinds: readonly Instruction['kind'][];
  /** One sentence: what it does and which instruction or kernel primitive it stands for. */
  readonly doc: string;
  readonly fetch: (m: Machine, t: number, c: Compiled) => Fetched;
  /** The ways to go on at a fetch that answered `decide` or `wait`; none: nothing can be done yet. */
  readonly offerFetch?: (m: Machine, t: number, c: Compiled, choices: Choices) => void;
  /** Its fetch choices are visible to other CPUs (or may be put off for ever), so they interleave; else they come first. */
  readonly interleaves?: boolean;
  /** Takes one of them. */
  readonly takeFetch?: (m: Machine, t: number, c: Compiled, payload: number) => void;
  /** At a fetch that answers `wait`: the CPU waits for another CPU (and not just for its own window). */
  readonly blocksOnOthers?: (m: Machine, t: number, c: Compiled) => boolean;
}

/** A kind of window entry. */
export interface EntryKind {
  readonly entry: number;
  /** Does what only enables (no interleaving): true when something changed. May end the entry with `endEntry`. */
  readonly settle: (m: Machine, t: number, k: number, slot: number, order: Order) => boolean;
  /** Offers the effects that interleave with those of other CPUs. */
  readonly offer?: (m: Machine, t: number, k: number, slot: number, order: Order, choices: Choices) => void;
  readonly take?: (m: Machine, t: number, k: number, slot: number, effect: number, payload: number) => void;
  /** The entry waits for another CPU. */
  readonly blocksOnOthers?: (m: Machine, t: number, slot: number) => boolean;
}

/** Room for `n` more entries in a CPU's window; when there is none the layout grows and this pass is void. */
export function hasRoom(m: Machine, t: number, n: number): boolean {
  if (m.count(t) + n <= m.layout.windowSlots) return true;
  m.learned.grow('windowSlots');
  m.dropped = true;
  return false;
}

/** Adds an entry at the young end of the window; its words are 0 but for these. Needs `hasRoom`. */
export function pushEntry(m: Machine, t: number, kind: number, ip: number): number {
  const at = m.base(t) + CPU.COUNT;
  const k = m.w[at] as number;
  m.w[at] = k + 1;
  const slot = m.slot(t, k);
  m.w[slot + SLOT.KIND] = kind;
  m.w[slot + SLOT.IP] = ip;
  return slot;
}

/** Gives a register a value, or a reference to the slot that will give it one. */
export function setRegister(m: Machine, t: number, register: Register, word: ValueId): void {
  if (register >= 0) m.w[m.register(t, register)] = word;
}

export function reference(k: number): number {
  return -(k + 1);
}

/** The result of slot k is known: whoever waited for it has it now. */
export function resolve(m: Machine, t: number, k: number, value: ValueId): void {
  const { w } = m;
  const waiting = reference(k);
  const registers = m.register(t, 0);
  const count = m.layout.registerCount[t] as number;
  for (let r = 0; r < count; r++) if (w[registers + r] === waiting) w[registers + r] = value;
  const slots = m.count(t);
  for (let j = k + 1; j < slots; j++) {
    const slot = m.slot(t, j);
    for (let o = SLOT.A; o <= SLOT.D; o++) if (w[slot + o] === waiting) w[slot + o] = value;
    for (let r = 0; r < count; r++) if (w[slot + SLOT.WORDS + r] === waiting) w[slot + SLOT.WORDS + r] = value;
  }
}

/** Ends an entry: it is skipped from now on and leaves the window when the closure is done. */
export function endEntry(m: Machine, slot: number): void {
  m.w[slot + SLOT.KIND] = 0;
}

/** Whether an older access of the window is untranslated (a fault there would squash what is younger). */
export function olderUntranslated(m: Machine, t: number, k: number): boolean {
  for (let j = 0; j < k; j++) {
    const slot = m.slot(t, j);
    if (m.w[slot + SLOT.KIND] === 1 && !m.flag(slot, FLAG.WALKED)) return true;
  }
  return false;
}

/** An entry of the window waits for another CPU, or may have to. */
export function anySpinning(m: Machine, t: number): boolean {
  for (let k = 0; k < m.count(t); k++) {
    const slot = m.slot(t, k);
    const kind = m.w[slot + SLOT.KIND];
    if (kind !== ENTRY.LOCK && kind !== ENTRY.ACCESS) continue;
    if (!m.flag(slot, FLAG.READ) && m.compiled(t, m.w[slot + SLOT.IP] as number).spins) return true;
  }
  return false;
}

/** Whether an access of the window is untranslated. */
export function anyUntranslated(m: Machine, t: number): boolean {
  return olderUntranslated(m, t, m.count(t));
}
