/** Operators on values: folded when both sides are known, instructions otherwise. */

import type { Arithmetic } from '../../../simulator/machine/program';
import type { BinaryOperator } from '../ast';
import { all64 } from './addressSpace';
import { calculate, wrap } from './arithmetic';
import { type Compiler, emit, type Frame, operandOf } from './compiler';
import type { State } from './state';
import { apartIf, inRegister, type Numeric, number, one, plus, type VirtualRegister, zero } from './value';

type PlainOperator = Exclude<BinaryOperator, '&&' | '||'>;

/** Operators that are one instruction; the others are written with these. */
const operations: Readonly<Record<Exclude<PlainOperator, '>' | '>='>, Arithmetic>> = {
  '*': 'multiply',
  '/': 'divide',
  '%': 'remainder',
  '+': 'add',
  '-': 'subtract',
  '<<': 'shiftLeft',
  '>>': 'shiftRight',
  '&': 'and',
  '^': 'exclusiveOr',
  '|': 'or',
  '<': 'below',
  '<=': 'belowOrEqual',
  '==': 'equal',
  '!=': 'notEqual',
};

const comparisons: ReadonlySet<Arithmetic> = new Set<Arithmetic>(['below', 'belowOrEqual', 'equal', 'notEqual']);

export function applyBinary(
  compiler: Compiler,
  frame: Frame,
  state: State,
  operator: PlainOperator,
  leftOperand: Numeric,
  rightOperand: Numeric,
): Numeric {
  const left = resolved(state, leftOperand);
  const right = resolved(state, rightOperand);
  if (left.kind === 'number' && right.kind === 'number')
    return apartIf(left.apart ?? right.apart, number(calculate(operator, left.value, right.value)));
  if (operator === '>') return applyBinary(compiler, frame, state, '<', right, left);
  if (operator === '>=') return applyBinary(compiler, frame, state, '<=', right, left);
  const simple = simplified(compiler, operator, left, right);
  if (simple !== undefined) return simple;
  const operation = operations[operator];
  const key = computationKey(compiler, operation, left, right);
  const before = key === undefined ? undefined : state.computed.get(key);
  if (before !== undefined) return resolved(state, before);
  const sources = [operandOf(compiler, frame, state, left), operandOf(compiler, frame, state, right)];
  const destination = compiler.graph.register();
  emit(compiler, frame, state, { kind: 'arithmetic', operation, destination, sources });
  if (comparisons.has(operation)) compiler.truths.add(destination);
  if (operation === 'equal') compiler.equalities.set(destination, { left, right });
  const result: Numeric = { ...inRegister(destination), ...(isPage(operation, left, right) && { page: true }) };
  if (key !== undefined) {
    // What was computed long ago is hardly computed again; states are copied often.
    if (state.computed.size >= maximumComputed) state.computed.clear();
    state.computed.set(key, result);
  }
  return result;
}

/** Computations with a constant lead from the address of a page to that of its struct page, and to descriptors of it. */
function isPage(operation: Arithmetic, left: Numeric, right: Numeric): boolean {
  const address = left.kind === 'register' ? left : right;
  const other = address === left ? right : left;
  return address.kind === 'register' && address.page === true && other.kind === 'number' && !comparisons.has(operation);
}

const maximumComputed = 32;

/** A value with what the branches up to here tell about it. */
export function resolved(state: State, value: Numeric): Numeric {
  if (value.kind === 'number') return value;
  const fact = state.facts.get(value.register);
  return fact === undefined ? value : number(fact + value.plus);
}

/** The name of a computation; none for registers of the user, which change under way. */
function computationKey(compiler: Compiler, operation: Arithmetic, left: Numeric, right: Numeric): string | undefined {
  const name = (value: Numeric): string | undefined => {
    if (value.kind === 'number') return `${value.value}`;
    return isHome(compiler, value.register) ? undefined : `x${value.register}+${value.plus}`;
  };
  const [l, r] = [name(left), name(right)];
  return l === undefined || r === undefined ? undefined : `${operation} ${l} ${r}`;
}

function isHome({ registers }: Compiler, register: VirtualRegister): boolean {
  for (const known of registers.values()) if (known.register === register) return true;
  return false;
}

/** Notes what a branch on a condition tells on its two sides. */
export function learn(compiler: Compiler, condition: Numeric, whenTrue: State, whenFalse: State): void {
  if (condition.kind !== 'register' || isHome(compiler, condition.register)) return;
  if (condition.plus === 0n) whenFalse.facts.set(condition.register, 0n);
  if (!isTruth(compiler, condition)) return;
  whenTrue.facts.set(condition.register, 1n);
  const equality = compiler.equalities.get(condition.register);
  if (equality === undefined) return;
  const { left, right } = equality;
  if (left.kind === 'register' && right.kind === 'number' && !isHome(compiler, left.register))
    whenTrue.facts.set(left.register, wrap(right.value - left.plus));
  const negated = left.kind === 'register' && right.kind === 'number' && right.value === 0n && isTruth(compiler, left);
  if (negated && !isHome(compiler, left.register)) whenFalse.facts.set(left.register, 1n);
}

/** Sees through negations: the value to branch on, and whether its sides are exchanged. */
export function withoutNegation(
  compiler: Compiler,
  condition: Numeric,
): { readonly value: Numeric; readonly exchanged: boolean } {
  let value = condition;
  let exchanged = false;
  for (;;) {
    const equality =
      value.kind === 'register' && value.plus === 0n ? compiler.equalities.get(value.register) : undefined;
    if (equality === undefined || equality.right.kind !== 'number' || equality.right.value !== 0n) break;
    if (equality.left.kind !== 'register' || equality.left.plus !== 0n || isHome(compiler, equality.left.register))
      break;
    value = equality.left;
    exchanged = !exchanged;
  }
  return { value, exchanged };
}

/** What needs no instruction: neutral and absorbing constants, and sums with a constant. */
function simplified(compiler: Compiler, operator: PlainOperator, left: Numeric, right: Numeric): Numeric | undefined {
  if (right.kind === 'number') {
    const { value } = right;
    switch (operator) {
      case '+':
        return plus(left, value);
      case '-':
        return plus(left, -value);
      case '|':
      case '^':
      case '<<':
      case '>>':
        return value === 0n ? left : undefined;
      case '&':
        return value === 0n ? zero : value === all64 ? left : undefined;
      case '*':
      case '/':
        return value === 1n ? left : undefined;
      case '!=':
        if (value === 0n && left.kind === 'register' && left.page) return one;
        return value === 0n && isTruth(compiler, left) ? left : undefined;
      case '==':
        return value === 0n && left.kind === 'register' && left.page ? zero : undefined;
      default:
        return undefined;
    }
  }
  if (left.kind === 'number') {
    switch (operator) {
      case '+':
        return plus(right, left.value);
      case '|':
      case '^':
        return left.value === 0n ? right : undefined;
      case '&':
        return left.value === 0n ? zero : left.value === all64 ? right : undefined;
      case '*':
        return left.value === 1n ? right : undefined;
      default:
        return undefined;
    }
  }
  if (operator === '-' && left.register === right.register) return number(left.plus - right.plus);
  if (operator === '==' && left.register === right.register) return number(left.plus === right.plus ? 1n : 0n);
  return undefined;
}

export function isTruth(compiler: Compiler, value: Numeric): boolean {
  return value.kind === 'number' ? value.value < 2n : value.plus === 0n && compiler.truths.has(value.register);
}

/** 0 or 1: whether a value is not 0. */
export function truthOf(compiler: Compiler, frame: Frame, state: State, value: Numeric): Numeric {
  return isTruth(compiler, value) ? value : applyBinary(compiler, frame, state, '!=', value, zero);
}

/** 0 or 1: whether a value is 0. */
export function negationOf(compiler: Compiler, frame: Frame, state: State, value: Numeric): Numeric {
  return applyBinary(compiler, frame, state, '==', value, zero);
}
