/**
 * Numbers the 64-bit values of one exploration, so that a state record holds small integers. Equal values have equal
 * numbers; 0 is numbered 0. The numbering depends on the order of exploration only, which is fixed.
 *
 * What a word in memory holds may be a noted number: one more number of the same value, which says where the value comes
 * from. Whoever computes with a value takes the plain number.
 */

import { type Family, OwnValues } from './ownValues';
import type { Arithmetic } from './program';

export type ValueId = number;

const MASK = (1n << 64n) - 1n;
/** More distinct values than this in one exploration end it with the bound `values`. */
export const MAX_VALUES = 1 << 20;

const PAIR = 1 << 21;

/** Where the value of a word comes from: nobody has written it since its page was allocated, or it is a copy of a word. */
interface Origin {
  readonly plain: ValueId;
  /** The word that it was copied from; absent: it is what the page held before. */
  readonly source?: ValueId;
}

export class Values {
  private readonly ids = new Map<bigint, ValueId>([[0n, 0]]);
  private readonly list: bigint[] = [0n];
  private readonly origins: (Origin | undefined)[] = [];
  private readonly noted = new Map<number, ValueId>();
  private readonly results = new Map<Arithmetic, Map<number, ValueId>>();
  /** Some value is noted as a copy. */
  hasCopies = false;
  /** Values that CPUs may exchange; whoever calls `of` or `get` with one spoils it. */
  readonly own = new OwnValues();

  get count(): number {
    return this.list.length;
  }

  of(value: bigint): ValueId {
    const id = this.numbered(value);
    if (this.own.any) this.own.touch(id);
    return id;
  }

  get(id: ValueId): bigint {
    if (this.own.any) this.own.touch(id);
    return this.list[id] as bigint;
  }

  /** The number of a value without what is noted of it. */
  plain(id: ValueId): ValueId {
    return this.origins[id]?.plain ?? id;
  }

  /** The value as what a page held before it was allocated. */
  uninitialised(id: ValueId): ValueId {
    return this.note(id, undefined);
  }

  isUninitialised(id: ValueId): boolean {
    const origin = this.origins[id];
    return origin !== undefined && origin.source === undefined;
  }

  /** The value as a copy of what a word held. */
  copyOf(id: ValueId, word: ValueId): ValueId {
    this.hasCopies = true;
    return this.note(id, word);
  }

  /** The word that a value was copied from; undefined for any other value. */
  sourceOf(id: ValueId): ValueId | undefined {
    return this.origins[id]?.source;
  }

  private note(id: ValueId, source: ValueId | undefined): ValueId {
    const plain = this.plain(id);
    if (source !== undefined && this.own.any) this.own.touch(source);
    const key = plain * PAIR + (source === undefined ? 0 : source + 1);
    let noted = this.noted.get(key);
    if (noted === undefined) {
      noted = this.list.length;
      this.list.push(this.get(plain));
      this.noted.set(key, noted);
      this.origins[noted] = source === undefined ? { plain } : { plain, source };
    }
    return noted;
  }

  /** The value behind a number, for those to whom the values of a family are alike, or who only show it. */
  raw(id: ValueId): bigint {
    return this.list[id] as bigint;
  }

  /** The number of a value that has one. */
  known(value: bigint): ValueId {
    return this.ids.get(value) as ValueId;
  }

  /** The number of a value that CPU t starts with. */
  ofStart(t: number, value: bigint): ValueId {
    const id = this.numbered(value);
    return this.own.ownerOf(id) === t ? id : this.of(value);
  }

  /** What `find` finds through a value. Through the values of a family it finds another family, or always the same. */
  found(through: ValueId, find: (through: ValueId) => bigint): ValueId {
    const family = this.own.familyOf(through);
    if (family === undefined) return this.of(find(through));
    const { cpus, values } = family;
    return this.family(cpus, values.map(find))[values.indexOf(through)] as ValueId;
  }

  /** The numbers of values that correspond to each other, one of each CPU: a family if they differ and nothing else speaks of them. */
  family(cpus: readonly number[], values: readonly bigint[]): readonly ValueId[] {
    if (values.every((value) => value === values[0])) return values.map((value) => this.of(value));
    const known = this.list.length;
    const family: Family = { cpus, values: values.map((value) => this.numbered(value)) };
    const isNew = family.values.every((id, i) => id === known + i);
    if (isNew) this.own.add(family);
    else if (!family.values.every((id, i) => this.own.corresponds(id, cpus, i))) this.own.isSpoiled = true;
    return family.values;
  }

  private numbered(value: bigint): ValueId {
    const known = this.ids.get(value);
    if (known !== undefined) return known;
    const wrapped = value & MASK;
    if (wrapped !== value) return this.numbered(wrapped);
    const id = this.list.length;
    this.ids.set(value, id);
    this.list.push(value);
    return id;
  }

  /** a + b modulo 2^64. */
  sum(a: ValueId, b: ValueId): ValueId {
    return b === 0 ? a : a === 0 ? b : this.compute('add', a, b, 0);
  }

  /** The result of an operation on values by number; `condition` is the third source of a select. */
  compute(operation: Arithmetic, a: ValueId, b: ValueId, condition: ValueId): ValueId {
    if (operation === 'move') return a;
    if (operation === 'select') return condition !== 0 ? a : b;
    if (operation === 'equal') return a === b ? this.of(1n) : 0;
    if (operation === 'notEqual') return a === b ? 0 : this.of(1n);
    let memo = this.results.get(operation);
    if (memo === undefined) {
      memo = new Map();
      this.results.set(operation, memo);
    }
    const key = a * PAIR + b;
    let result = memo.get(key);
    if (result === undefined) {
      result = this.of(calculate(operation, this.get(a), this.get(b)) & MASK);
      memo.set(key, result);
    }
    return result;
  }

  /** The low `bytes` bytes of a value. */
  truncate(id: ValueId, bytes: number): ValueId {
    if (bytes === 8) return id;
    const mask = (1n << BigInt(bytes * 8)) - 1n;
    if (this.own.familyOf(id) !== undefined) return this.found(id, (one) => this.raw(one) & mask);
    const value = this.raw(id);
    const low = value & mask;
    return low === value ? id : this.of(low);
  }
}

/** Two-operand arithmetic on unsigned 64-bit values before the wrap; division by zero gives 0, as UDIV does. */
export function calculate(operation: Exclude<Arithmetic, 'move' | 'select'>, a: bigint, b: bigint): bigint {
  switch (operation) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'exclusiveOr':
      return a ^ b;
    case 'bitClear':
      return a & ~b;
    case 'shiftLeft':
      return a << (b & 63n);
    case 'shiftRight':
      return a >> (b & 63n);
    case 'multiply':
      return a * b;
    case 'divide':
      return b === 0n ? 0n : a / b;
    case 'remainder':
      return b === 0n ? a : a % b;
    case 'equal':
      return a === b ? 1n : 0n;
    case 'notEqual':
      return a === b ? 0n : 1n;
    case 'below':
      return a < b ? 1n : 0n;
    case 'belowOrEqual':
      return a <= b ? 1n : 0n;
  }
}
