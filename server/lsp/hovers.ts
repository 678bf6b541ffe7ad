/** A hover: what the language says about the word, and what page tables and TLBs hold at the place. */

import type { CancellationToken } from 'vscode-languageserver';
import { enclosing } from '../features/enclosing';
import { type Hover, hoverAt } from '../features/hover';
import { occurrenceAt } from '../features/occurrences';
import { tlbiOperationMarkdown } from '../features/tlbiView';
import type { Analysis } from './analysis';
import { Refused } from './explorerHost';
import type { Inquiries } from './inquiries';

/** The machine's half comes from the worker; a hover does not wait longer for it. */
const HOVER_MILLISECONDS = 800;

export async function hoverOf(
  analysis: Analysis,
  offset: number,
  inquiries: Inquiries,
  token: CancellationToken,
): Promise<Hover | undefined> {
  const word = wordAt(analysis, offset);
  const place = enclosing(analysis.source.parsed.file, offset);
  if (place.statement === undefined && place.expressions.length === 0) return word;
  const machine = await machineAt(analysis, offset, inquiries, token);
  if (machine === undefined) return word;
  if (word === undefined) return { span: machine.span, markdown: machine.markdown };
  // What stands in memory is what one hovers a value for; a step is explained before it is taken apart.
  const parts = machine.isValue ? [machine.markdown, word.markdown] : [word.markdown, machine.markdown];
  return { span: word.span, markdown: parts.join('\n\n---\n\n') };
}

/** What the language says, with the reach of a TLB invalidation. */
function wordAt({ names }: Analysis, offset: number): Hover | undefined {
  const word = hoverAt(names, offset);
  const target = occurrenceAt(names, offset)?.target;
  if (word === undefined || target?.kind !== 'builtin' || target.table !== 'tlbi') return word;
  const reach = tlbiOperationMarkdown(target.name);
  return reach === undefined ? word : { ...word, markdown: `${word.markdown}\n\n${reach}` };
}

async function machineAt(
  analysis: Analysis,
  offset: number,
  inquiries: Inquiries,
  token: CancellationToken,
): Promise<(Hover & { readonly isValue: boolean }) | undefined> {
  try {
    const question = { kind: 'pageTables', offset, form: 'hover' } as const;
    const { report, span, isValue } = await inquiries.ask(analysis, question, token, HOVER_MILLISECONDS);
    if (report.text === '' || span === undefined) return undefined;
    return { span, markdown: report.text, isValue: isValue === true };
  } catch (error) {
    // No answer in time, or none at all: the word's half stands alone.
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
