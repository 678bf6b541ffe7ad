/** `let` and assignments: locals and registers get their values here. */

import type { AssignStatement, LetStatement } from '../ast';
import { didYouMean, shown } from '../suggest';
import { resolveExpression } from './expressions';
import { declareLocal, wordFor } from './locals';
import type { Place, Resolver } from './resolver';
import { type DeclaredSymbol, registerName } from './symbol';

export function resolveLet(r: Resolver, place: Place, node: LetStatement): void {
  resolveExpression(r, place, node.value);
  if (place.of === 'code' && registerName.test(node.name.name)) {
    const span = { start: node.keyword.start, end: node.name.span.start };
    r.say(
      'HVO042',
      node.name.span,
      `\`${node.name.name}\` is a register of the CPU and needs no \`let\`; a local has another name.`,
      {
        fix: { title: 'Remove `let`', edits: [{ span, text: '' }] },
      },
    );
  }
  if (place.scope !== undefined) declareLocal(r, place.scope, 'local', node.name, node.span);
}

/** `declares`: the head of a `for`, where a new name is a declaration. */
export function resolveAssign(r: Resolver, place: Place, node: AssignStatement, declares: boolean): void {
  const { target } = node;
  resolveExpression(r, place, node.value);
  if (target.kind === 'unary' && target.operator === '*') {
    resolveExpression(r, place, target.operand);
    return;
  }
  if (target.kind !== 'name') {
    resolveExpression(r, place, target);
    sayNoTarget(r, node);
    return;
  }
  const { name, span } = target;
  const local = r.local(place.scope, name);
  if (local !== undefined) {
    if (node.operator !== '=') r.used.add(local);
    r.noteSymbol(span, local, 'write');
    return;
  }
  const item = r.item(name);
  if (item !== undefined && !registerName.test(name)) {
    sayNotAssignable(r, node, item);
    return;
  }
  if (registerName.test(name)) {
    assignRegister(r, place, node, target.name);
    return;
  }
  if (declares && place.scope !== undefined) {
    declareLocal(r, place.scope, 'local', { name, span }, node.span);
    return;
  }
  const suggestion = r.nearest(name, r.visible(place));
  r.say(
    'HVO030',
    span,
    `There is no local ${shown(name)}.${didYouMean(suggestion)} \`let ${name} = value\` declares one.`,
    {
      fix: {
        title: `Declare \`${name}\` with \`let\``,
        edits: [{ span: { start: span.start, end: span.start }, text: 'let ' }],
      },
    },
  );
  // It is known from here on, so that one mistake is said once.
  if (place.scope !== undefined) {
    const known = { start: span.start, end: place.scope.end };
    const symbol: DeclaredSymbol = {
      kind: 'local',
      name,
      uri: r.source.uri,
      span,
      extent: node.span,
      known,
      ofScenario: false,
    };
    place.scope.names.set(name, symbol);
  }
}

function sayNoTarget(r: Resolver, node: AssignStatement): void {
  const { target } = node;
  if (target.kind === 'missing') return;
  const text = r.source.parsed.text.slice(target.span.start, target.span.end);
  const value = r.source.parsed.text.slice(node.value.span.start, node.value.span.end);
  const isPlace = target.kind === 'member' && node.operator === '=';
  r.say(
    'HVO038',
    target.span,
    isPlace
      ? `${shown(text)} is an address: \`store(${text}, ${value})\` or \`WRITE_ONCE(${text}, ${value})\` writes there.`
      : `${shown(text)} cannot be assigned; a local, a register or \`*p\` can.`,
    isPlace ? { fix: { title: 'Use `store`', edits: [{ span: node.span, text: `store(${text}, ${value})` }] } } : {},
  );
}

function sayNotAssignable(r: Resolver, node: AssignStatement, item: DeclaredSymbol): void {
  r.noteSymbol(node.target.span, item, 'write');
  const value = r.source.parsed.text.slice(node.value.span.start, node.value.span.end);
  if (item.kind === 'var' && node.operator === '=') {
    const text = `WRITE_ONCE(${item.name}, ${value})`;
    r.say(
      'HVO038',
      node.target.span,
      `\`${item.name}\` is a shared variable: \`${text}\` or \`store(${item.name}, ${value})\` writes it.`,
      {
        fix: { title: 'Use `WRITE_ONCE`', edits: [{ span: node.span, text }] },
      },
    );
    return;
  }
  r.say(
    'HVO038',
    node.target.span,
    `\`${item.name}\` is a ${wordFor(item.kind)} and cannot be assigned; a local is \`let NAME = value\`.`,
  );
}

function assignRegister(r: Resolver, place: Place, node: AssignStatement, name: string): void {
  const { span } = node.target;
  if (place.of === 'fn') {
    r.say(
      'HVO042',
      span,
      `\`${name}\` is a register: it belongs to a \`cpu\` block. In a function a local is \`let NAME = value\`.`,
      {
        fix: { title: 'Use a local', edits: [{ span: { start: span.start, end: span.start }, text: 'let ' }] },
      },
    );
    return;
  }
  const { cpus } = place;
  const known = r.registers.find((candidate) => candidate.name === name && candidate.cpus?.first === cpus?.first);
  if (known !== undefined) {
    r.noteSymbol(span, known, known.span.start === span.start ? 'declaration' : 'write');
    return;
  }
}
