/** Which registers the instructions of a thread write, and what can be said about register values without running. */

import type { AssemblyInstruction, Column } from './test';

/** Nothing is written by stores, comparisons, branches and system operations (a write-back apart). */
const writesNothing =
  /^(?:STL?U?RB?H?|STUR[BH]?|STN?P|STILP|ST(?:ADD|SET|CLR|EOR|[SU]M(?:AX|IN))L?[BH]?|CMP|CMN|CCMP|CCMN|TST|CBN?Z|TBN?Z|B|B\.?[A-Z]{2}|BL|RET|DMB|DSB|ISB|TLBI|MSR|SVC|UDF|AT|DC|IC|NOP|ERET)$/;
const writesSecond = /^(?:SWP|LDADD|LDSET|LDCLR|LDEOR|LD[SU]M(?:AX|IN))A?L?[BH]?$/;

/** The link register, which calls write. */
export const LINK = 30;

export function isCall(mnemonic: string): boolean {
  return mnemonic === 'BL' || mnemonic === 'BLR';
}

const writesTwo = /^LD(?:N?P|PSW|A?XP|IAPP)$/;

/** Numbers of the general registers that an instruction writes. */
export function writtenRegisters(i: AssemblyInstruction): readonly number[] {
  const written: number[] = [];
  if (!writesNothing.test(i.mnemonic)) {
    const operand = i.operands[writesSecond.test(i.mnemonic) ? 1 : 0];
    if (operand?.kind === 'register' && operand.number !== 31) written.push(operand.number);
    const other = writesTwo.test(i.mnemonic) ? i.operands[1] : undefined;
    if (other?.kind === 'register' && other.number !== 31) written.push(other.number);
  }
  if (isCall(i.mnemonic)) written.push(LINK);
  for (const operand of i.operands) {
    if (operand.kind === 'memory' && operand.address.writeBack !== undefined) written.push(operand.address.base.number);
  }
  return written;
}

/** For each register of a thread, handler included, the instructions that write it. */
export type Definitions = ReadonlyMap<number, readonly AssemblyInstruction[]>;

export function definitionsOf(columns: readonly Column[]): Definitions {
  const definitions = new Map<number, AssemblyInstruction[]>();
  for (const column of columns) {
    for (const i of column.instructions) {
      for (const register of writtenRegisters(i)) {
        const list = definitions.get(register);
        if (list === undefined) definitions.set(register, [i]);
        else list.push(i);
      }
    }
  }
  return definitions;
}

const SMALL = 1n << 31n;

/** Whether a register is known to hold less than 2^31 always, so that extending its W form changes nothing. */
export function isSmall(register: number, initial: bigint, definitions: Definitions): boolean {
  return initial < SMALL && (definitions.get(register) ?? []).every(givesSmall);
}

function givesSmall(i: AssemblyInstruction): boolean {
  const [, first, second] = i.operands;
  const last = i.operands.at(-1);
  switch (i.mnemonic) {
    case 'MOV':
      return first?.kind === 'immediate' && first.value >= 0n && first.value < SMALL;
    case 'CSET':
      return true;
    case 'AND':
      return last?.kind === 'immediate' && last.value >= 0n && last.value < SMALL;
    case 'EOR':
    case 'SUB':
      return (
        first?.kind === 'register' && second?.kind === 'register' && first.number === second.number && last === second
      );
    default:
      return false;
  }
}
