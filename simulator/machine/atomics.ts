/** What an atomic that has read a value leaves in memory. */

import type { AccessInstruction, AtomicOperation } from './program';
import type { ValueId, Values } from './values';

/** LD<op>: of the old value and the operand the larger or the smaller one, with or without a sign. */
export type Extreme = Extract<AtomicOperation, `${'signed' | 'unsigned'}${'Maximum' | 'Minimum'}`>;

const extremes: ReadonlySet<AtomicOperation> = new Set<Extreme>([
  'signedMaximum',
  'signedMinimum',
  'unsignedMaximum',
  'unsignedMinimum',
]);

export function isExtreme(operation: AtomicOperation): operation is Extreme {
  return extremes.has(operation);
}

/** Whether the old value stays, of values of so many bytes. */
export function keepsOld(operation: Extreme, old: bigint, operand: bigint, bytes: number): boolean {
  const as = operation.startsWith('signed') ? BigInt.asIntN : BigInt.asUintN;
  const [a, b] = [as(8 * bytes, old), as(8 * bytes, operand)];
  return operation.endsWith('Maximum') ? a >= b : a <= b;
}

/** The value that an atomic writes, of those of a compare-and-swap one that finds what it compares with. */
export function written(values: Values, i: AccessInstruction, read: ValueId, operand: ValueId): ValueId {
  const operation = i.operation ?? 'swap';
  switch (operation) {
    case 'swap':
    case 'compareAndSwap':
      return values.truncate(operand, i.bytes);
    case 'add':
    case 'exclusiveOr':
      return values.truncate(values.compute(operation, read, operand, 0), i.bytes);
    case 'set':
      return values.truncate(values.compute('or', read, operand, 0), i.bytes);
    case 'clear':
      return values.truncate(values.compute('bitClear', read, operand, 0), i.bytes);
    default:
      return values.truncate(
        keepsOld(operation, values.get(read), values.get(operand), i.bytes) ? read : operand,
        i.bytes,
      );
  }
}
