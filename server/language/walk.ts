/** Ways through a tree. */

import type { Block, Expression, File, FunctionItem, Item, Statement } from './ast';

/** The blocks directly inside a statement. */
export function blocksOf(node: Statement): readonly Block[] {
  switch (node.kind) {
    case 'if':
      return node.otherwise === undefined ? [node.then] : [node.then, node.otherwise];
    case 'while':
    case 'for':
    case 'repeat':
    case 'loop':
    case 'region':
    case 'block':
      return [node.body];
    case 'choose':
      return node.branches;
    case 'switch':
      return node.cases.map((one) => one.body);
    case 'let':
    case 'assign':
    case 'call':
    case 'return':
    case 'break':
    case 'continue':
    case 'bad':
      return [];
  }
}

/** Every expression in a block, outer ones first. */
export function visitBlock(block: Block, visit: (expression: Expression) => void): void {
  for (const statement of block.statements) {
    for (const expression of expressionsOf(statement)) visitExpression(expression, visit);
    for (const inner of blocksOf(statement)) visitBlock(inner, visit);
  }
}

/** The expressions directly in a statement. */
export function expressionsOf(node: Statement): readonly Expression[] {
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

/** A body of code and what holds it. */
export interface Body {
  readonly block: Block;
  readonly fn?: FunctionItem;
}

/** Every function, CPU and handler of a file. */
export function bodiesOf(file: File): readonly Body[] {
  return file.items.flatMap(bodiesOfItem);
}

export function bodiesOfItem(item: Item): readonly Body[] {
  if (item.kind === 'fn') return [{ block: item.body, fn: item }];
  if (item.kind !== 'scenario') return [];
  return item.members.flatMap((member): readonly Body[] => {
    if (member.kind === 'fn') return [{ block: member.body, fn: member }];
    return member.kind === 'cpu' || member.kind === 'interrupt' ? [{ block: member.body }] : [];
  });
}

/** Every statement in a block, outer ones first. */
export function visitStatements(block: Block, visit: (statement: Statement) => void): void {
  for (const statement of block.statements) {
    visit(statement);
    for (const inner of blocksOf(statement)) visitStatements(inner, visit);
  }
}
