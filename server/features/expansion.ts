/** What a step becomes: the text of the function that it calls, and the instructions that are made of the statement. */

import type { Instruction } from '../../simulator/machine/program';
import type { Expression, Statement } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { isWithin } from '../language/elaborate/sites';
import type { Source } from '../language/elaborate/source';
import { stepText } from '../verdict/stepText';

/** Lines that a hover shows of a function, and of instructions. */
const MAX_LINES = 24;

/** Markdown; undefined where the position is no call that becomes anything. */
export function expansionMarkdown(
  scenario: ElaboratedScenario,
  source: Source,
  statement: Statement,
  expressions: readonly Expression[],
): string | undefined {
  const name = calleeAt(expressions);
  if (name === undefined) return undefined;
  const declared = scenario.world.declarations.functions.get(name);
  const lines = instructionLines(scenario, source, statement);
  const parts: string[] = [];
  if (declared !== undefined) {
    const { item, source: from } = declared;
    parts.push('```hvo', ...shortened(from.parsed.text.slice(item.span.start, item.span.end).split(/\r?\n/)), '```');
  }
  if (lines.length > 1 || declared !== undefined) {
    const where = declared?.source.origin === 'library' ? ', the standard library’s calls expanded' : '';
    if (lines.length > 0) parts.push('', `The statement becomes${where}:`, '', '```', ...shortened(lines), '```');
  }
  return parts.length === 0 ? undefined : parts.join('\n');
}

/** The function whose name is at the position: the innermost expression is it. */
function calleeAt(expressions: readonly Expression[]): string | undefined {
  const name = expressions.at(-1);
  const call = expressions.at(-2);
  return name?.kind === 'name' && call?.kind === 'call' && call.callee === name ? name.name : undefined;
}

/** Steps in the order of the code of the first CPU that has the statement; equal neighbours once. */
function instructionLines(scenario: ElaboratedScenario, source: Source, { span }: Statement): readonly string[] {
  for (const { code } of scenario.program.cpus) {
    const lines: string[] = [];
    for (const instruction of code) {
      const site = scenario.sites[instruction.site];
      if (site === undefined || !isWithin(site, { source, span }) || !isStep(instruction)) continue;
      const line = stepText(scenario, instruction);
      if (line !== '' && line !== lines.at(-1)) lines.push(line);
    }
    if (lines.length > 0) return lines;
  }
  return [];
}

/** Computation and control flow are no steps: they have no effect by themselves. */
function isStep({ kind }: Instruction): boolean {
  return !['arithmetic', 'branch', 'jump', 'end', 'choose', 'systemRegister', 'cpuNumber'].includes(kind);
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`];
}
