/**
 * What an exported model consists of: the words of memory, the descriptors that change with the TLBs that may hold them,
 * the stores that wait in buffers, and small numbers for all values.
 */

import { compileCpu } from '../../../simulator/machine/code';
import type { Level } from '../../../simulator/machine/granule';
import type { Program, Register } from '../../../simulator/machine/program';
import type { ValueId } from '../../../simulator/machine/values';
import type { UnsaidList } from '../unsaid';
import type { CellPlace } from './paths';
import { type Reach, translatesDirectly } from './reach';

export interface Cell {
  readonly word: ValueId;
  readonly places: readonly CellPlace[];
  /** The CPUs that have a TLB for it, and those whose walks read it. */
  readonly tlbs: readonly number[];
  readonly walkers: readonly number[];
}

export interface Plan {
  readonly program: Program;
  readonly reach: Reach;
  /** Words that a CPU or a walk touches, in the order of their addresses. */
  readonly words: readonly ValueId[];
  /** Descriptors that walks read and that change. */
  readonly cells: readonly Cell[];
  /** For each CPU the words whose stores wait in its buffer: others can see when they arrive. */
  readonly buffered: readonly (readonly ValueId[])[];
  /** For each CPU the addresses through which it stores to a word by translation. */
  readonly translated: readonly ReadonlyMap<ValueId, readonly ValueId[]>[];
  /** For each CPU the addresses whose loads may happen before older loads. */
  readonly early: readonly (readonly ValueId[])[];
  readonly number: (value: ValueId) => number;
  readonly values: readonly ValueId[];
  readonly isLive: (cpu: number, at: number, register: Register) => boolean;
  /** Some interrupt handler or report can end the machine. */
  readonly panics: boolean;
  readonly ets: boolean;
}

/** `observed`: registers whose final values count. */
export function planOf(reach: Reach, unsaid: UnsaidList): Plan {
  const { program, values } = reach;
  const words = [...reach.touched.keys()].sort((a, b) => (values.get(a) < values.get(b) ? -1 : 1));
  const local = program.cpus.some(({ code }) =>
    code.some((i) => (i.kind === 'tlbi' && !i.innerShareable) || (i.kind === 'dsb' && i.domain === 'nonShareable')),
  );
  const everyone = program.cpus.map((_, cpu) => cpu);
  const cells = words.flatMap((word): readonly Cell[] => {
    const walkers = everyone.filter((cpu) => reach.touched.get(word)?.get(cpu)?.has('walk'));
    const places = reach.walker.cells.get(word);
    if (walkers.length === 0 || places === undefined || reach.valuesOf(word).size < 2) return [];
    return [{ word, places, walkers, tlbs: local ? everyone : walkers }];
  });
  const isCell = new Set(cells.map((cell) => cell.word));
  const buffered = everyone.map((cpu) =>
    words.filter((word) => {
      const touches = reach.touched.get(word);
      if (!touches?.get(cpu)?.has('write')) return false;
      return isCell.has(word) || everyone.some((other) => other !== cpu && touches.has(other));
    }),
  );
  checkSizes(reach, words, unsaid);
  const observed = program.cpus.map(
    (_, cpu) => new Set(program.observe.flatMap((o) => (o.kind === 'register' && o.cpu === cpu ? [o.register] : []))),
  );
  const compiled = program.cpus.map((cpu, t) => compileCpu(cpu, values, observed[t] as Set<Register>));
  const numbers = new Map<ValueId, number>([[0, 0]]);
  const note = (value: ValueId): void => {
    if (!numbers.has(value)) numbers.set(value, numbers.size);
  };
  for (const word of words) for (const value of reach.valuesOf(word)) note(value);
  for (const list of reach.points)
    for (const point of list) for (const set of point?.registers ?? []) for (const value of set) note(value);
  for (const list of reach.exceptions)
    for (const sets of list) for (const value of [...(sets?.esr ?? []), ...(sets?.far ?? [])]) note(value);
  return {
    program,
    reach,
    words,
    cells,
    buffered,
    early: everyone.map((cpu) => earlyLoads(reach, cpu)),
    translated: everyone.map((cpu) => translatedStores(reach, cpu)),
    number: (value) => {
      note(value);
      return numbers.get(value) as number;
    },
    get values() {
      return [...numbers.keys()];
    },
    isLive: (cpu, at, register) => compiled[cpu]?.code[at]?.live[register] === 1,
    panics: program.cpus.some(
      ({ code, interrupts }) => code.some((i) => i.kind === 'report' && i.panic === true) || interrupts.length > 0,
    ),
    ets: program.switches.enhancedTranslationSynchronisation >= 2,
  };
}

/** A word is one variable of the model, so accesses that lie across each other do not see each other. */
function checkSizes(reach: Reach, words: readonly ValueId[], unsaid: UnsaidList): void {
  let end = 0n;
  for (const word of words) {
    const at = reach.values.get(word);
    const bytes = Math.max(0, ...(reach.sizes.get(word) ?? [8]));
    if (at < end)
      unsaid.leftOut(
        'accesses of several sizes across each other',
        `each word that is accessed is a variable of its own, as in hvo; so are those around 0x${at.toString(16)}`,
      );
    end = at + BigInt(bytes);
  }
}

function translatedStores(reach: Reach, cpu: number): ReadonlyMap<ValueId, readonly ValueId[]> {
  const { program, values, points } = reach;
  const found = new Map<ValueId, Set<ValueId>>();
  program.cpus[cpu]?.code.forEach((i, at) => {
    const point = points[cpu]?.[at];
    if (i.kind !== 'access' || i.access === 'load' || point === undefined) return;
    const of = (operand: typeof i.base) =>
      operand.kind === 'value' ? [values.of(operand.value)] : [...(point.registers[operand.register] ?? [])];
    for (const base of of(i.base))
      for (const offset of of(i.offset)) {
        const address = values.sum(base, offset);
        if (translatesDirectly(program, values.get(address)) !== undefined) continue;
        for (const { end } of reach.walker.paths(address, true))
          if (end.kind === 'word') found.set(end.word, (found.get(end.word) ?? new Set()).add(address));
      }
  });
  return new Map([...found].map(([word, addresses]) => [word, [...addresses]]));
}

/**
 * Addresses of loads that may go before an older load: those at a known address, without acquire, of words that others
 * write or that are translated. A CPU with one such load has nothing that it could go before.
 */
function earlyLoads(reach: Reach, cpu: number): readonly ValueId[] {
  const { program, values, points } = reach;
  const found: ValueId[] = [];
  program.cpus[cpu]?.code.forEach((i, at) => {
    if (points[cpu]?.[at]?.depth !== 0 || i.kind !== 'access' || i.access !== 'load' || i.exclusive === true) return;
    if (i.base.kind !== 'value' || i.offset.kind !== 'value') return;
    const address = values.of(i.base.value + i.offset.value);
    const direct = translatesDirectly(program, values.get(address));
    const paths = direct === undefined ? reach.walker.paths(address, false) : [];
    const words =
      direct === undefined ? paths.flatMap(({ end }) => (end.kind === 'word' ? [end.word] : [])) : [values.of(direct)];
    const others = (word: ValueId): boolean =>
      [...(reach.touched.get(word) ?? [])].some(([other, how]) => other !== cpu && how.has('write'));
    if (paths.length > 1 || words.some(others)) found.push(address);
  });
  return found.length > 1 ? [...new Set(found)] : [];
}

/** Whether a TLBI for these pages (VA[55:12], inclusive) is about a descriptor at one of its places. */
export function covers(reach: Reach, place: CellPlace, first: bigint, last: bigint): boolean {
  const mask = (1n << 44n) - 1n;
  const from = (place.base >> 12n) & mask;
  const to = ((place.base + reach.entries.span(place.level as Level) - 1n) >> 12n) & mask;
  return first <= to && last >= from;
}
