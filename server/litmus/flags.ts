/**
 * NZCV as registers of the machine: one for each condition that the thread uses, computed where the flags are set. The
 * inverse of a condition uses the same register.
 */

import type { Operand, Register } from '../../simulator/machine/program';
import type { CodeBuilder, Refusal } from './codeBuilder';
import type { AssemblyInstruction } from './test';

interface ConditionName {
  readonly base: 'EQ' | 'HS' | 'MI' | 'HI' | 'GE' | 'GT';
  readonly negated: boolean;
}

const conditions: Readonly<Record<string, ConditionName>> = {
  EQ: { base: 'EQ', negated: false },
  NE: { base: 'EQ', negated: true },
  HS: { base: 'HS', negated: false },
  CS: { base: 'HS', negated: false },
  LO: { base: 'HS', negated: true },
  CC: { base: 'HS', negated: true },
  MI: { base: 'MI', negated: false },
  PL: { base: 'MI', negated: true },
  HI: { base: 'HI', negated: false },
  LS: { base: 'HI', negated: true },
  GE: { base: 'GE', negated: false },
  LT: { base: 'GE', negated: true },
  GT: { base: 'GT', negated: false },
  LE: { base: 'GT', negated: true },
};

/** The base conditions that some instruction looks at: B.NE, BNE, CSEL ...,NE. */
export function conditionsUsed(instructions: readonly AssemblyInstruction[]): ReadonlySet<string> {
  const used = new Set<string>();
  for (const i of instructions) {
    const last = i.operands.at(-1);
    const name =
      branchCondition(i.mnemonic) ?? (/^C(?:S|INC|INV|NEG)/.test(i.mnemonic) && last?.kind === 'name' ? last.name : '');
    const found = conditions[name.toUpperCase()];
    if (found !== undefined) used.add(found.base);
  }
  return used;
}

/** NE of B.NE or BNE. */
export function branchCondition(mnemonic: string): string | undefined {
  return /^B\.?([A-Z]{2})$/.exec(mnemonic)?.[1];
}

/** The register that holds a condition, and whether 0 means that it holds. */
export function readCondition(b: CodeBuilder, name: string): { operand: Operand; negated: boolean } | Refusal {
  const found = conditions[name.toUpperCase()];
  if (found === undefined) return { kind: 'unsupported', message: `the condition ${name}` };
  return { operand: { kind: 'register', register: b.scratch(`flag ${found.base}`) }, negated: found.negated };
}

/** Sets the flags for `left operation right`, where the operation is SUB, ADD, AND or BIC. */
export function setFlags(
  b: CodeBuilder,
  operation: string,
  left: Operand,
  right: Operand,
  wide: boolean,
): Refusal | undefined {
  const sign = wide ? 1n << 63n : 1n << 31n;
  const used = b.context.conditions;
  const subtracts = operation === 'SUB';
  for (const base of used) {
    if (!subtracts && (base === 'HS' || base === 'HI' || (operation === 'ADD' && base !== 'EQ' && base !== 'MI'))) {
      return { kind: 'unsupported', message: `the condition ${base} after ${operation}S` };
    }
  }
  let first = left;
  let second = right;
  const difference = b.scratch('difference');
  if (!subtracts) {
    const name = { ADD: 'add', AND: 'and', BIC: 'bitClear' }[operation] as 'add' | 'and' | 'bitClear';
    b.arithmetic(name, difference, left, right);
    if (!wide) b.arithmetic('and', difference, register(difference), value(0xffff_ffffn));
    first = register(difference);
    second = value(0n);
  }
  for (const base of used) setCondition(b, base as ConditionName['base'], first, second, sign);
  return undefined;
}

/** One condition of comparing two values; signed comparisons are unsigned ones with the sign bits flipped. */
function setCondition(b: CodeBuilder, base: ConditionName['base'], left: Operand, right: Operand, sign: bigint): void {
  const flag = b.scratch(`flag ${base}`);
  const flipped = (operand: Operand, name: string): Operand => {
    if (operand.kind === 'value') return value(operand.value ^ sign);
    b.arithmetic('exclusiveOr', b.scratch(name), operand, value(sign));
    return register(b.scratch(name));
  };
  switch (base) {
    case 'EQ':
      b.arithmetic('equal', flag, left, right);
      break;
    case 'HS':
      b.arithmetic('belowOrEqual', flag, right, left);
      break;
    case 'HI':
      b.arithmetic('below', flag, right, left);
      break;
    case 'GE':
      b.arithmetic('belowOrEqual', flag, flipped(right, 'flipped right'), flipped(left, 'flipped left'));
      break;
    case 'GT':
      b.arithmetic('below', flag, flipped(right, 'flipped right'), flipped(left, 'flipped left'));
      break;
    case 'MI':
      b.arithmetic('subtract', flag, left, right);
      b.arithmetic('and', flag, register(flag), value(sign));
      b.arithmetic('notEqual', flag, register(flag), value(0n));
      break;
  }
}

function register(number: Register): Operand {
  return { kind: 'register', register: number };
}

function value(number: bigint): Operand {
  return { kind: 'value', value: number };
}
