/** Moves, arithmetic, comparisons and conditional selects of a litmus test. */

import type { Arithmetic, Operand } from '../../simulator/machine/program';
import { type CodeBuilder, type Refusal, zero } from './codeBuilder';
import { type FlagOperation, readCondition, setFlags, setFlagsIf } from './flags';
import { lowerBitField } from './lowerBitField';
import { lowerMultiply } from './lowerMultiply';
import { lowerReverse } from './lowerReverse';
import type { AssemblyInstruction, AssemblyOperand, RegisterName } from './test';

type Outcome = Refusal | 'done' | undefined;

/** Operation, and whether a result of W registers may need more than 32 bits. */
const binary: Readonly<Record<string, { operation: Arithmetic; grows: boolean; complement?: true }>> = {
  ADD: { operation: 'add', grows: true },
  SUB: { operation: 'subtract', grows: true },
  AND: { operation: 'and', grows: false },
  ORR: { operation: 'or', grows: false },
  EOR: { operation: 'exclusiveOr', grows: false },
  BIC: { operation: 'bitClear', grows: false },
  ORN: { operation: 'or', grows: true, complement: true },
  EON: { operation: 'exclusiveOr', grows: true, complement: true },
  UDIV: { operation: 'divide', grows: false },
};

const ONES: Operand = { kind: 'value', value: (1n << 64n) - 1n };
const ONE: Operand = { kind: 'value', value: 1n };

/** Lowers an instruction that only computes; `undefined` when it is none. */
export function lowerArithmetic(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const { mnemonic } = i;
  if (/^MOV[ZN]?$/.test(mnemonic)) return move(i, b);
  if (/^(?:MVN|NEG|[SU]XTW|UXTB|UXTH)$/.test(mnemonic)) return unary(i, b);
  if (/^(?:CMP|CMN|TST|NEGS)$/.test(mnemonic)) return compare(i, b);
  if (/^(?:CSET|CSETM|CSEL|CSINC|CSINV|CSNEG|CINC|CINV|CNEG)$/.test(mnemonic)) return select(i, b);
  if (/^CCM[PN]$/.test(mnemonic)) return compareIf(i, b);
  if (/^(?:ADC|SBC|NGC)$/.test(mnemonic)) return withCarry(i, b);
  const other = lowerBitField(i, b) ?? lowerMultiply(i, b) ?? lowerReverse(i, b);
  if (other !== undefined) return other;
  const flags = /^(?:ADDS|SUBS|ANDS|BICS)$/.test(mnemonic);
  const name = flags ? mnemonic.slice(0, -1) : mnemonic;
  const found = binary[name];
  if (found === undefined) return undefined;
  const [target, left, right, modifier] = i.operands;
  if (target?.kind !== 'register' || left?.kind !== 'register' || right === undefined) return expected(i, 'registers');
  const second = operand(right, modifier, b, target.wide);
  if ('message' in second) return second;
  const first = b.narrowed(left, b.source(left), 'narrow');
  if (flags) {
    setFlags(b, { operation: name as FlagOperation, left: first, right: second, wide: target.wide });
    if (target.number === 31) return 'done';
  }
  let complemented = second;
  if (found.complement) {
    const scratch = b.scratch('shifted');
    b.arithmetic('exclusiveOr', scratch, second, ONES);
    complemented = { kind: 'register', register: scratch };
  }
  b.arithmetic(found.operation, b.destination(target), first, complemented);
  if (found.grows) b.cut(target);
  return 'done';
}

function expected(i: AssemblyInstruction, what: string): Refusal {
  return { kind: 'syntax', message: `expected other operands (${what}) in \`${i.text}\`` };
}

/** A register, perhaps shifted or extended, or an immediate. */
function operand(
  right: AssemblyOperand,
  modifier: AssemblyOperand | undefined,
  b: CodeBuilder,
  wide = true,
): Operand | Refusal {
  const shift = modifier?.kind === 'modifier' ? modifier.modifier : undefined;
  if (right.kind === 'register') return b.modified(right, shift);
  if (right.kind === 'immediate') {
    const value = BigInt.asUintN(wide ? 64 : 32, right.value << BigInt(shift?.amount ?? 0));
    return { kind: 'value', value };
  }
  return { kind: 'syntax', message: 'expected a register or an immediate as last operand' };
}

function move(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [target, from, modifier] = i.operands;
  if (target?.kind !== 'register' || from === undefined)
    return expected(i, 'a register, then a register or an immediate');
  const source = operand(from, modifier, b);
  if ('message' in source) return source;
  let value = source;
  if (source.kind === 'value') {
    const raw = i.mnemonic === 'MOVN' ? ~source.value : source.value;
    value = { kind: 'value', value: BigInt.asUintN(target.wide ? 64 : 32, raw) };
  }
  b.arithmetic('move', b.destination(target), value);
  return 'done';
}

function unary(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [target, from, modifier] = i.operands;
  if (target?.kind !== 'register' || from?.kind !== 'register') return expected(i, 'two registers');
  const extension = /^([SU]XTW)$/.exec(i.mnemonic)?.[1] as 'SXTW' | 'UXTW' | undefined;
  const shift = extension === undefined ? modifierOf(modifier) : ({ kind: extension, amount: 0 } as const);
  const source = b.modified(from, shift);
  if ('message' in source) return source;
  const destination = b.destination(target);
  if (i.mnemonic === 'MVN') b.arithmetic('exclusiveOr', destination, source, ONES);
  else if (i.mnemonic === 'NEG') b.arithmetic('subtract', destination, zero, source);
  else if (i.mnemonic === 'UXTB') b.arithmetic('and', destination, source, { kind: 'value', value: 0xffn });
  else if (i.mnemonic === 'UXTH') b.arithmetic('and', destination, source, { kind: 'value', value: 0xffffn });
  else b.arithmetic('move', destination, source);
  b.cut(target);
  return 'done';
}

function modifierOf(operand: AssemblyOperand | undefined) {
  return operand?.kind === 'modifier' ? operand.modifier : undefined;
}

function compare(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [left, right, modifier] = i.operands;
  if (left?.kind !== 'register' || right === undefined)
    return expected(i, 'a register, then a register or an immediate');
  const second = operand(right, modifier, b, left.wide);
  if ('message' in second) return second;
  const operation = ({ CMP: 'SUB', CMN: 'ADD', TST: 'AND', NEGS: 'SUB' } as const)[i.mnemonic as 'CMP'];
  const negates = i.mnemonic === 'NEGS';
  const first = negates ? zero : b.narrowed(left, b.source(left), 'narrow');
  setFlags(b, { operation, left: first, right: second, wide: left.wide });
  if (!negates) return 'done';
  b.arithmetic('subtract', b.destination(left), zero, second);
  b.cut(left);
  return 'done';
}

/** CCMP Rn,Rm,#nzcv,cond: compares when the condition holds, else the flags are those of the number. */
function compareIf(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [left, right, otherwise, name] = i.operands;
  if (left?.kind !== 'register' || right === undefined || otherwise?.kind !== 'immediate' || name?.kind !== 'name')
    return expected(i, 'a register, a register or an immediate, the flags as a number, a condition');
  const condition = readCondition(b, name.name);
  if ('message' in condition) return condition;
  const second = operand(right, undefined, b, left.wide);
  if ('message' in second) return second;
  const operation = i.mnemonic === 'CCMP' ? 'SUB' : 'ADD';
  const first = b.narrowed(left, b.source(left), 'narrow');
  setFlagsIf(b, condition, { operation, left: first, right: second, wide: left.wide }, Number(otherwise.value));
  return 'done';
}

/** ADC, SBC and NGC. */
function withCarry(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const [target, ...names] = i.operands.flatMap((o) => (o.kind === 'register' ? [o] : []));
  const negates = i.mnemonic === 'NGC';
  if (target === undefined || names.length !== (negates ? 1 : 2)) return expected(i, 'registers');
  const sources = names.map((name, n) => b.narrowed(name, b.source(name), `narrow ${n}`));
  const [first = zero, second = zero] = negates ? [zero, ...sources] : sources;
  const carry = readCondition(b, 'CS');
  if ('message' in carry) return carry;
  const scratch = b.scratch('without carry');
  const result: Operand = { kind: 'register', register: scratch };
  b.arithmetic(i.mnemonic === 'ADC' ? 'add' : 'subtract', scratch, first, second);
  if (i.mnemonic !== 'ADC') b.arithmetic('subtract', scratch, result, ONE);
  b.arithmetic('add', b.destination(target), result, carry.operand);
  b.cut(target);
  return 'done';
}

/** CSEL and its kin. They are selects, not branches: younger reads do not wait for them (Arm ARM, pick dependencies). */
function select(i: AssemblyInstruction, b: CodeBuilder): Outcome {
  const registers = i.operands.flatMap((o) => (o.kind === 'register' ? [o] : []));
  const last = i.operands.at(-1);
  const [target, first, second] = registers as readonly RegisterName[];
  if (target === undefined || last?.kind !== 'name') return expected(i, 'registers, then a condition');
  const condition = readCondition(b, last.name);
  if ('message' in condition) return condition;
  const short = /^(?:CSET|CSETM)$/.test(i.mnemonic);
  const inverted = /^(?:CSET|CSETM|CINC|CINV|CNEG)$/.test(i.mnemonic);
  if (!short && first === undefined) return expected(i, 'source registers');
  const yes = short ? zero : b.source(first as RegisterName);
  const other = short ? zero : b.source(second ?? (first as RegisterName));
  const scratch = b.scratch('selected');
  const changed: Operand = { kind: 'register', register: scratch };
  let no: Operand = changed;
  if (i.mnemonic === 'CSET') no = ONE;
  else if (i.mnemonic === 'CSETM') no = ONES;
  else if (i.mnemonic === 'CSEL') no = other;
  else if (/INC$/.test(i.mnemonic)) b.arithmetic('add', scratch, other, ONE);
  else if (/INV$/.test(i.mnemonic)) b.arithmetic('exclusiveOr', scratch, other, ONES);
  else b.arithmetic('subtract', scratch, zero, other);
  // CSET Rd,c is CSINC Rd,ZR,ZR,not c: the changed value when c holds.
  const negated = condition.negated !== inverted;
  b.arithmetic('select', b.destination(target), negated ? no : yes, negated ? yes : no, condition.operand);
  if (i.mnemonic !== 'CSEL' && i.mnemonic !== 'CSET') b.cut(target);
  return 'done';
}
