/** What an expression is while a program is elaborated: known now, or in a register when it runs. */

import type { LockId, LockKind, Operand } from '../../../simulator/machine/program';
import { wrap } from './arithmetic';
import type { NamedPage } from './environment';
import type { HugePage } from './hugePage';

/** A register before allocation. */
export type VirtualRegister = number;

/** Identity of a list of the elaboration; its items are in the state. */
export type ListId = number;

export interface NumberValue {
  readonly kind: 'number';
  readonly value: bigint;
  /** Of an address: bytes of the field that is there. */
  readonly bytes?: 4 | 8;
  /**
   * Ways on which this is another number are not brought together: it says if an allocation succeeded, and so what the
   * addresses are that follow from it.
   */
  readonly apart?: true;
}

/** The contents of a register plus a constant. */
export interface RegisterValue {
  readonly kind: 'register';
  readonly register: VirtualRegister;
  readonly plus: bigint;
  readonly bytes?: 4 | 8;
  /** The address of an allocated page, or something that was computed from it with constants: never 0. */
  readonly page?: true;
}

export type Numeric = NumberValue | RegisterValue;

export type Value =
  | Numeric
  | { readonly kind: 'lock'; readonly lock: LockId; readonly lockKind: LockKind }
  | { readonly kind: 'memory' }
  | { readonly kind: 'hugepage'; readonly page: HugePage }
  | { readonly kind: 'page'; readonly page: NamedPage }
  | { readonly kind: 'list'; readonly list: ListId };

export function number(value: bigint): NumberValue {
  return { kind: 'number', value: wrap(value) };
}

export const zero: NumberValue = { kind: 'number', value: 0n };
export const one: NumberValue = { kind: 'number', value: 1n };

export function inRegister(register: VirtualRegister): RegisterValue {
  return { kind: 'register', register, plus: 0n };
}

export function isNumeric(value: Value): value is Numeric {
  return value.kind === 'number' || value.kind === 'register';
}

/** A number that keeps ways apart when one that it comes from does. */
export function apartIf(apart: true | undefined, value: NumberValue): NumberValue {
  return apart ? { ...value, apart } : value;
}

/** A value plus a constant, without an instruction. */
export function plus(value: Numeric, offset: bigint): Numeric {
  if (value.kind === 'number') return apartIf(value.apart, number(value.value + offset));
  return {
    kind: 'register',
    register: value.register,
    plus: wrap(value.plus + offset),
    ...(value.page && { page: true }),
  };
}

/** Whether two values are the same whenever the program runs. */
export function sameValue(left: Value, right: Value): boolean {
  switch (left.kind) {
    case 'number':
      return right.kind === 'number' && left.value === right.value;
    case 'register':
      return right.kind === 'register' && left.register === right.register && left.plus === right.plus;
    case 'lock':
      return right.kind === 'lock' && left.lock === right.lock;
    case 'memory':
      return right.kind === 'memory';
    case 'hugepage':
      return right.kind === 'hugepage' && left.page === right.page;
    case 'page':
      return right.kind === 'page' && left.page === right.page;
    case 'list':
      return right.kind === 'list' && left.list === right.list;
  }
}

/** A number as an instruction's operand. A register with an offset has none: it takes an instruction to add it. */
export function directOperand(value: Numeric): Operand | undefined {
  if (value.kind === 'number') return { kind: 'value', value: value.value };
  return value.plus === 0n ? { kind: 'register', register: value.register } : undefined;
}

/** What a value is, for messages. */
export function describeKind(value: Value): string {
  switch (value.kind) {
    case 'number':
    case 'register':
      return 'a number';
    case 'lock':
      return 'a lock';
    case 'memory':
      return '`init_mm`';
    case 'hugepage':
      return `the huge page ${value.page.name}`;
    case 'page':
      return `the page ${value.page.name}`;
    case 'list':
      return 'a list';
  }
}
