/** A TLB invalidation in words: what the operation reaches, and what its operand is at a statement. */

import type { TlbiInstruction } from '../../simulator/machine/program';
import type { Statement } from '../language/ast';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { isWithin } from '../language/elaborate/sites';
import type { Source } from '../language/elaborate/source';
import { type TlbiOperation, tlbiOperations } from '../language/primitives/tlb';
import { addressName, hex } from '../verdict/addressNames';
import { decodeTlbiFields } from './decodeTlbi';

/** `TLBI VAALE1IS`: what it invalidates and where, as the Arm ARM says it (C5.5); undefined for another name. */
export function tlbiOperationMarkdown(name: string): string | undefined {
  const operation = tlbiOperations.find((one) => one.name === name);
  if (operation === undefined) return undefined;
  return [
    `**TLBI ${name.toUpperCase()}**`,
    '',
    `- ${shareabilityWords[operation.shareability]}`,
    `- ${scopeWords[operation.scope]}`,
    ...(operation.scope === 'all' || operation.scope === 'asid' ? [] : [`- ${levelWords(operation)}`]),
    `- ${operation.everyAsid ? 'entries of every ASID, and global ones' : 'entries of the ASID in the operand, and global ones'}`,
    '',
    'It is complete for another CPU when a `dsb(ish)` behind it is; it sees a store to an entry only when a `dsb(ishst)` stands between them.',
  ].join('\n');
}

const shareabilityWords: Readonly<Record<TlbiOperation['shareability'], string>> = {
  nonShareable: 'non-shareable: the TLB of this CPU only',
  innerShareable: 'inner shareable: the TLBs of all CPUs',
  outerShareable: 'outer shareable: the TLBs of all CPUs, and of devices outside',
};

const scopeWords: Readonly<Record<TlbiOperation['scope'], string>> = {
  all: 'every stage 1 entry of the EL1&0 regime',
  asid: 'the non-global entries of one ASID',
  address: 'the entries that map one virtual address',
  range: 'the entries that map a range of virtual addresses',
};

const levelWords = ({ leafOnly }: TlbiOperation): string =>
  leafOnly
    ? 'last level only: a page or a block goes, a table that a walk remembers stays'
    : 'every level: pages, blocks, and tables that walks remember';

/** The operands of the invalidations that a statement itself makes; undefined when it makes none. */
export function tlbiOperandMarkdown(
  scenario: ElaboratedScenario,
  source: Source,
  { span }: Statement,
): string | undefined {
  const lines = new Set<string>();
  for (const { code } of scenario.program.cpus) {
    for (const instruction of code) {
      if (instruction.kind !== 'tlbi') continue;
      const site = scenario.sites[instruction.site];
      if (site?.source !== source || !isWithin({ ...site, stack: [] }, { source, span })) continue;
      for (const line of operandLines(scenario, instruction)) lines.add(line);
    }
  }
  return lines.size === 0 ? undefined : [...lines].slice(0, MAX_LINES).join('\n');
}

const MAX_LINES = 8;

function operandLines({ world }: ElaboratedScenario, { operand, lastOperand }: TlbiInstruction): readonly string[] {
  if (operand?.kind !== 'value') return [];
  const { granule, kernel, memstart, va_bits } = world.environment.configuration;
  const options = { granule, vaBits: va_bits, release: kernel, memstart, ds: false, range: false };
  const first = addressOf(operand.value);
  if (lastOperand?.kind === 'value') {
    const last = addressOf(lastOperand.value);
    return [`- from \`${hex(first)}\` (${addressName(world, first)}) to the page at \`${hex(last)}\``];
  }
  const fields = decodeTlbiFields(operand.value, options)
    .map(({ name, value, words }) => `${name} = ${value} (${words})`)
    .join('; ');
  return [`- operand \`${hex(operand.value)}\` for ${addressName(world, first)}: ${fields}`];
}

/** VA[55:12] in bits 43:0, as a kernel address. */
function addressOf(operand: bigint): bigint {
  return ((operand & ((1n << 44n) - 1n)) << 12n) | (0xffn << 56n);
}
