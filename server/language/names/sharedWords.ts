/** A `var` is an address, and so is a field; where its value must be meant, the text has to read it. */

import type { Expression } from '../ast';
import { pageFieldByName } from '../builtins';
import { shown } from '../suggest';
import type { Place, Resolver } from './resolver';
import { registerName } from './symbol';
import { withoutGroup } from './unwrap';

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** An expression of which only zero or not zero counts: an address is never 0. */
export function checkTruth(r: Resolver, place: Place, expression: Expression): void {
  const inner = withoutGroup(expression);
  if (isWord(r, place, inner)) sayRead(r, place, inner, 'never 0');
}

/** `x == 1`, `x && y`, `!x` of a shared word x. */
export function checkSharedWords(r: Resolver, place: Place, node: Expression): void {
  if (node.kind === 'unary' && node.operator === '!') checkTruth(r, place, node.operand);
  if (node.kind !== 'binary') return;
  if (node.operator === '&&' || node.operator === '||') {
    checkTruth(r, place, node.left);
    checkTruth(r, place, node.right);
  }
  if (!comparisons.has(node.operator)) return;
  const sides = [withoutGroup(node.left), withoutGroup(node.right)] as const;
  for (const [one, other] of [sides, [sides[1], sides[0]]] as const) {
    const isValue = other.kind === 'number' || (place.of === 'expectation' && isRegister(other));
    if (isValue && isWord(r, place, one)) sayRead(r, place, one, 'no such number');
  }
}

function isRegister(expression: Expression): boolean {
  return expression.kind === 'cpuRegister' || (expression.kind === 'name' && registerName.test(expression.name));
}

/** A `var`, or a field of a struct page: an address in memory, whose value is another thing. */
function isWord(r: Resolver, place: Place, expression: Expression): boolean {
  if (expression.kind === 'member') return pageFieldByName.has(expression.member.name);
  if (expression.kind !== 'name' || r.local(place.scope, expression.name) !== undefined) return false;
  return r.item(expression.name)?.kind === 'var';
}

function sayRead(r: Resolver, place: Place, { span }: Expression, why: string): void {
  const word = r.source.parsed.text.slice(span.start, span.end);
  const read = place.of === 'expectation' ? `load(${word})` : `READ_ONCE(${word})`;
  r.sayReplace('HVO038', span, `${shown(word)} is the address of a word, and ${why}; \`${read}\` is its value.`, read);
}
