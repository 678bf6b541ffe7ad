/** Which functions a function calls, by name. */

import type { Block, Expression, FunctionItem, Span, Statement } from '../ast';
import { blocksOf } from './scenario';

const cache = new WeakMap<FunctionItem, ReadonlyMap<string, Span>>();

/** The names that a function calls, each with its first place. */
export function callsOf(fn: FunctionItem): ReadonlyMap<string, Span> {
  const known = cache.get(fn);
  if (known !== undefined) return known;
  const calls = new Map<string, Span>();
  visitBlock(fn.body, (expression) => {
    if (expression.kind !== 'call' || expression.callee.kind !== 'name') return;
    const { name, span } = expression.callee;
    if (!calls.has(name)) calls.set(name, span);
  });
  cache.set(fn, calls);
  return calls;
}

/** Every expression in a block, outer ones first. */
export function visitBlock(block: Block, visit: (expression: Expression) => void): void {
  for (const statement of block.statements) {
    for (const expression of expressionsOf(statement)) visitExpression(expression, visit);
    for (const inner of blocksOf(statement)) visitBlock(inner, visit);
  }
}

/** The expressions directly in a statement. */
function expressionsOf(node: Statement): readonly Expression[] {
  switch (node.kind) {
    case 'let':
      return [node.value];
    case 'assign':
      return [node.target, node.value];
    case 'call':
      return [node.expression];
    case 'if':
    case 'while':
      return [node.condition];
    case 'for': {
      const head = [node.initial, node.step].flatMap((part) => (part === undefined ? [] : expressionsOf(part)));
      return node.condition === undefined ? head : [...head, node.condition];
    }
    case 'repeat':
      return [node.count];
    case 'switch':
      return [node.value, ...node.cases.flatMap((one) => one.labels.flatMap(({ value }) => value ?? []))];
    case 'return':
      return node.value === undefined ? [] : [node.value];
    case 'loop':
    case 'choose':
    case 'region':
    case 'block':
    case 'break':
    case 'continue':
    case 'bad':
      return [];
  }
}

export function visitExpression(node: Expression, visit: (expression: Expression) => void): void {
  visit(node);
  switch (node.kind) {
    case 'member':
      visitExpression(node.object, visit);
      return;
    case 'call':
      visitExpression(node.callee, visit);
      for (const argument of node.arguments) visitExpression(argument, visit);
      return;
    case 'unary':
      visitExpression(node.operand, visit);
      return;
    case 'binary':
      visitExpression(node.left, visit);
      visitExpression(node.right, visit);
      return;
    case 'conditional':
      visitExpression(node.condition, visit);
      visitExpression(node.then, visit);
      visitExpression(node.otherwise, visit);
      return;
    case 'group':
      visitExpression(node.inner, visit);
      return;
    case 'range':
      visitExpression(node.first, visit);
      visitExpression(node.last, visit);
      return;
    case 'number':
    case 'name':
    case 'cpuRegister':
    case 'outcome':
    case 'missing':
  }
}
