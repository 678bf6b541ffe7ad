/** The quick way to a value that is known: no instruction, no other way, nothing changes. Loops ask for it often. */

import type { Expression } from '../ast';
import { calculate, truth, wrap } from './arithmetic';
import type { Compiler, Frame } from './compiler';
import { findVariable, isRegister } from './expressions';
import { resolved } from './operators';
import type { State } from './state';
import { isNumeric } from './value';

/** Undefined: not known, or not found out so quickly. */
export function knownValue(compiler: Compiler, frame: Frame, state: State, expression: Expression): bigint | undefined {
  const of = (inner: Expression) => knownValue(compiler, frame, state, inner);
  switch (expression.kind) {
    case 'number':
      return wrap(expression.value);
    case 'group':
      return of(expression.inner);
    case 'name': {
      const variable = findVariable(frame.scope, expression.name);
      if (variable === undefined) {
        if (isRegister(frame, expression.name) || compiler.world.objects.has(expression.name)) return undefined;
        if (compiler.world.declarations.constants.has(expression.name)) return undefined;
        return compiler.world.numbers.get(expression.name);
      }
      const value = state.variables.get(variable);
      if (value === undefined || !isNumeric(value)) return undefined;
      const known = resolved(state, value);
      return known.kind === 'number' ? known.value : undefined;
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
    default:
      return undefined;
  }
}
