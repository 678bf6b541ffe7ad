/** Expressions that must be known before there is a machine to run on: where pages are, how large, how often. */

import type { Expression } from '../ast';
import { calculate, truth, wrap } from './arithmetic';

/** Looks a name up: undefined when it has no constant value. */
export type ConstantLookup = (name: string) => bigint | undefined;

/** The value of an expression of numbers, operators and named constants; undefined when it is something else. */
export function constantValue(expression: Expression, lookup: ConstantLookup): bigint | undefined {
  const of = (inner: Expression) => constantValue(inner, lookup);
  switch (expression.kind) {
    case 'number':
      return wrap(expression.value);
    case 'name':
      return lookup(expression.name);
    case 'group':
      return of(expression.inner);
    case 'unary': {
      const operand = of(expression.operand);
      if (operand === undefined) return undefined;
      switch (expression.operator) {
        case '-':
          return wrap(-operand);
        case '~':
          return wrap(~operand);
        case '!':
          return truth(operand === 0n);
        case '*':
        case '&':
          return undefined;
      }
      return undefined;
    }
    case 'binary': {
      const left = of(expression.left);
      if (left === undefined) return undefined;
      if (expression.operator === '&&' && left === 0n) return 0n;
      if (expression.operator === '||' && left !== 0n) return 1n;
      const right = of(expression.right);
      if (right === undefined) return undefined;
      const { operator } = expression;
      return operator === '&&' || operator === '||' ? truth(right !== 0n) : calculate(operator, left, right);
    }
    case 'conditional': {
      const condition = of(expression.condition);
      return condition === undefined ? undefined : of(condition !== 0n ? expression.then : expression.otherwise);
    }
    case 'member':
    case 'call':
    case 'range':
    case 'cpuRegister':
    case 'outcome':
    case 'missing':
      return undefined;
  }
}
