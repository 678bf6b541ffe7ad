import type { Compiled } from '../machine/code';
import { operandWord } from '../machine/code';
import { CPU, ENTRY, FLAG, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { ArithmeticInstruction } from '../machine/program';
import { type Choices, EFFECT } from './choices';
import { type EntryKind, endEntry, hasRoom, pushEntry, reference, resolve, type StepKind, setRegister } from './step';

/** Computes at once when its operands are known; else it waits in the window and orders nothing. */
export const arithmetic: StepKind = {
  kinds: ['arithmetic'],
  doc: 'Computes on registers. Dependencies need no rule: an effect cannot happen before its operands exist.',
  fetch(m, t, c) {
    const [a = 0, b = 0, d = 0] = words(m, t, c);
    const { operation } = c.instruction as ArithmeticInstruction;
    if (a >= 0 && b >= 0 && d >= 0) {
      setRegister(m, t, c.destination, m.values.compute(operation, a, b, d));
      return 'next';
    }
    if (!hasRoom(m, t, 1)) return 'wait';
    const k = m.count(t);
    const slot = pushEntry(m, t, ENTRY.ARITHMETIC, m.w[m.base(t) + CPU.PC] as number);
    m.w[slot + SLOT.A] = a;
    m.w[slot + SLOT.B] = b;
    m.w[slot + SLOT.C] = d;
    setRegister(m, t, c.destination, reference(k));
    return 'next';
  },
};

function words(m: Machine, t: number, c: Compiled): number[] {
  return c.operands.map((o) => operandWord(o, m.w, m.register(t, 0)));
}

export const arithmeticEntry: EntryKind = {
  entry: ENTRY.ARITHMETIC,
  settle(m, t, k, slot) {
    const { w } = m;
    const [a, b, d] = [w[slot + SLOT.A] as number, w[slot + SLOT.B] as number, w[slot + SLOT.C] as number];
    if (a < 0 || b < 0 || d < 0) return false;
    const { operation } = m.compiled(t, w[slot + SLOT.IP] as number).instruction as ArithmeticInstruction;
    endEntry(m, slot);
    resolve(m, t, k, m.values.compute(operation, a, b, d));
    return true;
  },
  /** A select whose condition is not known yet may hand on either source before it is (pick dependency). */
  offer(m, t, k, slot, _order, choices: Choices) {
    const { w } = m;
    const c = m.compiled(t, w[slot + SLOT.IP] as number);
    if ((c.instruction as ArithmeticInstruction).operation !== 'select' || !m.rules.guessedSelects) return;
    if ((w[slot + SLOT.A] as number) < 0 || (w[slot + SLOT.B] as number) < 0 || (w[slot + SLOT.C] as number) >= 0)
      return;
    choices.add(t, k, EFFECT.GUESS, 1);
    if (w[slot + SLOT.A] !== w[slot + SLOT.B]) choices.add(t, k, EFFECT.GUESS, 0);
  },
  take(m, t, k, slot, _effect, taken) {
    const { w } = m;
    const ip = w[slot + SLOT.IP] as number;
    const result = w[slot + (taken ? SLOT.A : SLOT.B)] as number;
    const same = w[slot + SLOT.A] === w[slot + SLOT.B];
    w[slot + SLOT.KIND] = ENTRY.PICK;
    w[slot + SLOT.A] = w[slot + SLOT.C] as number;
    w[slot + SLOT.B] = 0;
    w[slot + SLOT.C] = 0;
    if (taken) m.setFlag(slot, FLAG.TAKEN);
    if (same) m.setFlag(slot, FLAG.PICK_SAME);
    if (!feedsBranchOrAddress(m, t, ip)) m.setFlag(slot, FLAG.PICK_FREE);
    resolve(m, t, k, result);
  },
};

export const pickEntry: EntryKind = {
  entry: ENTRY.PICK,
  settle(m, _t, _k, slot) {
    const condition = m.w[slot + SLOT.A] as number;
    if (condition < 0) return false;
    if (!m.flag(slot, FLAG.PICK_SAME) && (condition !== 0) !== m.flag(slot, FLAG.TAKEN)) {
      m.dropped = true;
      return false;
    }
    endEntry(m, slot);
    return true;
  },
};

/** Whether a branch condition or an address later in the code depends on the result of a select. */
function feedsBranchOrAddress(m: Machine, t: number, ip: number): boolean {
  const tainted = new Set([m.compiled(t, ip).destination]);
  const code = m.cpus[t]?.code ?? [];
  const uses = (o: number | undefined): boolean => o !== undefined && o < 0 && tainted.has(-o - 1);
  for (let i = ip + 1; i < code.length; i++) {
    const c = code[i] as Compiled;
    if (c.instruction.kind === 'end') break;
    if (c.instruction.kind === 'branch' && uses(c.operands[0])) return true;
    if (c.instruction.kind === 'access' && (uses(c.operands[0]) || uses(c.operands[1]))) return true;
    if (c.instruction.kind === 'arithmetic') {
      if (c.operands.some(uses)) tainted.add(c.destination);
      else tainted.delete(c.destination);
    }
  }
  return false;
}
