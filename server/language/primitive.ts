/** What a row of the primitives' table says. The rows are in `primitives/`, all of them together in `primitives.ts`. */

import type { LockKindWord } from './ast';

/**
 * What an argument must be.
 *
 * `value`: any expression. `address`: a virtual address. `place`: `*p`, a `var` or a field, meaning the word there.
 * `condition`: an expression of which only zero or not zero counts. `waitCondition`: `place == value` or
 * `place != value`. `lock`: a lock by name. `memory`: `init_mm`. `barrier`, `tlbi`, `systemRegister`, `outcome`: a word
 * of that table. `interrupt`: an `irq` or `nmi` of the scenario. `choice`: an expression or a range `a .. b`.
 */
export type ParameterKind =
  | 'value'
  | 'address'
  | 'place'
  | 'condition'
  | 'waitCondition'
  | 'lock'
  | 'memory'
  | 'barrier'
  | 'tlbi'
  | 'systemRegister'
  | 'outcome'
  | 'interrupt'
  | 'choice';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly optional?: boolean;
  /** Any number of further arguments of this kind; only the last parameter. */
  readonly repeated?: boolean;
  /** For `lock`: the kinds that it may have. */
  readonly locks?: readonly LockKindWord[];
}

export type PrimitiveGroup =
  | 'access'
  | 'exclusive'
  | 'atomic'
  | 'barrier'
  | 'tlb'
  | 'lock'
  | 'rcu'
  | 'interrupt'
  | 'page'
  | 'fault'
  | 'report'
  | 'choice'
  | 'list';

/** Something that a CPU does which is not text of the standard library. */
export interface Primitive {
  readonly name: string;
  readonly group: PrimitiveGroup;
  readonly parameters: readonly Parameter[];
  /** What it returns, as a noun phrase; absent: nothing. */
  readonly result?: string;
  /** One or two sentences of Markdown. */
  readonly doc: string;
  /** Call text that is right as it stands in a scenario with a huge page H, a spin lock L, a `var` V and an irq TICK. */
  readonly example: string;
}

export const address = (name = 'address'): Parameter => ({ name, kind: 'address' });
export const value = (name = 'value'): Parameter => ({ name, kind: 'value' });
export const place = (name = 'place'): Parameter => ({ name, kind: 'place' });
export const lock = (...locks: readonly LockKindWord[]): Parameter => ({ name: 'lock', kind: 'lock', locks });
export const optional = (parameter: Parameter): Parameter => ({ ...parameter, optional: true });

/** How a primitive is written, for messages. */
export function primitiveForm({ name, parameters }: Primitive): string {
  const list = parameters.map((parameter) => (parameter.optional ? `[${parameter.name}]` : parameter.name));
  return `${name}(${list.join(', ')})`;
}
