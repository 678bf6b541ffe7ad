/**
 * What can be told of a program's footprints without running it: instructions whose address is a constant, or is computed
 * from constants on the straight way to it, and the pages that its descriptors may lead to, with the values that they have
 * at the start and that constants are stored to them; the words that copies of pages move, and the pages that are handed on
 * in words that nobody looks at. It saves passes; what it does not see is learned by running, and what it sees wrongly only
 * makes reductions more careful.
 */

import type { Compiled } from '../../machine/code';
import type { Entry } from '../../machine/entries';
import type { Level } from '../../machine/granule';
import { type Machine, NOT_DIRECT } from '../../machine/machine';
import type { CodeIndex } from '../../machine/program';
import type { ValueId } from '../../machine/values';
import { noteReach } from '../../steps/tlbi';
import { noteWord } from '../../steps/translation';
import { noteCell, startOf } from '../../steps/walk';
import { type Moved, noteHandedOn, noteMoved, noteShown } from './copies';
import { copyOf, HeldWords, noWords, type Words } from './heldWords';
import { addressOf, directStore, type Known, knownOperands } from './knownOperands';
import { onEachWay } from './onEachWay';

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
  const moved: Moved = new Map();
  cpus.forEach((known, t) => {
    noteCpu(m, t, known, storedBy.toSpliced(t, 1), moved);
  });
  for (const one of cpus.flat()) noteShown(m, one, moved);
  noteHandedOn(m, cpus.flat());
  for (const { t, ip, c, operands } of cpus.flat()) {
    const [first, last] = operands;
    if (c.instruction.kind === 'tlbi' && first !== undefined && last !== undefined)
      noteReach(m, t, ip, c.instruction, first, last);
    if (c.instruction.kind === 'free' && first !== undefined) {
      m.learned.addFrame(first);
      m.learned.touch(m.footprint(t, ip).frames, first);
    }
  }
}

/** Notes the accesses of a CPU, on the ways to them; `others` is what the other CPUs store. Adds to `moved`. */
function noteCpu(m: Machine, t: number, known: readonly Known[], others: readonly Stored[], moved: Moved): void {
  const own = new HeldWords(m);
  let carried: { readonly register: number; readonly words: readonly ValueId[] } | undefined;
  const visit = (ip: CodeIndex, way: Words): void => {
    const one = known[ip] as Known;
    const { kind } = one.c.instruction;
    if (kind === 'dsb') own.complete(way);
    if (kind !== 'access' && kind !== 'wait' && kind !== 'translate') return;
    const touched = noteAccess(m, one, (word) => [
      ...own.valuesIn(way, word),
      ...others.flatMap((stored) => stored.get(word) ?? []),
    ]);
    const value = one.c.operands[2];
    if (one.c.writes && carried !== undefined && value !== undefined && -value - 1 === carried.register)
      for (const word of touched) noteMoved(m, word, carried.words, moved);
    if (one.c.moves) carried = { register: one.c.destination, words: touched };
    const word = directStore(m, one);
    if (word !== undefined) own.store(way, word, one.operands[2] as ValueId);
  };
  const { code = [], program } = m.cpus[t] ?? {};
  const flow = { copy: copyOf, visit, join: (into: Words, way: Words) => own.join(into, way) };
  const end = onEachWay(code, [0], noWords(), flow) ?? noWords();
  const handlers = program?.faults.kind === 'handler' ? program.faults.entries : [];
  const interrupts = (program?.interrupts ?? []).flatMap(({ entries }) => entries);
  onEachWay(code, [...handlers, ...interrupts], end, flow);
}

/** The words that an access may read or write, as far as they are known; they are noted. */
function noteAccess(m: Machine, one: Known, valuesOf: (word: ValueId) => readonly ValueId[]): readonly ValueId[] {
  const { t, ip, c } = one;
  const address = addressOf(m, one);
  if (address === undefined) return [];
  const direct = m.direct(address);
  if (direct === NOT_DIRECT) m.notePage(m.entries.page(address));
  const words = direct === NOT_DIRECT ? pagesOf(m, one, address, valuesOf) : [direct];
  if (c.instruction.kind === 'translate') return [];
  for (const physical of words) noteWord(m, t, ip, c, physical);
  return words;
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
