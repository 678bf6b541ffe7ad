/**
 * What can be told of a program's footprints without running it: instructions whose address is a constant, or is computed
 * from constants on the straight way to it, and the pages that its descriptors may lead to, with the values that they have
 * at the start and that constants are stored to them. It saves passes; what it does not see is learned by running, and what
 * it sees wrongly only makes reductions more careful.
 */

import { type Compiled, destinationOf, successorsOf } from '../machine/code';
import type { Entry } from '../machine/entries';
import type { Level } from '../machine/granule';
import { type Machine, NOT_DIRECT } from '../machine/machine';
import type { ArithmeticInstruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { noteReach } from '../steps/tlbi';
import { noteWord } from '../steps/translation';
import { noteCell, startOf } from '../steps/walk';

/** The values of an instruction's operands, in their order; undefined where that is not known. */
type Operands = readonly (ValueId | undefined)[];

interface Known {
  readonly t: number;
  readonly ip: number;
  readonly c: Compiled;
  readonly operands: Operands;
}

/** For each word the constants that are stored to it. */
type Stored = Map<ValueId, readonly ValueId[]>;

export function foresee(m: Machine): void {
  m.reset();
  const cpus = m.cpus.map((_, t) => knownOperands(m, t));
  const storedBy = cpus.map((known) => {
    const stored: Map<ValueId, ValueId[]> = new Map();
    for (const one of known) {
      const word = directStore(m, one);
      if (word !== undefined) stored.set(word, [...(stored.get(word) ?? []), one.operands[2] as ValueId]);
    }
    return stored;
  });
  cpus.forEach((known, t) => {
    noteCpu(m, known, storedBy.toSpliced(t, 1));
  });
  for (const { t, ip, c, operands } of cpus.flat()) {
    const [first, last] = operands;
    if (c.instruction.kind === 'tlbi' && first !== undefined && last !== undefined)
      noteReach(m, t, ip, c.instruction, first, last);
  }
}

/** What a word may hold where one CPU alone writes it: what is not overwritten by its last DSB. */
interface Held {
  /** DSBs before the last of the stores. */
  readonly dsbs: number;
  readonly values: readonly ValueId[];
}

/** Notes the accesses of a CPU, in the order of its code; `others` is what the other CPUs store. */
function noteCpu(m: Machine, known: readonly Known[], others: readonly Stored[]): void {
  const own = new Map<ValueId, Held>();
  let dsbs = 0;
  const ownValuesOf = (word: ValueId): readonly ValueId[] => {
    const held = own.get(word);
    if (held === undefined) return [m.initialWord(word)];
    return held.dsbs === dsbs ? held.values : held.values.slice(-1);
  };
  const valuesOf = (word: ValueId): readonly ValueId[] => [
    ...ownValuesOf(word),
    ...others.flatMap((stored) => stored.get(word) ?? []),
  ];
  for (const one of known) {
    const { kind } = one.c.instruction;
    if (kind === 'dsb') dsbs++;
    if (kind !== 'access' && kind !== 'wait' && kind !== 'translate') continue;
    noteAccess(m, one, valuesOf);
    const word = directStore(m, one);
    if (word !== undefined) own.set(word, { dsbs, values: [...ownValuesOf(word), one.operands[2] as ValueId] });
  }
}

/** The word that an instruction stores a constant to, when that is no matter of translation. */
function directStore(m: Machine, one: Known): ValueId | undefined {
  const { instruction } = one.c;
  const address = addressOf(m, one);
  if (instruction.kind !== 'access' || instruction.access !== 'store' || address === undefined) return undefined;
  const word = m.direct(address);
  return word === NOT_DIRECT || one.operands[2] === undefined ? undefined : word;
}

/** What is known of the operands of a CPU's instructions, each looked at once, in the order of the code. */
function knownOperands(m: Machine, t: number): Known[] {
  const { code = [], program } = m.cpus[t] ?? {};
  const written = new Set(code.map((c) => destinationOf(c.instruction)));
  const initial = (register: number): ValueId => m.values.ofStart(t, program?.initial.get(register) ?? 0n);
  const joins = new Set(code.flatMap((c, ip) => successorsOf(c.instruction, ip).filter((next) => next !== ip + 1)));
  for (const entry of program?.faults.kind === 'handler' ? program.faults.entries : []) joins.add(entry);
  for (const { entries } of program?.interrupts ?? []) for (const entry of entries) joins.add(entry);
  let values = new Map<number, ValueId | undefined>();
  const valueIn = (register: number): ValueId | undefined => {
    if (!written.has(register)) return initial(register);
    return values.get(register);
  };
  for (const register of written) if (register !== undefined) values.set(register, initial(register));
  return code.map((c, ip) => {
    if (joins.has(ip)) values = new Map();
    const operands = c.operands.map((o) => (o >= 0 ? o : valueIn(-o - 1)));
    const destination = destinationOf(c.instruction);
    if (destination !== undefined) values.set(destination, resultOf(m, c, operands));
    return { t, ip, c, operands };
  });
}

function resultOf(m: Machine, c: Compiled, operands: Operands): ValueId | undefined {
  if (c.instruction.kind !== 'arithmetic') return undefined;
  const [a = 0, b = 0, condition = 0] = operands;
  if (operands.includes(undefined)) return undefined;
  return m.values.compute((c.instruction as ArithmeticInstruction).operation, a, b, condition);
}

function addressOf(m: Machine, { operands: [base, offset] }: Known): ValueId | undefined {
  return base === undefined || offset === undefined ? undefined : m.values.sum(base, offset);
}

function noteAccess(m: Machine, one: Known, valuesOf: (word: ValueId) => readonly ValueId[]): void {
  const { t, ip, c } = one;
  const address = addressOf(m, one);
  if (address === undefined) return;
  const direct = m.direct(address);
  if (direct === NOT_DIRECT) m.notePage(m.entries.page(address));
  const words = direct === NOT_DIRECT ? pagesOf(m, one, address, valuesOf) : [direct];
  if (c.instruction.kind === 'translate') return;
  for (const physical of words) noteWord(m, t, ip, c, physical);
}

/** The physical addresses that an access may have; the descriptors on the way are noted as walked, and a fault there. */
function pagesOf(
  m: Machine,
  { t, ip, c }: Known,
  address: ValueId,
  valuesOf: (word: ValueId) => readonly ValueId[],
): readonly ValueId[] {
  const footprint = m.footprint(t, ip);
  const found = new Set<ValueId>();
  const visit = (level: Level, word: ValueId): void => {
    m.learned.touch(footprint.walks, word);
    if (m.hardwareUpdates) m.learned.observe(word);
    for (const value of valuesOf(word)) {
      const entry = m.entries.describe(value, level);
      if (mayFault(m, t, c, entry)) m.learned.noteFault(footprint);
      if (entry.kind === 'leaf') found.add(m.entries.physical(value, level, address));
      if (entry.kind !== 'table') continue;
      const below = (level + 1) as Level;
      visit(below, noteCell(m, m.values.get(address), below, entry.output));
    }
  };
  const { level, word } = startOf(m, address);
  visit(level, word);
  return [...found];
}

/** Whether a walk that meets an entry faults there. */
function mayFault(m: Machine, t: number, c: Compiled, entry: Entry): boolean {
  if (c.instruction.kind === 'translate' || entry.kind === 'table') return false;
  const { hardwareAccessFlag = false, hardwareDirtyState = false, unprivileged = false } = m.cpus[t]?.program ?? {};
  if (entry.kind === 'invalid') return true;
  if (!entry.accessFlag && !hardwareAccessFlag && !hardwareDirtyState) return true;
  if (unprivileged && !entry.el0) return true;
  return c.writes && entry.readOnly && !(hardwareDirtyState && entry.dirtyModifier);
}
