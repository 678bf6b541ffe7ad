/** Arguments of primitives: what each must be follows from the primitive's row. */

import type { CallExpression, Expression, LockKindWord } from '../ast';
import { outcomeByWord, outcomes } from '../outcomes';
import type { Parameter, Primitive } from '../primitive';
import { barrierOptions } from '../primitives/barriers';
import { kernelInterrupts, systemRegisters } from '../primitives/kernel';
import { kernelLocks } from '../primitives/locks';
import { otherTlbiOperations, tlbiOperations } from '../primitives/tlb';
import { didYouMean, shown } from '../suggest';
import type { Place, Resolver } from './resolver';
import type { BuiltinTable } from './symbol';

const barrierNames = barrierOptions.map((row) => row.name);
const tlbiByName = new Map(tlbiOperations.map((row) => [row.name, row]));
const tlbiNames = [...tlbiByName.keys()];
const registerNames = systemRegisters.map((row) => row.name);
const outcomeWords = outcomes.map((row) => row.word);

/** How a primitive is written, for messages. */
export function primitiveForm({ name, parameters }: Primitive): string {
  const list = parameters.map((parameter) => (parameter.optional ? `[${parameter.name}]` : parameter.name));
  return `${name}(${list.join(', ')})`;
}

export function resolvePrimitiveCall(r: Resolver, place: Place, node: CallExpression, row: Primitive): void {
  const { parameters } = row;
  const last = parameters.at(-1);
  node.arguments.forEach((argument, index) => {
    const parameter = parameters[index] ?? (last?.repeated ? last : undefined);
    if (parameter === undefined) r.expression(place, argument);
    else resolveArgument(r, place, argument, parameter, row);
  });
  checkCount(r, node, row);
}

function checkCount(r: Resolver, node: CallExpression, row: Primitive): void {
  const given = node.arguments.filter((argument) => argument.kind !== 'missing').length;
  const incomplete = node.arguments.some((argument) => argument.kind === 'missing');
  const { least, most } = row.name === 'tlbi' ? tlbiCounts(node) : countsOf(row);
  if (incomplete || (given >= least && given <= most)) return;
  const extra = row.result !== undefined && given > most ? ` It returns ${row.result}.` : '';
  const need =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  const plural = least === most && least === 1 ? '' : 's';
  r.say('HVO035', node.span, `\`${primitiveForm(row)}\` takes ${need} argument${plural}, not ${given}.${extra}`);
}

function countsOf(row: Primitive): { readonly least: number; readonly most: number } {
  const least = row.parameters.filter((parameter) => !parameter.optional).length;
  return { least, most: row.parameters.at(-1)?.repeated ? Number.POSITIVE_INFINITY : row.parameters.length };
}

/** What a TLBI operation takes, its level hint included. */
function tlbiCounts(node: CallExpression): { readonly least: number; readonly most: number } {
  const [first] = node.arguments;
  const operation = first?.kind === 'name' ? tlbiByName.get(first.name) : undefined;
  switch (operation?.scope) {
    case undefined:
      return { least: 0, most: 4 };
    case 'all':
      return { least: 1, most: 1 };
    case 'asid':
      return { least: 2, most: 2 };
    case 'address':
      return { least: 2, most: 3 };
    case 'range':
      return { least: 3, most: 4 };
  }
}

function resolveArgument(r: Resolver, place: Place, argument: Expression, parameter: Parameter, row: Primitive): void {
  switch (parameter.kind) {
    case 'value':
    case 'address':
    case 'condition':
      r.expression(place, argument);
      return;
    case 'place':
      resolvePlace(r, place, argument, row);
      return;
    case 'waitCondition':
      resolveWait(r, place, argument, row);
      return;
    case 'lock':
      resolveLock(r, place, argument, parameter.locks ?? [], row);
      return;
    case 'memory':
      resolveMemory(r, place, argument, row);
      return;
    case 'barrier':
      resolveWord(r, argument, 'barrier', barrierNames, `an option of \`${row.name}\``);
      return;
    case 'tlbi':
      resolveTlbi(r, argument);
      return;
    case 'systemRegister':
      resolveWord(r, argument, 'systemRegister', registerNames, 'a register that can be read here');
      return;
    case 'interrupt':
      resolveInterrupt(r, place, argument);
      return;
    case 'outcome':
      resolveOutcome(r, argument);
      return;
    case 'choice':
      if (argument.kind !== 'range') {
        r.expression(place, argument);
        return;
      }
      r.expression(place, argument.first);
      r.expression(place, argument.last);
      return;
  }
}

const withoutGroup = (expression: Expression): Expression =>
  expression.kind === 'group' ? withoutGroup(expression.inner) : expression;

const withoutAddress = (expression: Expression): Expression => {
  const inner = withoutGroup(expression);
  return inner.kind === 'unary' && inner.operator === '&' ? withoutAddress(inner.operand) : inner;
};

/** `*p`, a variable, or a field. */
function resolvePlace(r: Resolver, place: Place, argument: Expression, row: Primitive): void {
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

function resolveWait(r: Resolver, place: Place, argument: Expression, row: Primitive): void {
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

const lockWords: Readonly<Record<LockKindWord, string>> = {
  spin: 'a spin lock',
  raw: 'a raw spin lock',
  mutex: 'a mutex',
  rwsem: 'a reader/writer semaphore',
};

function resolveLock(
  r: Resolver,
  place: Place,
  argument: Expression,
  wanted: readonly LockKindWord[],
  row: Primitive,
): void {
  const inner = withoutAddress(argument);
  if (inner.kind === 'missing') return;
  const kind = lockKindOf(r, place, inner);
  if (kind === 'unresolved') {
    r.expression(place, inner);
    return;
  }
  resolveLockName(r, place, inner);
  if (kind === 'unknown') return;
  if (kind === 'none') {
    r.say(
      'HVO036',
      argument.span,
      `\`${row.name}\` takes a lock: init_mm.page_table_lock, init_mm.mmap_lock, or one of \`lock NAME : kind\`.`,
    );
  } else if (!wanted.includes(kind)) {
    const text = r.source.parsed.text.slice(argument.span.start, argument.span.end);
    r.say(
      'HVO036',
      argument.span,
      `\`${row.name}\` takes ${wanted.map((word) => lockWords[word]).join(' or ')}; ${shown(text)} is ${lockWords[kind]}.`,
    );
  }
}

/** `none`: it is something else. `unknown`: a parameter, or misspelt. `unresolved`: no lock by name at all. */
function lockKindOf(r: Resolver, place: Place, node: Expression): LockKindWord | 'none' | 'unknown' | 'unresolved' {
  if (node.kind === 'name') {
    if (r.local(place.scope, node.name) !== undefined) return 'unknown';
    const item = r.item(node.name);
    if (item === undefined) return 'unresolved';
    if (item.kind === 'const') return 'unknown';
    return item.kind === 'lock' ? (item.lockKind ?? 'unknown') : 'none';
  }
  if (node.kind === 'member' && node.object.kind === 'name' && node.object.name === 'init_mm') {
    return kernelLocks.find((row) => row.member === node.member.name)?.kind ?? 'unknown';
  }
  return 'none';
}

function resolveLockName(r: Resolver, place: Place, node: Expression): void {
  const item = node.kind === 'name' ? r.item(node.name) : undefined;
  if (node.kind === 'name' && item !== undefined && r.local(place.scope, node.name) === undefined) {
    r.noteSymbol(node.span, item, 'read');
  } else {
    r.expression(place, node);
  }
}

function resolveMemory(r: Resolver, place: Place, argument: Expression, row: Primitive): void {
  const inner = withoutAddress(argument);
  if (inner.kind === 'missing') return;
  if (inner.kind === 'name' && inner.name === 'init_mm') {
    r.noteBuiltin(inner.span, 'memory', 'init_mm');
    return;
  }
  if (inner.kind === 'name' && r.local(place.scope, inner.name) !== undefined) {
    r.expression(place, inner);
    return;
  }
  r.sayReplace(
    'HVO036',
    argument.span,
    `\`${row.name}\` takes \`init_mm\`; user address spaces are not modelled.`,
    'init_mm',
  );
}

function resolveWord(
  r: Resolver,
  argument: Expression,
  table: BuiltinTable,
  known: readonly string[],
  what: string,
): void {
  if (argument.kind === 'missing') return;
  const word = argument.kind === 'name' ? argument.name : '';
  if (known.includes(word)) {
    r.noteBuiltin(argument.span, table, word);
    return;
  }
  const text = r.source.parsed.text.slice(argument.span.start, argument.span.end);
  const suggestion = r.nearest(text, known);
  const list = suggestion === undefined ? ` It is one of ${known.join(', ')}.` : didYouMean(suggestion);
  r.sayReplace('HVO032', argument.span, `${shown(text)} is not ${what}.${list}`, suggestion, known);
}

function resolveTlbi(r: Resolver, argument: Expression): void {
  const word = argument.kind === 'name' ? argument.name : '';
  const instead = otherTlbiOperations.get(word);
  if (instead !== undefined) {
    r.say('HVO032', argument.span, `\`tlbi(${word})\` is not modelled: ${instead}.`);
    return;
  }
  if (tlbiByName.has(word) || argument.kind === 'missing') {
    resolveWord(r, argument, 'tlbi', tlbiNames, '');
    return;
  }
  const text = r.source.parsed.text.slice(argument.span.start, argument.span.end);
  const suggestion = r.nearestOrLonger(text, tlbiNames);
  const list =
    suggestion === undefined
      ? ' For one page of the kernel it is `vaale1is`, for everything `vmalle1is`.'
      : didYouMean(suggestion);
  r.sayReplace(
    'HVO032',
    argument.span,
    `${shown(text)} is no TLBI operation of the EL1 regime.${list}`,
    suggestion,
    tlbiNames,
  );
}

function resolveInterrupt(r: Resolver, place: Place, argument: Expression): void {
  if (argument.kind === 'missing') return;
  const item = argument.kind === 'name' ? r.item(argument.name) : undefined;
  const kernel = kernelInterrupts.find((row) => argument.kind === 'name' && row.name === argument.name);
  if (item === undefined && kernel !== undefined) {
    r.noteBuiltin(argument.span, 'kernelInterrupt', kernel.name);
    return;
  }
  if (item?.kind === 'interrupt') {
    r.noteSymbol(argument.span, item, 'read');
    return;
  }
  if (argument.kind === 'name' && r.local(place.scope, argument.name) !== undefined) {
    r.expression(place, argument);
    return;
  }
  const text = r.source.parsed.text.slice(argument.span.start, argument.span.end);
  r.say(
    'HVO032',
    argument.span,
    `${shown(text)} is no handler: \`irq NAME on cpu N { … }\` or \`nmi NAME on cpu N { … }\` in the scenario declares one.`,
  );
}

export function resolveOutcome(r: Resolver, argument: Expression): void {
  if (argument.kind !== 'outcome') return;
  checkOutcomeWord(r, argument.outcome.word, argument.outcome.span);
}

/** Notes an outcome, or says that there is none of the name. */
export function checkOutcomeWord(r: Resolver, word: string, span: { start: number; end: number }): void {
  if (word === '') return;
  if (outcomeByWord.has(word)) {
    r.noteBuiltin(span, 'outcome', word);
    return;
  }
  const suggestion = r.nearestOrLonger(word, outcomeWords);
  const list =
    suggestion === undefined ? ` It is one of ${outcomeWords.join(', ')}, or a rule's code.` : didYouMean(suggestion);
  r.sayReplace('HVO034', span, `There is no outcome ${shown(word)}.${list}`, suggestion, outcomeWords);
}
