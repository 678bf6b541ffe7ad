/** C's operators on 64-bit unsigned values, as the machine computes them: division by zero gives 0, as UDIV does. */

import type { BinaryOperator } from '../ast';
import { all64 } from './addressSpace';

export function wrap(value: bigint): bigint {
  return value & all64;
}

/** The value of an operator on constants. `&&` and `||` are not here: they may leave their right side out. */
export function calculate(operator: Exclude<BinaryOperator, '&&' | '||'>, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '*':
      return wrap(left * right);
    case '/':
      return right === 0n ? 0n : left / right;
    case '%':
      return right === 0n ? left : left % right;
    case '+':
      return wrap(left + right);
    case '-':
      return wrap(left - right);
    case '<<':
      return wrap(left << (right & 63n));
    case '>>':
      return left >> (right & 63n);
    case '&':
      return left & right;
    case '^':
      return left ^ right;
    case '|':
      return left | right;
    case '<':
      return truth(left < right);
    case '<=':
      return truth(left <= right);
    case '>':
      return truth(left > right);
    case '>=':
      return truth(left >= right);
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
  }
}

export function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}
