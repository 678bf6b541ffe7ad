/** Edits that give a flush the steps that it lacks: new statements, or a barrier or TLBI that is there but too weak, changed. */

import type { MissingStep } from '../../simulator/machine/flushSequence';
import type { CodeIndex } from '../../simulator/machine/program';
import type { Edit } from '../language/diagnostic';
import type { Place } from '../language/elaborate/source';
import { tlbiOperations } from '../language/primitives/tlb';
import { changeText } from './changeText';
import { calleeName, callIn, insertBefore, replace, textOf } from './fixes';
import type { StepProblem } from './flushProblems';
import { addressText, flushStatement, sizeText, stepStatements } from './flushText';
import { placeAt, type RuleScenario } from './scenario';

/** Edits for some of a problem's missing steps. Empty when one of them cannot be mended in the file in which the finding stands, at `foundAt`. */
export function repairSteps(
  scenario: RuleScenario,
  problem: StepProblem,
  steps: readonly MissingStep[],
  foundAt: CodeIndex,
): readonly Edit[] {
  const edits: Edit[] = [];
  const file = placeAt(scenario, problem.walk, foundAt)?.source;
  for (const group of groups(steps)) {
    const [first] = group as [MissingStep];
    const place = placeAt(scenario, problem.walk, first.before);
    // A fix edits one file: the one in which the finding stands.
    if (place === undefined || place.source !== file) return [];
    // The make names the address as it is called there, in a loop by the variable of the loop.
    const named = problem.because === 'make' && first.before === problem.at ? changeText(place).address : undefined;
    const address = named ?? addressText(scenario, problem.walk, problem, problem.since, first.before);
    const changed =
      first.because === undefined
        ? insertBefore(place, stepStatements(problem, group, address))
        : strengthen(problem, first, place, address);
    if (changed.length === 0) return [];
    edits.push(...changed);
  }
  return edits;
}

/** Steps that are missing before the same place are one insertion; one that is there but too weak stands alone. */
function groups(steps: readonly MissingStep[]): readonly (readonly MissingStep[])[] {
  const all: MissingStep[][] = [];
  for (const step of steps) {
    const last = all.at(-1);
    if (last?.[0]?.before === step.before && !last[0].because && !step.because) last.push(step);
    else all.push([step]);
  }
  return all;
}

function strengthen(
  problem: StepProblem,
  step: MissingStep,
  place: Place,
  address: string | undefined,
): readonly Edit[] {
  const { because } = step;
  if (because === undefined) return [];
  switch (because) {
    case 'nonShareable':
    case 'loadsOnly':
    case 'storesOnly':
      return option(place, step.step === 'dsb(ishst) before the TLBI' ? 'ishst' : 'ish');
    case 'notBroadcast':
      return operation(place, (name) => `${name.replace(/nxs$/, '')}is`, { local_flush_tlb_all: 'flush_tlb_all' });
    case 'leafOnly': {
      const range = callIn(place, (name) => name === 'flush_tlb_kernel_range');
      if (range) return [replace(range.span, flushStatement(problem, address))];
      return operation(place, (name) => name.replace(/^(r?vaa?)l(e1)/, '$1$2'), {});
    }
    case 'otherLevel':
      return hint(place, problem.entry.place.level);
    case 'otherAddresses':
      return address === undefined ? [] : cover(problem, step, place, address);
    case 'otherRegime':
    case 'otherVmid':
    case 'otherAsid':
      return [];
  }
}

/** The option of a DSB. */
function option(place: Place, word: string): readonly Edit[] {
  const argument = callIn(place, (name) => name === 'dsb')?.arguments[0];
  return argument ? [replace(argument.span, word)] : [];
}

/** The name of a TLBI operation, or a function that stands for one. */
function operation(
  place: Place,
  change: (name: string) => string,
  functions: Readonly<Record<string, string>>,
): readonly Edit[] {
  const whole = callIn(place, (name) => name in functions);
  if (whole) return [replace(whole.callee.span, functions[calleeName(whole)] as string)];
  const argument = callIn(place, (name) => name === 'tlbi')?.arguments[0];
  if (argument === undefined) return [];
  const name = change(textOf(place.source, argument));
  return tlbiOperations.some((one) => one.name === name) ? [replace(argument.span, name)] : [];
}

/** The level hint behind the addresses of a TLBI. */
function hint(place: Place, level: number): readonly Edit[] {
  const call = callIn(place, (name) => name === 'tlbi');
  const operation = call?.arguments[0];
  if (call === undefined || operation === undefined) return [];
  const { scope } = tlbiOperations.find(({ name }) => name === textOf(place.source, operation)) ?? {};
  const argument = call.arguments[scope === 'range' ? 3 : 2];
  return argument ? [replace(argument.span, String(level))] : [];
}

/** A flush of a range grows to cover the entry too; a TLBI of one address gets the entry's. */
function cover(problem: StepProblem, step: MissingStep, place: Place, address: string): readonly Edit[] {
  const size = sizeText(problem);
  const end = size === undefined ? undefined : `${address} + ${size}`;
  const range = callIn(place, (name) => /^(vmemmap_)?flush_tlb.*range$/.test(name));
  const tlbi = callIn(place, (name) => name === 'tlbi');
  const operation = tlbi?.arguments[0];
  const isRange = operation !== undefined && textOf(place.source, operation).startsWith('r');
  const [first, last] = range?.arguments ?? tlbi?.arguments.slice(1) ?? [];
  if (first === undefined) return [];
  if (range === undefined && !isRange) return [replace(first.span, address)];
  if (last === undefined || end === undefined) return [];
  switch (entryIs(problem, step)) {
    case 'below':
      return [replace(first.span, address)];
    case 'above':
      return [replace(last.span, end)];
    case 'unknown':
      return [replace(first.span, address), replace(last.span, end)];
  }
}

/** Where the entry's addresses are, seen from those that the TLBI names. */
function entryIs({ walk, entry, fault }: StepProblem, { before }: MissingStep): 'below' | 'above' | 'unknown' {
  if (fault === 'missesEntry') return 'unknown';
  const instruction = walk.context.code.code[before];
  if (instruction?.kind !== 'tlbi' || instruction.operand?.kind !== 'value') return 'unknown';
  const page = instruction.operand.value & ((1n << 44n) - 1n);
  const own = (entry.place.first >> 12n) & ((1n << 44n) - 1n);
  return own < page ? 'below' : 'above';
}
