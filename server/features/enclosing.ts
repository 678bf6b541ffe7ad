/** What a position of a file is in: the scenario, the body of code, the statement, the expressions. */

import type { Block, Expression, File, FunctionItem, ScenarioItem, Span, Statement } from '../language/ast';
import { blocksOf, bodiesOf, expressionsOf, visitExpression } from '../language/walk';

export interface Enclosing {
  readonly scenario?: ScenarioItem;
  readonly fn?: FunctionItem;
  /** Innermost. */
  readonly statement?: Statement;
  /** Statements before the innermost one that it can see the locals of, in order. */
  readonly before: readonly Statement[];
  /** Outermost first. Empty outside of statements and expectations. */
  readonly expressions: readonly Expression[];
}

const holds = (span: Span, offset: number): boolean => span.start <= offset && offset <= span.end;

export function enclosing(file: File, offset: number): Enclosing {
  const item = file.items.find(({ span }) => holds(span, offset));
  const scenario = item?.kind === 'scenario' ? item : undefined;
  const body = bodiesOf(file).find(({ block }) => holds(block.span, offset));
  const before: Statement[] = [];
  const statement = body === undefined ? undefined : innermost(body.block, offset, before);
  const roots = statement === undefined ? declared(file, offset) : expressionsOf(statement);
  return {
    ...(scenario === undefined ? {} : { scenario }),
    ...(body?.fn === undefined ? {} : { fn: body.fn }),
    ...(statement === undefined ? {} : { statement }),
    before,
    expressions: roots.flatMap((root) => enclosingExpressions(root, offset)),
  };
}

function innermost(block: Block, offset: number, before: Statement[]): Statement | undefined {
  for (const statement of block.statements) {
    if (holds(statement.span, offset)) {
      const inner = blocksOf(statement).find(({ span }) => holds(span, offset));
      return (inner && innermost(inner, offset, before)) ?? statement;
    }
    if (statement.span.end < offset) before.push(statement);
  }
  return undefined;
}

/** Expressions of constants, variables and expectations. */
function declared(file: File, offset: number): readonly Expression[] {
  const item = file.items.find(({ span }) => holds(span, offset));
  const node = item?.kind === 'scenario' ? (item.members.find(({ span }) => holds(span, offset)) ?? item) : item;
  if (node?.kind === 'const' || node?.kind === 'var') return [node.value];
  if (node?.kind !== 'expectation') return [];
  const found: Expression[] = [];
  const visit = (condition: typeof node.condition): void => {
    switch (condition.kind) {
      case 'or':
      case 'and':
        visit(condition.left);
        visit(condition.right);
        return;
      case 'not':
        visit(condition.operand);
        return;
      case 'group':
        visit(condition.inner);
        return;
      case 'comparison':
        found.push(condition.expression);
        return;
      case 'outcome':
      case 'faults':
    }
  };
  visit(node.condition);
  return found;
}

function enclosingExpressions(root: Expression, offset: number): readonly Expression[] {
  const found: Expression[] = [];
  visitExpression(root, (expression) => {
    if (holds(expression.span, offset)) found.push(expression);
  });
  return found;
}
