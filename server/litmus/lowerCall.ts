/**
 * Calls and branches to registers: BL, BLR, BR, RET. Where a register leads is one of the places that a register of the
 * thread can hold: its labels and what is behind its calls. So such a branch is compared with one after the other, and each
 * comparison is a branch whose target may be guessed before the register is known.
 */

import type { Operand } from '../../simulator/machine/program';
import type { CodeBuilder, Refusal } from './codeBuilder';
import { isCall, LINK } from './registerUse';
import type { AssemblyInstruction, Column } from './test';

/** The places of a thread that a register can hold, as labels: those of the text, and one behind each call. */
export function placesOf(columns: readonly Column[]): readonly string[] {
  const calls = columns.flatMap(({ instructions }) => instructions.filter((i) => isCall(i.mnemonic)));
  return [...columns.flatMap(({ labels }) => labels.map(({ name }) => name)), ...calls.map((_, n) => behindCall(n))];
}

/** A name that no label of a text has. */
function behindCall(n: number): string {
  return `behind call ${n}`;
}

/** Lowers such an instruction; `undefined` when it is none. */
export function lowerCall(i: AssemblyInstruction, b: CodeBuilder): Refusal | 'done' | undefined {
  if (!/^(?:BLR?|BR|RET)$/.test(i.mnemonic)) return undefined;
  const [operand] = i.operands;
  if (i.mnemonic === 'BL') {
    if (operand?.kind !== 'name') return { kind: 'syntax', message: `expected a label in \`${i.text}\`` };
    link(b, () => b.emitTo(operand.name, { kind: 'jump', target: 0 }));
    return 'done';
  }
  const isReturn = i.mnemonic === 'RET';
  if (operand !== undefined ? operand.kind !== 'register' || !operand.wide : !isReturn)
    return { kind: 'syntax', message: `expected an X register in \`${i.text}\`` };
  const target = b.source(operand?.kind === 'register' ? operand : { number: LINK, wide: true });
  if (i.mnemonic !== 'BLR') {
    branchTo(b, target, isReturn);
    return 'done';
  }
  const called = b.scratch('called');
  b.arithmetic('move', called, target);
  link(b, () => branchTo(b, { kind: 'register', register: called }, false));
  return 'done';
}

function link(b: CodeBuilder, go: () => void): void {
  const behind = behindCall(b.calls++);
  b.emitAddress(b.register(LINK), behind);
  go();
  b.labels.set(behind, b.code.length);
}

/** Whoever leads to none of the places does not go on. */
function branchTo(b: CodeBuilder, target: Operand, returns: boolean): void {
  const [place, isThere] = [b.scratch('place'), b.scratch('is there')];
  for (const label of b.context.places) {
    b.emitAddress(place, label);
    b.arithmetic('equal', isThere, target, { kind: 'register', register: place });
    const condition: Operand = { kind: 'register', register: isThere };
    b.emitTo(label, { kind: 'branch', condition, whenZero: false, target: 0, ...(returns ? { returns } : {}) });
  }
  b.emit({ kind: 'end' });
}
