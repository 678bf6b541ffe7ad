/** Values of claims over the observed values of one finished execution: 64 bits, unsigned. */

import type { BinaryOperator } from '../language/ast';
import { calculate, truth, wrap } from '../language/elaborate/arithmetic';
import type { ClaimValue } from '../language/elaborate/claims';

/** Undefined: an address that does not translate when the execution is over. */
export type Known = bigint | undefined;

export function valueOfClaim(value: ClaimValue, observed: readonly Known[]): Known {
  const of = (inner: ClaimValue): Known => valueOfClaim(inner, observed);
  switch (value.kind) {
    case 'number':
      return value.value;
    case 'observed':
      return observed[value.observable];
    case 'unary': {
      const operand = of(value.operand);
      if (operand === undefined) return undefined;
      return { '-': wrap(-operand), '~': wrap(~operand), '!': truth(operand === 0n) }[value.operator];
    }
    case 'binary':
      return binary(value.operator, of(value.left), () => of(value.right));
    case 'conditional': {
      const condition = of(value.condition);
      if (condition === undefined) return undefined;
      return of(condition === 0n ? value.whenFalse : value.whenTrue);
    }
  }
}

function binary(operator: BinaryOperator, left: Known, rightOf: () => Known): Known {
  if (operator === '&&') return left === undefined || left === 0n ? 0n : truth((rightOf() ?? 0n) !== 0n);
  if (operator === '||') return left !== undefined && left !== 0n ? 1n : truth((rightOf() ?? 0n) !== 0n);
  const right = rightOf();
  // What does not translate is equal to nothing.
  if (operator === '==') return truth(left !== undefined && left === right);
  if (operator === '!=') return truth(left === undefined || left !== right);
  if (left === undefined || right === undefined) return undefined;
  return calculate(operator, left, right);
}

/** The observables of a program that a value is made of. */
export function observablesOf(value: ClaimValue): ReadonlySet<number> {
  switch (value.kind) {
    case 'number':
      return new Set();
    case 'observed':
      return new Set([value.observable]);
    case 'unary':
      return observablesOf(value.operand);
    case 'binary':
      return new Set([...observablesOf(value.left), ...observablesOf(value.right)]);
    case 'conditional':
      return new Set([
        ...observablesOf(value.condition),
        ...observablesOf(value.whenTrue),
        ...observablesOf(value.whenFalse),
      ]);
  }
}
