/** An instruction as one short line of a column: lockdep's words for locks, the architecture's for barriers and TLBIs. */

import type {
  BarrierInstruction,
  Instruction,
  MaskInstruction,
  TlbiInstruction,
} from '../../simulator/machine/program';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import type { SiteInfo } from '../language/elaborate/sites';
import type { Place } from '../language/elaborate/source';
import { barrierOptions } from '../language/primitives/barriers';
import { tlbiOperations } from '../language/primitives/tlb';
import { hex, mappedName } from './addressNames';
import { isNowhere } from './places';

export function stepText(scenario: ElaboratedScenario, instruction: Instruction): string {
  switch (instruction.kind) {
    case 'lock':
    case 'unlock': {
      const verb = instruction.mode === 'shared' ? `r${instruction.kind}` : instruction.kind;
      const tries = instruction.kind === 'lock' && instruction.taken !== undefined ? 'try' : '';
      return `${tries}${verb}(&${lockName(scenario, instruction.lock)})`;
    }
    case 'dmb':
    case 'dsb':
      return `${instruction.kind}(${barrierName(instruction)})`;
    case 'isb':
      return 'isb()';
    case 'tlbi':
      return tlbiText(scenario, instruction);
    case 'mask':
      return maskText(instruction);
    case 'rcu':
      return { readLock: 'rcu_read_lock()', readUnlock: 'rcu_read_unlock()', synchronize: 'synchronize_rcu()' }[
        instruction.operation
      ];
    default:
      return statementText(scenario.sites[instruction.site]);
  }
}

export function lockName(scenario: ElaboratedScenario, lock: number): string {
  return scenario.program.locks[lock]?.name ?? `lock ${lock}`;
}

export function barrierName({ type, domain }: BarrierInstruction): string {
  return barrierOptions.find((one) => one.type === type && one.domain === domain)?.name ?? 'sy';
}

function tlbiText({ world }: ElaboratedScenario, i: TlbiInstruction): string {
  const level = i.level ?? 3;
  const operation = tlbiOperations.find(
    (one) =>
      one.scope === i.scope &&
      (i.scope === 'all' || one.leafOnly === i.leafOnly) &&
      one.everyAsid &&
      (one.shareability !== 'nonShareable') === i.innerShareable,
  );
  const operands = [i.operand, i.lastOperand].flatMap((operand) =>
    operand?.kind === 'value' ? [mappedName(world, level, addressOfPage(operand.value))] : [],
  );
  return `tlbi(${[operation?.name ?? 'tlbi', ...(i.scope === 'all' ? [] : operands)].join(', ')})`;
}

/** VA[55:12] in bits 43:0, as a kernel address. */
function addressOfPage(operand: bigint): bigint {
  return ((operand & ((1n << 44n) - 1n)) << 12n) | (0xffn << 56n);
}

function maskText({ irq, nmi, preemption }: MaskInstruction): string {
  if (irq === undefined && nmi === undefined) return preemption === -1 ? 'preempt_enable()' : 'preempt_disable()';
  const change = irq ?? nmi ?? 'mask';
  if (irq === undefined) return change === 'mask' ? 'local_nmi_disable()' : 'local_nmi_enable()';
  switch (change) {
    case 'mask':
      return nmi === 'mask' ? 'local_daif_mask()' : 'local_irq_disable()';
    case 'unmask':
      return 'local_irq_enable()';
    case 'inherit':
      return 'local_daif_inherit()';
    case 'restore':
      return 'local_irq_restore()';
  }
}

function statementText(info: SiteInfo | undefined): string {
  return info === undefined ? '' : shownStatement(info).text;
}

/** A statement as a step shows it, and the function of the library that it stands in; none for the user's own text. */
export interface ShownStatement {
  readonly text: string;
  readonly inFunction?: string;
}

/**
 * The statement that an instruction comes from. Of a chain of library functions that only hand on (pte_clear, set_pte,
 * WRITE_ONCE) the outermost call is shown, which is the name that a reader of the kernel knows.
 */
export function shownStatement(info: SiteInfo): ShownStatement {
  let place: Place = info;
  let depth = info.stack.length;
  for (; depth > 0; depth--) {
    const call = info.stack[depth - 1];
    if (call === undefined || isNowhere(call) || place.source.origin === 'user' || !handsOn(place, call.callee)) break;
    place = call;
  }
  const text = shortened(place === info ? info.text : textOf(place));
  const name = info.stack[depth - 1]?.callee;
  return place.source.origin === 'user' || name === undefined ? { text } : { text, inFunction: name };
}

/** Whether a function of the library is so small that its call says as much as what is in it. */
function handsOn(inner: Place, name: string): boolean {
  const fn = inner.source.parsed.file.items.find((item) => item.kind === 'fn' && item.name.name === name);
  return fn?.kind === 'fn' && fn.body.statements.length <= MAX_STATEMENTS;
}

const MAX_STATEMENTS = 4;

function textOf({ source, span }: Place): string {
  return source.parsed.text.slice(span.start, span.end).split(/[\r\n]/, 1)[0] ?? '';
}

/** Without what stands behind the statement. */
function shortened(text: string): string {
  return text
    .replace(/\s*=>.*$/, '')
    .replace(/[;{\s]+$/, '')
    .trim();
}

export function valueText(value: bigint): string {
  return value < 10n ? String(value) : hex(value);
}
