/** What a primitive's lowering gets, and the helpers that most of them use. */

import type { CallExpression, Expression } from '../../ast';
import { argumentsFit, parametersOf } from '../argumentKinds';
import { evaluateAll } from '../calls';
import { elaborationCodes } from '../codes';
import { type Compiler, complain, type Frame, type LockValue } from '../compiler';
import { asNumber } from '../numeric';
import type { State, Way } from '../state';
import { describeKind, type Numeric, type Value, zero } from '../value';

export interface PrimitiveCall {
  readonly compiler: Compiler;
  readonly frame: Frame;
  readonly state: State;
  readonly call: CallExpression;
}

export type Lowering = (call: PrimitiveCall) => readonly Way<Value>[];

/** A primitive whose arguments are all numbers. `make` emits it and gives its value; nothing stands for 0. */
export function withNumbers(
  make: (compiler: Compiler, frame: Frame, state: State, values: readonly Numeric[]) => Value | undefined,
  count: number,
): Lowering {
  return ({ compiler, frame, state, call }) =>
    numbers(compiler, frame, state, call.arguments).map((way) => {
      const values = [...way.value];
      if (!primitiveFits(compiler, frame, call, values)) return { state: way.state, value: zero };
      while (values.length < count) values.push(zero);
      return { state: way.state, value: make(compiler, frame, way.state, values) ?? zero };
    });
}

/** Whether a primitive of pages is given what its parameters are named by. */
function primitiveFits(compiler: Compiler, frame: Frame, call: CallExpression, given: readonly Numeric[]): boolean {
  if (frame.source.origin === 'library' || call.callee.kind !== 'name') return true;
  const { name } = call.callee;
  return argumentsFit(compiler, frame, call, name, parametersOf(name), given);
}

/** Evaluates expressions from left to right as numbers. */
export function numbers(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expressions: readonly Expression[],
): readonly Way<readonly Numeric[]>[] {
  return evaluateAll(compiler, frame, state, expressions).map((way) => ({
    state: way.state,
    value: way.value.map((value, i) => asNumber(compiler, frame, (expressions[i] as Expression).span, value)),
  }));
}

/** A primitive without arguments. */
export function withNothing(make: (compiler: Compiler, frame: Frame, state: State) => Value | undefined): Lowering {
  return ({ compiler, frame, state }) => [{ state, value: make(compiler, frame, state) ?? zero }];
}

/** A primitive whose first argument is a lock and whose others are numbers. `make` may go on in several ways. */
export function withLock(
  make: (
    compiler: Compiler,
    frame: Frame,
    state: State,
    lock: LockValue,
    values: readonly Numeric[],
  ) => Value | undefined | readonly Way<Value>[],
): Lowering {
  return ({ compiler, frame, state, call }) => {
    const [lock, ...rest] = call.arguments;
    if (lock === undefined) return [{ state, value: zero }];
    return compiler.evaluate(frame, state, lock).flatMap((first): readonly Way<Value>[] => {
      const { value } = first;
      if (value.kind !== 'lock') {
        complain(
          compiler,
          frame,
          elaborationCodes.kind,
          lock.span,
          `this is ${describeKind(value)}, where a lock belongs`,
        );
        return [{ state: first.state, value: zero }];
      }
      return numbers(compiler, frame, first.state, rest).flatMap((way): readonly Way<Value>[] => {
        const made = make(compiler, frame, way.state, value, way.value) ?? zero;
        return 'kind' in made ? [{ state: way.state, value: made }] : made;
      });
    });
  };
}

/** An argument's expression without parentheses. */
export function bare(expression: Expression): Expression {
  return expression.kind === 'group' ? bare(expression.inner) : expression;
}

/** The address and width of a place: `*p`, the name of a `var`, or a field. */
export function place(compiler: Compiler, frame: Frame, state: State, expression: Expression): readonly Way<Numeric>[] {
  const inner = bare(expression);
  const address = inner.kind === 'unary' && inner.operator === '*' ? inner.operand : inner;
  return compiler.evaluate(frame, state, address).map((way) => ({
    state: way.state,
    value: asNumber(compiler, frame, expression.span, way.value),
  }));
}

/** An argument that is a word of a table, such as `ish` or `esr_el1`. */
export function wordOf(expression: Expression | undefined): string {
  if (expression === undefined) return '';
  const inner = bare(expression);
  if (inner.kind === 'name') return inner.name;
  return inner.kind === 'outcome' ? inner.outcome.word : '';
}
