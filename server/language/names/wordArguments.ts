/** Arguments that are words of a table: barrier options, TLBI operations, registers, handlers, outcomes. */

import type { Expression } from '../ast';
import { outcomeByWord, outcomes } from '../outcomes';
import { kernelInterrupts } from '../primitives/kernel';
import { otherTlbiOperations, tlbiOperations } from '../primitives/tlb';
import { didYouMean, shown } from '../suggest';
import type { Place, Resolver } from './resolver';
import type { BuiltinTable } from './symbol';

export const tlbiByName = new Map(tlbiOperations.map((row) => [row.name, row]));
const tlbiNames = [...tlbiByName.keys()];
const outcomeWords = outcomes.map((row) => row.word);

export function resolveWord(
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

export function resolveTlbi(r: Resolver, argument: Expression): void {
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

export function resolveInterrupt(r: Resolver, place: Place, argument: Expression): void {
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
  // A file without scenarios is used by others, whose scenarios declare the handlers.
  if (!r.source.parsed.file.items.some(({ kind }) => kind === 'scenario')) return;
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
