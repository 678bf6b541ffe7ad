/** Arguments that mean a word in memory: `*p`, a variable, a field. */

import type { Expression } from '../ast';
import type { Primitive } from '../primitive';
import { shown } from '../suggest';
import type { Place, Resolver } from './resolver';
import { withoutGroup } from './unwrap';

/** `*p`, a variable, or a field. */
export function resolvePlace(r: Resolver, place: Place, argument: Expression, row: Primitive): void {
  const inner = withoutGroup(argument);
  if (inner.kind === 'missing') return;
  r.expression(place, argument);
  if (inner.kind === 'unary' && inner.operator === '*') return;
  if (inner.kind === 'member') return;
  if (inner.kind === 'name' && r.local(place.scope, inner.name) === undefined) {
    const item = r.item(inner.name);
    if (item === undefined || item.kind === 'var' || item.kind === 'const') return;
  }
  const text = r.source.parsed.text.slice(argument.span.start, argument.span.end);
  const fixed = inner.kind === 'name' || inner.kind === 'call' ? `*${text}` : `*(${text})`;
  r.sayReplace(
    'HVO036',
    argument.span,
    `\`${row.name}\` takes a place: \`*p\`, the name of a \`var\`, or a field. ${shown(text)} is the value of an address; \`${fixed}\` is the place there.`,
    fixed,
  );
}

export function resolveWait(r: Resolver, place: Place, argument: Expression, row: Primitive): void {
  const inner = withoutGroup(argument);
  if (inner.kind === 'binary' && (inner.operator === '==' || inner.operator === '!=')) {
    resolvePlace(r, place, inner.left, row);
    r.expression(place, inner.right);
    return;
  }
  r.expression(place, argument);
  if (inner.kind === 'missing') return;
  r.say(
    'HVO036',
    argument.span,
    `\`${row.name}\` waits for one place: \`${row.name}(*p == value)\` or \`${row.name}(*p != value)\`.`,
  );
}
