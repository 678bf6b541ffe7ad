/** The statements of a flush, as a fix writes them. */

import { decodeDescriptor } from '../../simulator/machine/descriptor';
import type { MissingStep } from '../../simulator/machine/flushSequence';
import type { CodeIndex } from '../../simulator/machine/program';
import type { Span } from '../language/ast';
import type { Place } from '../language/elaborate/source';
import { bodiesOf, visitStatements } from '../language/walk';
import { type ChangeText, changeText, functionAt } from './changeText';
import { statementAt } from './fixes';
import type { StepProblem } from './flushProblems';
import { mappedName, placeAt, type RuleScenario } from './scenario';
import type { EntryAt } from './walk/observation';
import type { Walk } from './walk/walker';

/** How the text calls the address of an entry, at the place of one instruction, as the place of another may write it. */
export function addressText(
  scenario: RuleScenario,
  walk: Walk,
  { entry }: EntryAt,
  changedAt: CodeIndex,
  writtenAt: CodeIndex,
): string | undefined {
  const changed = placeAt(scenario, walk, changedAt);
  const written = placeAt(scenario, walk, writtenAt);
  if (changed === undefined || written === undefined) return undefined;
  const fn = functionAt(written);
  const { address }: ChangeText = functionAt(changed) === fn ? changeText(changed) : {};
  if (address !== undefined) return isKnownAt(address, changed, written) ? address : undefined;
  return fn === undefined ? mappedName(scenario.elaborated, entry.place.first, entry.place.last) : undefined;
}

/** Whether the variables of an expression at one place are known at another one of the same function, with the same values. */
function isKnownAt(address: string, from: Place, to: Place): boolean {
  const standing = statementAt(from);
  if (standing === undefined) return false;
  const holds = ({ start, end }: Span, { span }: Place) => start <= span.start && span.end <= end;
  const { text, file } = from.source.parsed;
  let known = true;
  for (const { block } of bodiesOf(file))
    visitStatements(block, ({ span }) => {
      if (!holds(span, from) || holds(span, to)) return;
      const inner = text.slice(span.start, span.end);
      for (const [name] of address.matchAll(/[A-Za-z_]\w*/g))
        if (new RegExp(`\\blet\\s+${name}\\b|\\b${name}\\s*(\\+\\+|--|[-+*/|&^]?=(?!=))`).test(inner)) known = false;
    });
  return known;
}

/** The bytes that an entry maps, in the kernel's words. */
export function sizeText({ entry }: EntryAt): string | undefined {
  return entry.place.level === 3 ? 'PAGE_SIZE' : entry.place.level === 2 ? 'PMD_SIZE' : undefined;
}

/** Whether the old value is a table, which only TLBIs of all levels remove from walk caches. */
export function wasTable({ entry }: EntryAt, old: bigint): boolean {
  return decodeDescriptor(entry.format, entry.place.level, old).kind === 'table';
}

/** A whole flush of an entry, in one call. */
export function flushStatement(problem: EntryAt & { readonly old: bigint }, address: string | undefined): string {
  const size = sizeText(problem);
  if (address === undefined || size === undefined) return 'flush_tlb_all()';
  return wasTable(problem, problem.old)
    ? `__flush_tlb_kernel_pgtable(${address})`
    : `flush_tlb_kernel_range(${address}, ${address} + ${size})`;
}

/** The TLBI alone. */
export function tlbiStatement(problem: EntryAt & { readonly old: bigint }, address: string | undefined): string {
  if (address === undefined) return 'tlbi(vmalle1is)';
  return `tlbi(${wasTable(problem, problem.old) ? 'vaae1is' : 'vaale1is'}, ${address})`;
}

/** The statements for missing steps that belong before the same place; all three are one call. */
export function stepStatements(
  problem: StepProblem,
  steps: readonly MissingStep[],
  address: string | undefined,
): readonly string[] {
  if (steps.length === 3) return [flushStatement(problem, address)];
  return steps.map((step) => stepStatement(problem, step, address));
}

function stepStatement(problem: StepProblem, { step }: MissingStep, address: string | undefined): string {
  switch (step) {
    case 'dsb(ishst) before the TLBI':
      return 'dsb(ishst)';
    case 'dsb(ish) after the TLBI':
    case 'dsb(ish) between the TLBIs':
      return 'dsb(ish)';
    case 'TLBI':
    case 'broadcast TLBI':
    case 'TLBI of all levels':
    case 'TLBI with the right level hint':
    case 'TLBI that covers the entry':
    case 'TLBI of stage 1':
    case 'TLBI of stage 2':
    case 'invalid value':
      return tlbiStatement(problem, address);
  }
}
