/** Expressions: folded as far as they are known, instructions for the rest. */

import type {
  BinaryExpression,
  ConditionalExpression,
  Expression,
  MemberExpression,
  NameExpression,
  Span,
  UnaryExpression,
} from '../ast';
import { load } from './access';
import { all64 } from './addressSpace';
import { branch } from './branch';
import { evaluateCall } from './calls';
import { elaborationCodes } from './codes';
import { type Compiler, complain, type Frame, notInThisKernel, type Scope } from './compiler';
import { memberValue } from './members';
import { asNumber } from './numeric';
import { applyBinary, negationOf, resolved, truthOf } from './operators';
import { settled } from './settled';
import { spend } from './spending';
import { join, type State, type VariableId, type Way } from './state';
import { inRegister, type Numeric, number, one, type Value, zero } from './value';

/** The ways in which an expression is evaluated, each with its value. No way: it does not come to an end. */
export function evaluate(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: Expression,
): readonly Way<Value>[] {
  if (!spend(compiler, frame, expression.span)) return [];
  const quick = settled(compiler, frame, state, expression);
  if (quick !== undefined) return [{ state, value: quick }];
  switch (expression.kind) {
    case 'number':
      return [{ state, value: number(expression.value) }];
    case 'name':
      return [{ state, value: nameValue(compiler, frame, state, expression) }];
    case 'group':
      return evaluate(compiler, frame, state, expression.inner);
    case 'member':
      return evaluateMember(compiler, frame, state, expression);
    case 'call':
      return evaluateCall(compiler, frame, state, expression);
    case 'unary':
      return evaluateUnary(compiler, frame, state, expression);
    case 'binary':
      return evaluateBinary(compiler, frame, state, expression);
    case 'conditional':
      return evaluateConditional(compiler, frame, state, expression);
    case 'range':
    case 'cpuRegister':
    case 'outcome':
    case 'missing':
      return [{ state, value: zero }];
  }
}

/** As `evaluate`, for an expression that must be a number; something else is diagnosed and counts as 0. */
export function evaluateNumber(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: Expression,
): readonly Way<Numeric>[] {
  const ways = evaluate(compiler, frame, state, expression);
  const numeric = (way: Way<Value>): Way<Numeric> => ({
    state: way.state,
    value: resolved(way.state, asNumber(compiler, frame, expression.span, way.value)),
  });
  return ways.length === 1 ? [numeric(ways[0] as Way<Value>)] : ways.map(numeric);
}

/** As `evaluateNumber`, for an expression of which only zero or not zero counts. */
export function evaluateCondition(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: Expression,
): readonly Way<Numeric>[] {
  return evaluateNumber(compiler, frame, state, expression).map((way) => ({
    state: way.state,
    value: way.value.kind === 'register' && way.value.page ? one : way.value,
  }));
}

export function findVariable(scope: Scope | undefined, name: string): VariableId | undefined {
  for (let at = scope; at !== undefined; at = at.outer) {
    const found = at.names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const registerName = /^r([12]?[0-9]|30)$/;

/** Whether a name is a register of the CPU here: r0 to r30 outside functions. */
export function isRegister(frame: Frame, name: string): boolean {
  return !frame.inFunction && registerName.test(name);
}

function nameValue(compiler: Compiler, frame: Frame, state: State, { name, span }: NameExpression): Value {
  const variable = findVariable(frame.scope, name);
  if (variable !== undefined) return state.variables.get(variable) ?? zero;
  if (isRegister(frame, name)) {
    const register = compiler.registers.get(name);
    if (register === undefined) return zero;
    if (compiler.volatileRegisters.has(name)) return inRegister(register.register);
    return state.variables.get(register.variable) ?? (compiler.fromStart ? zero : inRegister(register.register));
  }
  const { world } = compiler;
  const object = world.objects.get(name);
  if (object !== undefined) return object;
  const declared = world.declarations.constants.get(name);
  if (declared !== undefined) return constantItem(compiler, frame, state, name, span);
  const known = world.numbers.get(name);
  if (known === undefined) notInThisKernel(compiler, frame, { name, span });
  return known === undefined ? zero : number(known);
}

/** A `const`: its expression may name huge pages and functions, and is evaluated where it is used. */
function constantItem(compiler: Compiler, frame: Frame, state: State, name: string, span: Span): Value {
  const declared = compiler.world.declarations.constants.get(name);
  if (declared === undefined || compiler.activeConstants.has(name)) return zero;
  compiler.activeConstants.add(name);
  const inner: Frame = {
    ...frame,
    source: declared.source,
    scope: { names: new Map(), outer: undefined },
    inFunction: true,
  };
  const made = compiler.graph.made;
  const [way] = evaluate(compiler, inner, state, declared.item.value);
  compiler.activeConstants.delete(name);
  if (way === undefined) return zero;
  if (compiler.graph.made === made && way.state === state && way.value.kind !== 'register') return way.value;
  complain(
    compiler,
    frame,
    elaborationCodes.notConstant,
    span,
    `the const ${name} has no value that is known before the scenario runs`,
  );
  return zero;
}

function evaluateMember(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: MemberExpression,
): readonly Way<Value>[] {
  const { object, member } = expression;
  if (object.kind === 'name' && object.name === 'machine' && findVariable(frame.scope, 'machine') === undefined) {
    return [{ state, value: number(compiler.world.switches.get(member.name) ?? 0n) }];
  }
  return evaluate(compiler, frame, state, object).map((way) => ({
    state: way.state,
    value: memberValue(compiler, frame, way.value, member, []),
  }));
}

function evaluateUnary(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: UnaryExpression,
): readonly Way<Value>[] {
  const { operator, operand } = expression;
  if (operator === '&') return evaluate(compiler, frame, state, operand);
  return evaluateNumber(compiler, frame, state, operand).map(({ state: after, value }) => {
    switch (operator) {
      case '*':
        return { state: after, value: load(compiler, frame, after, value, value.bytes ?? 8) };
      case '-':
        return { state: after, value: applyBinary(compiler, frame, after, '-', zero, value) };
      case '~':
        return { state: after, value: applyBinary(compiler, frame, after, '^', value, number(all64)) };
      case '!':
        return { state: after, value: negationOf(compiler, frame, after, value) };
    }
    return { state: after, value };
  });
}

function evaluateBinary(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: BinaryExpression,
): readonly Way<Value>[] {
  const { operator, left, right } = expression;
  if (operator === '&&' || operator === '||') return evaluateLogical(compiler, frame, state, expression);
  return evaluateNumber(compiler, frame, state, left).flatMap((first) =>
    evaluateNumber(compiler, frame, first.state, right).map((second) => ({
      state: second.state,
      value: applyBinary(compiler, frame, second.state, operator, first.value, second.value),
    })),
  );
}

/**
 * `&&` and `||`. A right side without effects is computed beside the left one: one condition instead of two is one
 * guess instead of two where values are still on their way.
 */
function evaluateLogical(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: BinaryExpression,
): readonly Way<Value>[] {
  const both = expression.operator === '&&';
  const ways = evaluateCondition(compiler, frame, state, expression.left).flatMap((first): readonly Way<Value>[] => {
    if (first.value.kind === 'number') {
      const decided = (first.value.value !== 0n) !== both;
      if (decided) return [{ state: first.state, value: both ? zero : one }];
      return truths(compiler, frame, evaluateCondition(compiler, frame, first.state, expression.right));
    }
    if (!isPure(expression.right)) return guarded(compiler, frame, first.state, first.value, expression, both);
    return evaluateCondition(compiler, frame, first.state, expression.right).map((second) => {
      const l = truthOf(compiler, frame, second.state, first.value);
      const r = truthOf(compiler, frame, second.state, second.value);
      return { state: second.state, value: applyBinary(compiler, frame, second.state, both ? '&' : '|', l, r) };
    });
  });
  return ways;
}

/** The right side only where the left one does not decide. */
function guarded(
  compiler: Compiler,
  frame: Frame,
  state: State,
  left: Numeric,
  expression: BinaryExpression,
  both: boolean,
): readonly Way<Value>[] {
  const { whenTrue, whenFalse } = branch(compiler, frame, state, left);
  const further = both ? whenTrue : whenFalse;
  const decided = both ? whenFalse : whenTrue;
  return join(
    compiler.graph,
    [
      { state: decided, value: both ? zero : one },
      ...truths(compiler, frame, evaluateCondition(compiler, frame, further, expression.right)),
    ],
    frame.site,
  );
}

function truths(compiler: Compiler, frame: Frame, ways: readonly Way<Numeric>[]): readonly Way<Value>[] {
  return ways.map(({ state, value }) => ({ state, value: truthOf(compiler, frame, state, value) }));
}

function evaluateConditional(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expression: ConditionalExpression,
): readonly Way<Value>[] {
  const ways = evaluateCondition(compiler, frame, state, expression.condition).flatMap((condition) => {
    if (condition.value.kind === 'number') {
      const side = condition.value.value !== 0n ? expression.then : expression.otherwise;
      return evaluate(compiler, frame, condition.state, side);
    }
    const { whenTrue, whenFalse } = branch(compiler, frame, condition.state, condition.value);
    return [
      ...evaluate(compiler, frame, whenTrue, expression.then),
      ...evaluate(compiler, frame, whenFalse, expression.otherwise),
    ];
  });
  return join(compiler.graph, ways, frame.site);
}

/** No access, no call, nothing but computation. */
function isPure(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return true;
    case 'group':
      return isPure(expression.inner);
    case 'member':
      return isPure(expression.object);
    case 'unary':
      return expression.operator !== '*' && isPure(expression.operand);
    case 'binary':
      return isPure(expression.left) && isPure(expression.right);
    case 'call':
    case 'conditional':
    case 'range':
    case 'cpuRegister':
    case 'outcome':
    case 'missing':
      return false;
  }
}
