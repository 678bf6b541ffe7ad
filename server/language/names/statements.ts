/** Names in statements: locals and registers are declared and assigned here. */

import type { AssignStatement, Block, Expression, Identifier, LetStatement, Statement } from '../ast';
import { builtinFunctionByName } from '../builtins';
import { primitiveByName } from '../primitives';
import { didYouMean, shown } from '../suggest';
import { unmodelledNames } from '../unmodelled';
import { checkOutcomeWord } from './arguments';
import { resolveExpression } from './expressions';
import type { Place, Resolver, Scope } from './resolver';
import { type DeclaredSymbol, registerName, type SymbolKind } from './symbol';

export function scopeIn(outer: Scope | undefined, end: number): Scope {
  return { names: new Map(), outer, end };
}

/** Declares a parameter or a local; its name is known from its declaration to the end of its block. */
export function declareLocal(
  r: Resolver,
  scope: Scope,
  kind: SymbolKind,
  name: Identifier,
  extent: { start: number; end: number },
): void {
  if (name.name === '') return;
  const known = { start: name.span.start, end: scope.end };
  const symbol: DeclaredSymbol = {
    kind,
    name: name.name,
    uri: r.source.uri,
    span: name.span,
    extent,
    known,
    ofScenario: false,
  };
  const earlier = scope.names.get(name.name);
  if (earlier !== undefined) {
    r.say(
      'HVO037',
      name.span,
      `\`${name.name}\` is declared in this block already; \`${name.name} = value\` assigns it.`,
      {
        related: [{ span: earlier.span, message: 'declared here' }],
      },
    );
  } else {
    warnOfShadow(r, scope, symbol);
  }
  scope.names.set(name.name, symbol);
  r.inner.push(symbol);
  r.noteSymbol(name.span, symbol, 'declaration');
}

/** A local that hides something of the same file is legal and often a mistake. */
function warnOfShadow(r: Resolver, scope: Scope, symbol: DeclaredSymbol): void {
  const hidden = r.local(scope.outer, symbol.name) ?? r.item(symbol.name);
  if (hidden === undefined || hidden.uri !== r.source.uri || hidden.kind === 'fn') return;
  r.say('HVO041', symbol.span, `\`${symbol.name}\` hides the ${wordFor(hidden.kind)} of the same name.`, {
    severity: 'warning',
    related: [{ span: hidden.span, message: 'hidden here' }],
  });
}

export const wordFor = (kind: SymbolKind): string =>
  ({
    hugepage: 'huge page',
    page: 'page',
    lock: 'lock',
    var: 'variable',
    const: 'constant',
    fn: 'function',
    scenario: 'scenario',
    interrupt: 'handler',
    parameter: 'parameter',
    local: 'local',
    register: 'register',
  })[kind];

export function resolveBlock(r: Resolver, place: Place, block: Block): void {
  const inner: Place = { ...place, scope: scopeIn(place.scope, block.span.end) };
  for (const statement of block.statements) resolveStatement(r, inner, statement);
}

function resolveStatement(r: Resolver, place: Place, node: Statement): void {
  resolveParts(r, place, node);
  for (const { outcome } of node.expected?.outcomes ?? []) checkOutcomeWord(r, outcome.word, outcome.span);
}

function resolveParts(r: Resolver, place: Place, node: Statement): void {
  switch (node.kind) {
    case 'let':
      resolveLet(r, place, node);
      return;
    case 'assign':
      resolveAssign(r, place, node, false);
      return;
    case 'call':
      resolveCallStatement(r, place, node.expression);
      return;
    case 'if':
      resolveExpression(r, place, node.condition);
      resolveBlock(r, place, node.then);
      if (node.otherwise !== undefined) resolveBlock(r, place, node.otherwise);
      return;
    case 'while':
      resolveExpression(r, place, node.condition);
      resolveBlock(r, inLoop(place), node.body);
      return;
    case 'for': {
      const head: Place = { ...place, scope: scopeIn(place.scope, node.span.end) };
      if (node.initial?.kind === 'let') resolveLet(r, head, node.initial);
      else if (node.initial !== undefined) resolveAssign(r, head, node.initial, true);
      if (node.condition !== undefined) resolveExpression(r, head, node.condition);
      if (node.step !== undefined) resolveAssign(r, head, node.step, false);
      resolveBlock(r, inLoop(head), node.body);
      return;
    }
    case 'repeat':
      resolveExpression(r, place, node.count);
      resolveBlock(r, inLoop(place), node.body);
      return;
    case 'loop':
      resolveBlock(r, inLoop(place), node.body);
      return;
    case 'choose':
      for (const branch of node.branches) resolveBlock(r, place, branch);
      return;
    case 'switch':
      resolveExpression(r, place, node.value);
      for (const { labels, body } of node.cases) {
        for (const label of labels) if (label.value !== undefined) resolveExpression(r, place, label.value);
        resolveBlock(r, { ...place, switches: place.switches + 1 }, body);
      }
      return;
    case 'region':
    case 'block':
      resolveBlock(r, place, node.body);
      return;
    case 'return':
      if (node.value !== undefined) resolveExpression(r, place, node.value);
      return;
    case 'break':
      if (place.loops + place.switches === 0)
        r.say('HVO042', node.span, '`break` leaves a loop or a `switch`; there is none around it.');
      return;
    case 'continue':
      if (place.loops === 0) r.say('HVO042', node.span, '`continue` goes on with a loop; there is none around it.');
      return;
    case 'bad':
  }
}

const inLoop = (place: Place): Place => ({ ...place, loops: place.loops + 1 });

function resolveLet(r: Resolver, place: Place, node: LetStatement): void {
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
function resolveAssign(r: Resolver, place: Place, node: AssignStatement, declares: boolean): void {
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

/** A value by itself does nothing: most often the beginning of something that is still being typed. */
function resolveCallStatement(r: Resolver, place: Place, expression: Expression): void {
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
