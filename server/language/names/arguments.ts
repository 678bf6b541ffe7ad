/** Arguments of primitives: what each must be follows from the primitive's row. */

import type { CallExpression, Expression } from '../ast';
import type { Fix } from '../diagnostic';
import { lineAt } from '../lines';
import type { Parameter, Primitive } from '../primitive';
import { primitiveForm } from '../primitive';
import { barrierOptions } from '../primitives/barriers';
import { systemRegisters } from '../primitives/kernel';
import { resolveLock, resolveMemory } from './lockArguments';
import { resolvePlace, resolveWait } from './placeArguments';
import type { Place, Resolver } from './resolver';
import { resolveInterrupt, resolveOutcome, resolveTlbi, resolveWord, tlbiByName } from './wordArguments';

const barrierNames = barrierOptions.map((row) => row.name);
const registerNames = systemRegisters.map((row) => row.name);

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
  r.say(
    'HVO035',
    node.span,
    `\`${primitiveForm(row)}\` takes ${need} argument${plural}, not ${given}.${extra}`,
    extra === '' ? {} : assigning(r, node, most),
  );
}

/** `local_irq_save(flags)`: what a macro of C stores into its last argument is the result here. */
function assigning(r: Resolver, { span, arguments: given }: CallExpression, most: number): { readonly fix?: Fix } {
  const last = given.at(-1);
  const { text, lines } = r.source.parsed;
  const isStatement = text.slice(lines[lineAt(lines, span.start)], span.start).trim() === '';
  if (given.length !== most + 1 || last?.kind !== 'name' || !isStatement) return {};
  const before = given.at(-2)?.span.end ?? last.span.start;
  const edits = [
    { span: { start: span.start, end: span.start }, text: `${last.name} = ` },
    { span: { start: before, end: last.span.end }, text: '' },
  ];
  return { fix: { title: `Assign the result to \`${last.name}\``, edits } };
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
