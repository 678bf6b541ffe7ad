/**
 * Which values every register and every word of memory may have, by following all instructions with sets of values until
 * nothing new comes. It is coarser than any exploration and knows nothing of the machine's steps: it only tells an
 * exported model which values it has to have numbers for, and where an address can lead.
 */

import { written } from '../../../simulator/machine/atomics';
import { Entries } from '../../../simulator/machine/entries';
import { dataAbortSyndrome, FAULT, failedTranslation } from '../../../simulator/machine/faults';
import type { Instruction, Operand, Program } from '../../../simulator/machine/program';
import { type ValueId, Values } from '../../../simulator/machine/values';
import { makeWalker, type Path, type Walker } from './paths';

/** Distinct values, and values that one register may have at one place; more of them make no small model. */
export const LIMITS = { values: 4_000, ofOneRegister: 64, rounds: 40 } as const;

export type Possible = ReadonlySet<ValueId>;

export interface Point {
  /** How many exceptions are being handled here. */
  readonly depth: number;
  readonly registers: readonly Possible[];
}

/** What is known of the exception that is being handled at a depth of a CPU. */
export interface ExceptionSets {
  readonly esr: Set<ValueId>;
  readonly far: Set<ValueId>;
  /** Code indices that it returns to. */
  readonly from: Set<number>;
}

export type Touch = 'read' | 'write' | 'walk';

export interface Reach {
  readonly program: Program;
  readonly values: Values;
  readonly entries: Entries;
  readonly walker: Walker;
  /** By CPU and code index; undefined where it never comes. */
  readonly points: readonly (readonly (Point | undefined)[])[];
  /** By CPU and depth, from 1 on. */
  readonly exceptions: readonly (readonly ExceptionSets[])[];
  /** The values of every word that is touched. */
  valuesOf(word: ValueId): Possible;
  readonly touched: ReadonlyMap<ValueId, ReadonlyMap<number, ReadonlySet<Touch>>>;
  /** Bytes of the accesses to each word. */
  readonly sizes: ReadonlyMap<ValueId, ReadonlySet<number>>;
  /** Pages that can be allocated or freed. */
  readonly frames: Possible;
  /** Words to which more was stored than an execution can store; a model asserts that it does not. */
  readonly dropped: Possible;
  /** Why the analysis was given up. */
  readonly exceeded?: string;
}

export const translatesDirectly = (program: Program, address: bigint): bigint | undefined => {
  for (const { virtualBase, physicalBase, bytes } of program.translation.direct)
    if (address >= virtualBase && address < virtualBase + bytes) return address - virtualBase + physicalBase;
  return undefined;
};

class TooMuch extends Error {}

export function reachOf(program: Program): Reach {
  const values = new Values();
  values.of(1n);
  const entries = new Entries(program.translation, values);
  const memory = new Map<ValueId, Set<ValueId>>();
  const touched = new Map<ValueId, Map<number, Set<Touch>>>();
  const sizes = new Map<ValueId, Set<number>>();
  const frames = new Set<ValueId>(program.freePages.map((page) => values.of(page)));
  let changed = true;
  // What is stored is seen by loads only after everything that follows from the values before is known: so a value's
  // round is the number of stores that it has gone through.
  const stored = new Map<ValueId, Set<ValueId>>();
  const dropped = new Set<ValueId>();
  const wordValues = (word: ValueId): Set<ValueId> => {
    let known = memory.get(word);
    if (known === undefined) {
      known = new Set([values.of(program.initialWord(values.get(word)))]);
      memory.set(word, known);
    }
    return known;
  };
  const store = (word: ValueId, value: ValueId): void => {
    const ofWord = stored.get(word) ?? new Set<ValueId>();
    stored.set(word, ofWord.add(value));
  };
  /** Makes what was stored visible; the words that have new values. */
  const publish = (): readonly ValueId[] =>
    [...stored].flatMap(([word, found]) => {
      const known = wordValues(word);
      const before = known.size;
      for (const value of found) known.add(value);
      return known.size > before ? [word] : [];
    });
  const include = <T>(set: Set<T>, value: T): void => {
    if (set.has(value)) return;
    set.add(value);
    changed = true;
  };
  const walker = makeWalker(program, values, entries, wordValues);
  const touch = (cpu: number, word: ValueId, how: Touch): void => {
    const ofWord = touched.get(word) ?? new Map<number, Set<Touch>>();
    touched.set(word, ofWord);
    const ofCpu = ofWord.get(cpu) ?? new Set<Touch>();
    ofWord.set(cpu, ofCpu);
    include(ofCpu, how);
  };
  const points: (Point | undefined)[][] = program.cpus.map(() => []);
  const exceptions: ExceptionSets[][] = program.cpus.map(() => []);
  const reach: Reach = {
    program,
    values,
    entries,
    walker,
    points,
    exceptions,
    valuesOf: wordValues,
    touched,
    sizes,
    frames,
    dropped,
  };

  const operandSet = (operand: Operand | undefined, registers: readonly Possible[]): Possible => {
    if (operand === undefined) return new Set([0]);
    return operand.kind === 'value' ? new Set([values.of(operand.value)]) : (registers[operand.register] as Possible);
  };
  const exceptionAt = (cpu: number, depth: number): ExceptionSets => {
    const list = exceptions[cpu] as ExceptionSets[];
    list[depth] ??= { esr: new Set(), far: new Set(), from: new Set() };
    return list[depth] as ExceptionSets;
  };

  /** Joins what is known at a code index; true when something is new there. */
  const flow = (cpu: number, at: number, depth: number, registers: readonly Possible[]): boolean => {
    const list = points[cpu] as (Point | undefined)[];
    const known = list[at];
    if (known === undefined) {
      list[at] = { depth, registers: registers.map((set) => new Set(set)) };
      return true;
    }
    let grew = false;
    known.registers.forEach((set, r) => {
      for (const value of registers[r] as Possible)
        if (!set.has(value)) {
          (set as Set<ValueId>).add(value);
          grew = true;
        }
      if (set.size > LIMITS.ofOneRegister) throw new TooMuch(`a register has more than ${LIMITS.ofOneRegister} values`);
    });
    return grew;
  };

  const runCpu = (cpu: number): void => {
    const {
      code,
      registers: count,
      initial,
      faults,
      interrupts,
    } = (program.cpus as readonly (typeof program.cpus)[number][])[cpu] as (typeof program.cpus)[number];
    const work: number[] = [];
    const go = (at: number, depth: number, registers: readonly Possible[]): void => {
      if (flow(cpu, at, depth, registers)) {
        changed = true;
        if (!work.includes(at)) work.push(at);
      }
    };
    const start = Array.from({ length: count }, (_, r): Possible => new Set([values.of(initial.get(r) ?? 0n)]));
    go(0, 0, start);
    // What is known from an earlier round is followed again, for memory may have more values now.
    (points[cpu] as (Point | undefined)[]).forEach((point, at) => {
      if (point !== undefined && !work.includes(at)) work.push(at);
    });
    const enter = (at: number, depth: number, registers: readonly Possible[], esr: bigint, far: ValueId): void => {
      if (faults.kind !== 'handler') return;
      const entry = faults.entries[depth];
      if (entry === undefined) return;
      const sets = exceptionAt(cpu, depth + 1);
      include(sets.esr, values.of(esr));
      include(sets.far, far);
      include(sets.from, at);
      go(entry, depth + 1, registers);
    };
    const returnTo = (depth: number, toFixup: boolean, registers: readonly Possible[]): void => {
      for (const from of exceptionAt(cpu, depth).from) {
        const i = code[from];
        const fixup = i?.kind === 'access' ? i.fixup : undefined;
        go(toFixup && fixup !== undefined ? fixup : from, depth - 1, registers);
      }
    };
    /** The words that an access may touch; faults flow into the handler. */
    const wordsOf = (
      at: number,
      depth: number,
      registers: readonly Possible[],
      address: ValueId,
      reads: boolean,
      writes: boolean,
    ): readonly ValueId[] => {
      const direct = translatesDirectly(program, values.get(address));
      if (direct !== undefined) return [values.of(direct)];
      const words: ValueId[] = [];
      for (const path of walker.paths(address, writes)) {
        for (const { cell } of path.tests) touch(cpu, cell, 'walk');
        if (path.end.kind === 'word') words.push(path.end.word);
        else enter(at, depth, registers, syndromeOf(path.end.fault, path.end.level, reads, writes), address);
      }
      return words;
    };
    while (work.length > 0) {
      const at = work.pop() as number;
      const { depth, registers } = (points[cpu] as Point[])[at] as Point;
      const i = code[at] as Instruction | undefined;
      for (const { entries: handlers } of interrupts) {
        const entry = handlers[depth];
        if (entry === undefined) continue;
        const sets = exceptionAt(cpu, depth + 1);
        include(sets.esr, 0);
        include(sets.far, 0);
        include(sets.from, at);
        go(entry, depth + 1, registers);
      }
      if (i === undefined) continue;
      if (values.count > LIMITS.values) throw new TooMuch(`there are more than ${LIMITS.values} values`);
      const next = (destination?: number, result?: Possible): void =>
        go(
          at + 1,
          depth,
          destination === undefined || result === undefined ? registers : put(registers, destination, result),
        );
      switch (i.kind) {
        case 'access': {
          const reads = i.access !== 'store';
          const writes = i.access !== 'load';
          const read = new Set<ValueId>();
          for (const address of sums(values, operandSet(i.base, registers), operandSet(i.offset, registers)))
            for (const word of wordsOf(at, depth, registers, address, reads, writes)) {
              const ofWord = wordValues(word);
              sizes.set(word, (sizes.get(word) ?? new Set()).add(i.bytes));
              if (reads) {
                touch(cpu, word, 'read');
                for (const value of ofWord) read.add(values.truncate(value, i.bytes));
              }
              if (!writes) continue;
              touch(cpu, word, 'write');
              if (i.access === 'store') {
                for (const value of operandSet(i.value, registers)) store(word, values.truncate(value, i.bytes));
                continue;
              }
              for (const old of ofWord)
                for (const operand of operandSet(i.value, registers))
                  store(word, written(values, i, values.truncate(old, i.bytes), operand));
            }
          if (read.size > 0 || !reads) next(i.destination, reads ? read : undefined);
          break;
        }
        case 'wait': {
          let any = false;
          for (const address of operandSet(i.address, registers))
            for (const word of wordsOf(at, depth, registers, address, true, false)) {
              touch(cpu, word, 'read');
              sizes.set(word, (sizes.get(word) ?? new Set()).add(i.bytes));
              any = true;
            }
          if (any) next();
          break;
        }
        case 'translate': {
          const result = new Set<ValueId>();
          for (const address of operandSet(i.address, registers)) {
            const direct = translatesDirectly(program, values.get(address));
            if (direct !== undefined) result.add(values.of(direct & ~0xfffn));
            else
              for (const path of walker.paths(address, i.write)) {
                for (const { cell } of path.tests) touch(cpu, cell, 'walk');
                result.add(values.of(parOf(values, path)));
              }
          }
          next(i.destination, result);
          break;
        }
        case 'arithmetic': {
          const [a, b, c] = i.sources.map((one) => operandSet(one, registers));
          const result = new Set<ValueId>();
          for (const x of a ?? [0])
            for (const y of b ?? [0]) for (const z of c ?? [0]) result.add(values.compute(i.operation, x, y, z));
          next(i.destination, result);
          break;
        }
        case 'branch': {
          const condition = operandSet(i.condition, registers);
          const zero = condition.has(0);
          const other = condition.size > (zero ? 1 : 0);
          if (i.whenZero ? zero : other) go(i.target, depth, registers);
          if (i.whenZero ? other : zero) next();
          break;
        }
        case 'jump':
          go(i.target, depth, registers);
          break;
        case 'choose':
          for (const target of i.targets) go(target, depth, registers);
          break;
        case 'end':
          break;
        case 'eret':
          if (depth > 0) returnTo(depth, i.toFixup === true, registers);
          break;
        case 'systemRegister': {
          const sets = exceptionAt(cpu, Math.max(1, depth));
          const result: Possible =
            i.name === 'esr'
              ? sets.esr
              : i.name === 'far'
                ? sets.far
                : i.name === 'elr'
                  ? new Set([...sets.from].map((one) => values.of(BigInt(one))))
                  : new Set([0, values.of(1n)]);
          next(i.read, result);
          break;
        }
        case 'cpuNumber':
          next(i.destination, new Set([values.of(BigInt(cpu))]));
          break;
        case 'mask':
          next(i.save, new Set([0, values.of(1n)]));
          break;
        case 'lock':
          next(i.taken, new Set([0, values.of(1n)]));
          break;
        case 'allocate':
          if (i.page === undefined) next(i.destination, frames);
          else next(i.destination, new Set([values.of(i.page)]));
          break;
        case 'free':
          for (const page of operandSet(i.address, registers)) include(frames, page);
          next();
          break;
        case 'report': {
          const unless = operandSet(i.unless, registers);
          const ends = i.fatal === true || i.panic === true;
          if (!ends || (i.unless !== undefined && [...unless].some((v) => v !== 0))) next();
          break;
        }
        case 'dmb':
        case 'dsb':
        case 'isb':
        case 'tlbi':
        case 'svc':
        case 'unlock':
        case 'assertHeld':
        case 'rcu':
        case 'sendInterrupt':
          next();
          break;
      }
    }
  };

  try {
    for (let hop = 0; ; hop++) {
      changed = true;
      for (let round = 0; changed; round++) {
        if (round === LIMITS.rounds) throw new TooMuch('the values did not settle');
        changed = false;
        program.cpus.forEach((_, cpu) => {
          runCpu(cpu);
        });
      }
      const before = new Map([...memory].map(([word, known]) => [word, new Set(known)]));
      const grown = publish();
      if (grown.length === 0) break;
      if (hop <= computedStores(program, points)) continue;
      // No value goes through more stores than there are, so what comes after them comes of following too coarsely.
      for (const word of grown) {
        dropped.add(word);
        memory.set(word, before.get(word) as Set<ValueId>);
      }
      break;
    }
  } catch (error) {
    if (error instanceof TooMuch) return { ...reach, exceeded: error.message };
    throw error;
  }
  return reach;
}

/** Handlers run for several exceptions; a model that needs more of their stores asserts that it does not. */
const RUNS_OF_A_HANDLER = 4;

/** How many stores of values that are not constant an execution has; with one in a loop nobody knows. */
function computedStores(program: Program, points: readonly (readonly (Point | undefined)[])[]): number {
  let count = 0;
  program.cpus.forEach(({ code }, cpu) => {
    code.forEach((i, at) => {
      const depth = points[cpu]?.[at]?.depth;
      if (depth === undefined || i.kind !== 'access' || i.access === 'load') return;
      if (i.access === 'store' && i.value?.kind === 'value') return;
      if (isInLoop(code, at)) throw new TooMuch('a loop stores values that it computes');
      count += depth === 0 ? 1 : RUNS_OF_A_HANDLER;
    });
  });
  return count;
}

function isInLoop(code: readonly Instruction[], from: number): boolean {
  const seen = new Set<number>();
  const work = [from];
  while (work.length > 0) {
    const at = work.pop() as number;
    const i = code[at];
    if (i === undefined || i.kind === 'end' || i.kind === 'eret') continue;
    const targets =
      i.kind === 'jump'
        ? [i.target]
        : i.kind === 'branch'
          ? [at + 1, i.target]
          : i.kind === 'choose'
            ? i.targets
            : [at + 1];
    for (const target of targets) {
      if (target === from) return true;
      if (seen.has(target)) continue;
      seen.add(target);
      work.push(target);
    }
  }
  return false;
}

/** ESR_EL1 of a fault of an access: an atomic that could not even read reports a read. */
export function syndromeOf(fault: number, level: number, reads: boolean, writes: boolean): bigint {
  return dataAbortSyndrome(fault, level, writes && !(reads && fault !== FAULT.PERMISSION), false);
}

/** PAR_EL1 after AT: the page, or the fault. */
export function parOf(values: Values, { end }: Path): bigint {
  return end.kind === 'word' ? values.get(end.word) & ~0xfffn : failedTranslation(end.fault, end.level);
}

function put(registers: readonly Possible[], at: number, value: Possible): readonly Possible[] {
  return registers.map((set, r) => (r === at ? value : set));
}

export function sums(values: Values, a: Possible, b: Possible): Possible {
  const found = new Set<ValueId>();
  for (const x of a) for (const y of b) found.add(values.sum(x, y));
  return found;
}
