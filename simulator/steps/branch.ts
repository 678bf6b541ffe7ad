import { type Compiled, operandWord } from '../machine/code';
import { CPU, ENTRY, FLAG, SLOT, STALL } from '../machine/layout';
import type { Machine } from '../machine/machine';
import type { BranchInstruction, ChooseInstruction, JumpInstruction } from '../machine/program';
import { EFFECT } from './choices';
import { type EntryKind, endEntry, hasRoom, pushEntry, type StepKind } from './step';

function goTo(m: Machine, t: number, ip: number): void {
  m.w[m.base(t) + CPU.PC] = ip;
}

/**
 * Counts a backward branch. When a litmus test's `unroll` is used up the CPU never goes on, which ends this execution;
 * the others still do, so that what they write is learned.
 */
function countBackward(m: Machine, t: number, from: number, to: number): void {
  const limit = m.program.switches.unroll;
  if (limit === undefined || to > from) return;
  const at = m.base(t) + CPU.BACK;
  m.w[at] = (m.w[at] as number) + 1;
  if ((m.w[at] as number) > limit) m.w[m.base(t) + CPU.STALL] = STALL.FOREVER;
}

function taken(i: BranchInstruction, condition: number): boolean {
  return (condition === 0) === i.whenZero;
}

/** A branch whose condition is unknown is guessed both ways; a wrong guess ends that branch of the exploration. */
export const branch: StepKind = {
  kinds: ['branch'],
  doc: 'Conditional branch. With an unknown condition both ways are executed speculatively; writes wait for it.',
  fetch(m, t, c) {
    const i = c.instruction as BranchInstruction;
    const pc = m.base(t) + CPU.PC;
    const stall = m.base(t) + CPU.STALL;
    const from = m.w[pc] as number;
    const condition = operandWord(c.operands[0] as number, m.w, m.register(t, 0));
    if (condition < 0) return m.w[stall] !== STALL.NONE ? 'wait' : 'decide';
    m.w[stall] = STALL.NONE;
    if (!taken(i, condition)) return 'next';
    if (i.returns !== true) countBackward(m, t, from, i.target);
    goTo(m, t, i.target);
    return 'moved';
  },
  offerFetch(m, t, _c, choices) {
    if (m.w[m.base(t) + CPU.STALL] !== 0) return;
    choices.add(t, -1, EFFECT.FETCH, 0);
    choices.add(t, -1, EFFECT.FETCH, 1);
  },
  takeFetch(m, t, c, guess) {
    const i = c.instruction as BranchInstruction;
    const ip = m.w[m.base(t) + CPU.PC] as number;
    if (guess === 1 && i.target <= ip) {
      m.w[m.base(t) + CPU.STALL] = STALL.BRANCH;
      return;
    }
    if (!hasRoom(m, t, 1)) return;
    const condition = operandWord(c.operands[0] as number, m.w, m.register(t, 0));
    const slot = pushEntry(m, t, ENTRY.BRANCH, ip);
    m.w[slot + SLOT.A] = condition;
    if (guess === 1) m.setFlag(slot, FLAG.TAKEN);
    goTo(m, t, guess === 1 ? i.target : ip + 1);
  },
};

export const branchEntry: EntryKind = {
  entry: ENTRY.BRANCH,
  settle(m, t, _k, slot) {
    const condition = m.w[slot + SLOT.A] as number;
    if (condition < 0) return false;
    const i = m.compiled(t, m.w[slot + SLOT.IP] as number).instruction as BranchInstruction;
    if (taken(i, condition) !== m.flag(slot, FLAG.TAKEN)) {
      m.dropped = true;
      return false;
    }
    endEntry(m, slot);
    return true;
  },
};

export const jump: StepKind = {
  kinds: ['jump'],
  doc: 'Goes on elsewhere. The back edge of an endless loop is a step of its own, when everything older is done.',
  fetch(m, t, c) {
    const i = c.instruction as JumpInstruction;
    if (i.drains) return m.count(t) > 0 ? 'wait' : 'decide';
    if (i.afterBranches && anyUnresolvedBranch(m, t)) return 'wait';
    countBackward(m, t, m.w[m.base(t) + CPU.PC] as number, i.target);
    goTo(m, t, i.target);
    return 'moved';
  },
  interleaves: true,
  offerFetch(m, t, _c, choices) {
    if (m.count(t) === 0) choices.add(t, -1, EFFECT.FETCH, 0);
  },
  takeFetch(m, t, c) {
    goTo(m, t, (c.instruction as JumpInstruction).target);
  },
};

export const choose: StepKind = {
  kinds: ['choose'],
  doc: 'Goes on at any one of several places: what the scenario leaves open.',
  fetch: () => 'decide',
  offerFetch(_m, t, c, choices) {
    (c.instruction as ChooseInstruction).targets.forEach((_, n) => {
      choices.add(t, -1, EFFECT.FETCH, n);
    });
  },
  takeFetch(m, t, c: Compiled, n) {
    goTo(m, t, (c.instruction as ChooseInstruction).targets[n] as number);
  },
};

function anyUnresolvedBranch(m: Machine, t: number): boolean {
  for (let k = 0; k < m.count(t); k++) if (m.w[m.slot(t, k) + SLOT.KIND] === ENTRY.BRANCH) return true;
  return false;
}
