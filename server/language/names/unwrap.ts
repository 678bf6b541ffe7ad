/** Expressions without what changes nothing: parentheses, and `&` before the name of something in memory. */

import type { Expression } from '../ast';

export const withoutGroup = (expression: Expression): Expression =>
  expression.kind === 'group' ? withoutGroup(expression.inner) : expression;

export const withoutAddress = (expression: Expression): Expression => {
  const inner = withoutGroup(expression);
  return inner.kind === 'unary' && inner.operator === '&' ? withoutAddress(inner.operand) : inner;
};
