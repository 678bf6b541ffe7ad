/** Statements that are calls, or only values: most often the beginning of something that is still being typed. */

import type { Expression } from '../ast';
import { builtinFunctionByName } from '../builtins';
import { primitiveByName } from '../primitives';
import { shown } from '../suggest';
import { unmodelledNames } from '../unmodelled';
import { resolveExpression } from './expressions';
import type { Place, Resolver } from './resolver';

/** A call is resolved; a value by itself does nothing, and that is said. */
export function resolveBareValue(r: Resolver, place: Place, expression: Expression): void {
  if (expression.kind === 'call') {
    resolveExpression(r, place, expression);
    return;
  }
  if (expression.kind !== 'name') {
    resolveExpression(r, place, expression);
    if (hasMissing(expression)) return;
    r.say('HVO045', expression.span, 'A value by itself does nothing: call a function, or assign it.');
    return;
  }
  const { name, span } = expression;
  const instead = unmodelledNames.get(name);
  if (instead !== undefined) {
    r.say('HVO031', span, `\`${name}\` is not modelled; ${instead}.`);
    return;
  }
  const fn = r.fn(name);
  const parameters =
    fn?.fn?.parameters.map((p) => p.name) ??
    primitiveByName.get(name)?.parameters.map((p) => p.name) ??
    builtinFunctionByName.get(name)?.parameters;
  if (parameters !== undefined) {
    if (fn !== undefined) r.noteSymbol(span, fn, 'call');
    const text = parameters.length === 0 ? `${name}()` : `${name}(`;
    r.sayReplace(
      'HVO045',
      span,
      `\`${name}\` alone is no statement; a call is \`${name}(${parameters.join(', ')})\`.`,
      text,
    );
    return;
  }
  const known = r.local(place.scope, name) ?? r.item(name);
  if (known !== undefined) {
    r.noteSymbol(span, known, 'read');
    r.say('HVO045', span, `\`${name}\` alone is no statement; \`${name} = value\` assigns, \`f(${name})\` calls.`);
    return;
  }
  const suggestion = r.nearestOrLonger(name, [...r.callable(place)]);
  const call = suggestion === undefined ? '' : ` Did you mean \`${suggestion}(…)\`?`;
  r.sayReplace('HVO045', span, `${shown(name)} is no complete statement.${call}`, suggestion);
}

/** Something in it is missing, and that was said. */
function hasMissing(node: Expression): boolean {
  switch (node.kind) {
    case 'missing':
      return true;
    case 'member':
      return node.member.name === '' || hasMissing(node.object);
    case 'unary':
      return hasMissing(node.operand);
    case 'binary':
      return hasMissing(node.left) || hasMissing(node.right);
    case 'group':
      return hasMissing(node.inner);
    default:
      return false;
  }
}
