/** Names in expressions. */

import type { CallExpression, Expression, NameExpression, Span } from '../ast';
import { builtinFunctionByName, constantByName, finalFunctionByName } from '../builtins';
import type { Fix } from '../diagnostic';
import { primitiveByName } from '../primitives';
import { releasesWith } from '../stdlib/library';
import { didYouMean, shown } from '../suggest';
import { otherNames, plainValues, unmodelledNames } from '../unmodelled';
import { resolvePrimitiveCall } from './arguments';
import { resolveMember } from './members';
import { resolveCpuRegister, resolveRegister } from './registers';
import type { Place, Resolver } from './resolver';
import { checkSharedWords, checkTruth } from './sharedWords';
import { type DeclaredSymbol, registerName } from './symbol';
import { withoutAddress } from './unwrap';

export function resolveExpression(r: Resolver, place: Place, node: Expression): void {
  switch (node.kind) {
    case 'name':
      resolveName(r, place, node);
      return;
    case 'member':
      resolveObject(r, place, node.object);
      resolveMember(r, place, node, undefined);
      return;
    case 'call':
      resolveCall(r, place, node);
      return;
    case 'unary':
      resolveExpression(r, place, node.operand);
      checkSharedWords(r, place, node);
      return;
    case 'binary':
      resolveExpression(r, place, node.left);
      resolveExpression(r, place, node.right);
      checkSharedWords(r, place, node);
      return;
    case 'conditional':
      resolveExpression(r, place, node.condition);
      checkTruth(r, place, node.condition);
      resolveExpression(r, place, node.then);
      resolveExpression(r, place, node.otherwise);
      return;
    case 'group':
      resolveExpression(r, place, node.inner);
      return;
    case 'range':
      r.say('HVO042', node.span, 'A range `a .. b` stands in `any(…)` only.');
      resolveExpression(r, place, node.first);
      resolveExpression(r, place, node.last);
      return;
    case 'cpuRegister':
      resolveCpuRegister(r, place, node.cpus.first, node.cpus.last, node.register, node.span);
      return;
    case 'number':
    case 'outcome':
    case 'missing':
  }
}

/** A name before `.`: a huge page and the like, or any value. */
function resolveObject(r: Resolver, place: Place, object: Expression): void {
  if (object.kind === 'name' && r.local(place.scope, object.name) === undefined) {
    const item = r.item(object.name);
    if (item !== undefined && (item.kind === 'hugepage' || item.kind === 'page')) {
      r.noteSymbol(object.span, item, 'read');
      return;
    }
    if (item === undefined && (object.name === 'init_mm' || object.name === 'machine')) {
      r.noteBuiltin(object.span, 'memory', object.name);
      return;
    }
  }
  resolveExpression(r, place, object);
}

function resolveName(r: Resolver, place: Place, { name, span }: NameExpression): void {
  const local = r.local(place.scope, name);
  if (local !== undefined) {
    r.noteSymbol(span, local, 'read');
    return;
  }
  const item = r.item(name);
  if (item !== undefined) {
    r.noteSymbol(span, item, 'read');
    checkIsValue(r, item, span);
    return;
  }
  if (registerName.test(name)) {
    resolveRegister(r, place, name, span);
    return;
  }
  if (constantByName.has(name)) {
    r.noteBuiltin(span, 'constant', name);
    return;
  }
  if (name === 'init_mm') {
    r.noteBuiltin(span, 'memory', name);
    return;
  }
  sayUnknownName(r, place, name, span);
}

/** Functions and handlers are no values; huge pages, pages and locks are handed to functions by name. */
function checkIsValue(r: Resolver, item: DeclaredSymbol, span: Span): void {
  const { name } = item;
  if (item.kind === 'fn')
    r.say('HVO038', span, `\`${name}\` is a function: a call is \`${name}(${parametersOf(item).join(', ')})\`.`);
  else if (item.kind === 'interrupt')
    r.say('HVO038', span, `\`${name}\` is a handler: \`send_ipi(cpu, ${name})\` sends it.`);
}

export const parametersOf = (symbol: DeclaredSymbol): readonly string[] =>
  symbol.fn?.parameters.map((parameter) => parameter.name) ?? [];

function resolveCall(r: Resolver, place: Place, node: CallExpression): void {
  const { callee } = node;
  if (callee.kind === 'member') {
    resolveObject(r, place, callee.object);
    resolveMember(r, place, callee, node.arguments.length);
    resolveArguments(r, place, node);
    return;
  }
  if (callee.kind !== 'name') {
    resolveExpression(r, place, callee);
    r.say('HVO038', callee.span, 'Only names can be called: `f(a)`, `H.tail(1)`.');
    resolveArguments(r, place, node);
    return;
  }
  const final = place.of === 'expectation' ? finalFunctionByName.get(callee.name) : undefined;
  if (final !== undefined) {
    r.noteBuiltin(callee.span, 'final', callee.name, 'call');
    checkArguments(r, node, callee.name, final.parameters);
    resolveArguments(r, place, node);
    return;
  }
  const fn = r.fn(callee.name);
  if (fn !== undefined) {
    resolveFunctionCall(r, place, node, fn, callee.span);
    return;
  }
  const builtin = builtinFunctionByName.get(callee.name);
  if (builtin !== undefined) {
    r.noteBuiltin(callee.span, 'function', callee.name, 'call');
    checkArguments(r, node, callee.name, builtin.parameters);
    resolveArguments(r, place, node);
    return;
  }
  const primitive = primitiveByName.get(callee.name);
  if (primitive !== undefined) {
    r.noteBuiltin(callee.span, 'primitive', callee.name, 'call');
    resolvePrimitiveCall(r, place, node, primitive);
    checkMayAct(r, place, callee.name, callee.span);
    return;
  }
  resolveArguments(r, place, node);
  sayUnknownCall(r, place, node, callee);
}

function resolveFunctionCall(r: Resolver, place: Place, node: CallExpression, fn: DeclaredSymbol, span: Span): void {
  r.noteSymbol(span, fn, 'call');
  checkArguments(r, node, fn.name, parametersOf(fn), fn);
  resolveArguments(r, place, node);
}

/** Declarations have values that are known before anything runs, expectations those of the end. */
function checkMayAct(r: Resolver, place: Place, name: string, span: Span): void {
  if (place.of === 'value')
    r.say('HVO038', span, `\`${name}\` acts when the scenario runs; a declaration is known before.`);
  if (place.of === 'expectation') {
    const known = [...finalFunctionByName.keys()].map((word) => `\`${word}\``).join(', ');
    r.say('HVO038', span, `\`${name}\` acts when the scenario runs; an expectation reads the end with ${known}.`);
  }
}

function resolveArguments(r: Resolver, place: Place, node: CallExpression): void {
  for (const argument of node.arguments) resolveExpression(r, place, argument);
}

function checkArguments(
  r: Resolver,
  node: CallExpression,
  name: string,
  parameters: readonly string[],
  fn?: DeclaredSymbol,
): void {
  const given = node.arguments.length;
  if (given === parameters.length + 1 && sayNoMm(r, node, name, parameters)) return;
  if (given === parameters.length || node.arguments.some((argument) => argument.kind === 'missing')) return;
  const count = parameters.length === 1 ? '1 argument' : `${parameters.length} arguments`;
  const sameFile = fn !== undefined && fn.uri === r.source.uri;
  r.say('HVO035', node.span, `\`${name}(${parameters.join(', ')})\` takes ${count}, not ${given}.`, {
    ...(sameFile ? { related: [{ span: fn.span, message: 'declared here' }] } : {}),
  });
}

/** The fix where another name, or none, is all that it takes. */
function mending({ callee, span, arguments: given }: CallExpression): { readonly fix?: Fix } {
  const name = callee.kind === 'name' ? callee.name : '';
  const [only] = given;
  if (plainValues.has(name) && only !== undefined && given.length === 1) {
    const edits = [
      { span: { start: span.start, end: only.span.start }, text: '' },
      { span: { start: only.span.end, end: span.end }, text: '' },
    ];
    return { fix: { title: `Leave out \`${name}\``, edits } };
  }
  const other = otherNames.get(name);
  return other === undefined
    ? {}
    : { fix: { title: `Change to \`${other}\``, edits: [{ span: callee.span, text: other }] } };
}

/** `set_pte_at(&init_mm, addr, ptep, pte)`: the kernel's tables are the only ones, and no function takes them. */
function sayNoMm(r: Resolver, node: CallExpression, name: string, parameters: readonly string[]): boolean {
  const [first, second] = node.arguments;
  const mm = first === undefined ? undefined : withoutAddress(first);
  if (first === undefined || mm?.kind !== 'name' || !memoryNames.has(mm.name)) return false;
  const text = r.source.parsed.text.slice(first.span.start, first.span.end);
  const edits = [{ span: { start: first.span.start, end: second?.span.start ?? first.span.end }, text: '' }];
  r.say(
    'HVO035',
    first.span,
    `\`${name}(${parameters.join(', ')})\` takes no ${shown(text)}: the tables are always the kernel's own.`,
    { fix: { title: `Remove \`${text}\``, edits } },
  );
  return true;
}

const memoryNames: ReadonlySet<string> = new Set(['init_mm', 'mm', 'vma']);

function sayUnknownName(r: Resolver, place: Place, name: string, span: Span): void {
  const instead = unmodelledNames.get(name);
  if (instead !== undefined) {
    r.say('HVO031', span, `\`${name}\` is not modelled; ${instead}.`);
    return;
  }
  if (primitiveByName.has(name) || builtinFunctionByName.has(name)) {
    const row =
      primitiveByName.get(name)?.parameters.map((parameter) => parameter.name) ??
      builtinFunctionByName.get(name)?.parameters ??
      [];
    r.say('HVO038', span, `\`${name}\` is a function: a call is \`${name}(${row.join(', ')})\`.`);
    return;
  }
  const suggestion = r.nearest(name, r.visible(place));
  r.sayReplace(
    'HVO030',
    span,
    `There is nothing of the name ${shown(name)} here.${didYouMean(suggestion)}`,
    suggestion,
  );
}

function sayUnknownCall(r: Resolver, place: Place, node: CallExpression, callee: NameExpression): void {
  const { name, span } = callee;
  const instead = unmodelledNames.get(name);
  if (instead !== undefined) {
    r.say('HVO031', span, `\`${name}\` is not modelled; ${instead}.`, mending(node));
    return;
  }
  const known = r.local(place.scope, name) ?? r.item(name);
  if (known !== undefined) {
    r.noteSymbol(span, known, 'read');
    r.say('HVO038', span, `\`${name}\` is no function.`);
    return;
  }
  const kernels = releasesWith(name);
  if (kernels.length > 0) {
    r.say('HVO030', span, `The library of this kernel has no function \`${name}\`; that of ${kernels.join(', ')} has.`);
    return;
  }
  const suggestion = r.nearestOrLonger(name, [...r.callable(place)]);
  const what =
    suggestion === undefined
      ? ' Write a `fn` of that name, or leave the call out where it touches no memory, table or lock.'
      : didYouMean(suggestion);
  r.sayReplace('HVO030', span, `There is no function ${shown(name)}.${what}`, suggestion);
}
