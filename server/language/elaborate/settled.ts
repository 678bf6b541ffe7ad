/**
 * The quick way to a value: no instruction, no other way, nothing changes. Most expressions of an elaboration are such
 * ones, for loops over known bounds are unrolled.
 */

import type { BinaryExpression, Expression, UnaryExpression } from '../ast';
import { all64 } from './addressSpace';
import { calculate, truth, wrap } from './arithmetic';
import type { Compiler, Frame } from './compiler';
import { findVariable, isRegister } from './expressions';
import { resolved } from './operators';
import type { State } from './state';
import { apartIf, isNumeric, type NumberValue, number, one, type Value, zero } from './value';

/** The value that `evaluate` gives; undefined: not known, or not found out so quickly. */
export function settled(compiler: Compiler, frame: Frame, state: State, expression: Expression): Value | undefined {
  switch (expression.kind) {
    case 'number':
      return number(expression.value);
    case 'group':
      return settled(compiler, frame, state, expression.inner);
    case 'name':
      return ofName(compiler, frame, state, expression.name);
    case 'unary':
      return ofUnary(compiler, frame, state, expression);
    case 'binary':
      return ofBinary(compiler, frame, state, expression);
    case 'conditional': {
      const condition = settledNumber(compiler, frame, state, expression.condition);
      if (condition === undefined) return undefined;
      return settled(compiler, frame, state, condition.value !== 0n ? expression.then : expression.otherwise);
    }
    default:
      return undefined;
  }
}

/** As `settled`, for a number that is known. */
export function settledNumber(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: Expression,
): NumberValue | undefined {
  const value = settled(compiler, frame, state, expression);
  if (value === undefined || !isNumeric(value)) return undefined;
  const known = resolved(state, value);
  return known.kind === 'number' ? known : undefined;
}

function ofName(compiler: Compiler, frame: Frame, state: State, name: string): Value | undefined {
  const variable = findVariable(frame.scope, name);
  if (variable !== undefined) return state.variables.get(variable) ?? zero;
  const { world } = compiler;
  if (isRegister(frame, name) || world.objects.has(name) || world.declarations.constants.has(name)) return undefined;
  const known = world.numbers.get(name);
  return known === undefined ? undefined : number(known);
}

function ofUnary(
  compiler: Compiler,
  frame: Frame,
  state: State,
  { operator, operand }: UnaryExpression,
): Value | undefined {
  if (operator === '*') return undefined;
  if (operator === '&') return settled(compiler, frame, state, operand);
  const known = settledNumber(compiler, frame, state, operand);
  if (known === undefined) return undefined;
  switch (operator) {
    case '-':
      return apartIf(known.apart, number(-known.value));
    case '~':
      return apartIf(known.apart, number(known.value ^ all64));
    case '!':
      return apartIf(known.apart, number(truth(known.value === 0n)));
  }
}

function ofBinary(
  compiler: Compiler,
  frame: Frame,
  state: State,
  { operator, left, right }: BinaryExpression,
): Value | undefined {
  const first = settledNumber(compiler, frame, state, left);
  if (first === undefined) return undefined;
  if (operator === '&&' && first.value === 0n) return zero;
  if (operator === '||' && first.value !== 0n) return one;
  const second = settledNumber(compiler, frame, state, right);
  if (second === undefined) return undefined;
  if (operator === '&&' || operator === '||') return second.value < 2n ? second : apartIf(second.apart, one);
  return apartIf(first.apart ?? second.apart, {
    kind: 'number',
    value: wrap(calculate(operator, first.value, second.value)),
  });
}
