/**
 * NZCV as registers of the machine: one for each condition that the thread uses, computed where the flags are set. The
 * inverse of a condition uses the same register.
 */

import type { Operand, Register } from '../../simulator/machine/program';
import { type CodeBuilder, LOW_WORD, type Refusal } from './codeBuilder';
import type { AssemblyInstruction } from './test';

type Base = 'EQ' | 'HS' | 'MI' | 'VS' | 'HI' | 'GE' | 'GT';

interface ConditionName {
  readonly base: Base;
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
  VS: { base: 'VS', negated: false },
  VC: { base: 'VS', negated: true },
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
    const named = last?.kind === 'name' ? last.name : '';
    const looks = /^C(?:S|INC|INV|NEG|CM[PN])/.test(i.mnemonic);
    const name = branchCondition(i.mnemonic) ?? (/^(?:ADC|SBC|NGC)$/.test(i.mnemonic) ? 'CS' : looks ? named : '');
    const found = conditions[name.toUpperCase()];
    if (found !== undefined) used.add(found.base);
  }
  return used;
}

/** NE of B.NE or BNE. */
export function branchCondition(mnemonic: string): string | undefined {
  const name = /^B\.?([A-Z]{2})$/.exec(mnemonic)?.[1];
  return name !== undefined && (name === 'AL' || Object.hasOwn(conditions, name)) ? name : undefined;
}

/** The register that holds a condition, and whether 0 means that it holds. */
export function readCondition(b: CodeBuilder, name: string): { operand: Operand; negated: boolean } | Refusal {
  const found = conditions[name.toUpperCase()];
  if (found === undefined) return { kind: 'unsupported', message: `the condition ${name}` };
  return { operand: { kind: 'register', register: b.scratch(`flag ${found.base}`) }, negated: found.negated };
}

export type FlagOperation = 'SUB' | 'ADD' | 'AND' | 'BIC';

/** Two operands, of 64 bits or (`wide` false) of 32, and the operation on them that sets the flags. */
interface Flagged {
  readonly operation: FlagOperation;
  readonly left: Operand;
  readonly right: Operand;
  readonly wide: boolean;
}

/** Sets the flags that the thread looks at. */
export function setFlags(b: CodeBuilder, flagged: Flagged): void {
  for (const base of b.context.conditions) setCondition(b, base as Base, b.scratch(`flag ${base}`), flagged);
}

/** Sets them so when a condition holds, and else as the number NZCV says. */
export function setFlagsIf(
  b: CodeBuilder,
  { operand, negated }: { readonly operand: Operand; readonly negated: boolean },
  flagged: Flagged,
  nzcv: number,
): void {
  const [held, compared] = [b.scratch('condition held'), b.scratch('compared')];
  b.arithmetic('move', held, operand);
  for (const base of b.context.conditions) {
    setCondition(b, base as Base, compared, flagged);
    const [yes, no] = [register(compared), value(holdsIn(nzcv, base as Base) ? 1n : 0n)];
    b.arithmetic('select', b.scratch(`flag ${base}`), negated ? no : yes, negated ? yes : no, register(held));
  }
}

function holdsIn(nzcv: number, base: Base): boolean {
  const [n, z, c, v] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0);
  const holds: Readonly<Record<Base, boolean | undefined>> = {
    EQ: z,
    HS: c,
    MI: n,
    VS: v,
    HI: c && !z,
    GE: n === v,
    GT: n === v && !z,
  };
  return holds[base] === true;
}

function setCondition(b: CodeBuilder, base: Base, flag: Register, flagged: Flagged): void {
  if (flagged.operation === 'SUB') setCompared(b, base, flag, flagged);
  else setComputed(b, base, flag, flagged);
}

const sign = ({ wide }: Flagged): bigint => (wide ? 1n << 63n : 1n << 31n);

/** One condition of comparing two values; signed comparisons are unsigned ones with the sign bits flipped. */
function setCompared(b: CodeBuilder, base: Base, flag: Register, flagged: Flagged): void {
  const { left, right } = flagged;
  const flipped = (operand: Operand, name: string): Operand => {
    if (operand.kind === 'value') return value(operand.value ^ sign(flagged));
    b.arithmetic('exclusiveOr', b.scratch(name), operand, value(sign(flagged)));
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
      signOf(b, flag, flagged);
      break;
    case 'VS': {
      // The signs differed, and that of the difference is not the left one.
      const signs = b.scratch('signs');
      b.arithmetic('exclusiveOr', signs, left, right);
      b.arithmetic('subtract', flag, left, right);
      b.arithmetic('exclusiveOr', flag, register(flag), left);
      b.arithmetic('and', flag, register(flag), register(signs));
      signOf(b, flag, flagged);
    }
  }
}

/** One condition of a sum or of a bitwise result; a bitwise operation clears C and V. */
function setComputed(b: CodeBuilder, base: Base, flag: Register, flagged: Flagged): void {
  const { operation, left, right, wide } = flagged;
  const adds = operation === 'ADD';
  const result = b.scratch('result');
  b.arithmetic(operation === 'BIC' ? 'bitClear' : adds ? 'add' : 'and', result, left, right);
  const carry = (): void => {
    if (wide) b.arithmetic('below', flag, register(result), left);
    else b.arithmetic('below', flag, value(LOW_WORD), register(result));
  };
  const zero = (operation: 'equal' | 'notEqual', destination: Register): void => {
    const low = b.scratch('low result');
    if (wide) b.arithmetic('move', low, register(result));
    else b.arithmetic('and', low, register(result), value(LOW_WORD));
    b.arithmetic(operation, destination, register(low), value(0n));
  };
  // The sign of the true sum: that of the result, unless it overflowed.
  const negative = (): void => {
    b.arithmetic('move', flag, register(result));
    if (adds) {
      overflow(b, flag, result, flagged);
      b.arithmetic('exclusiveOr', flag, register(flag), register(result));
    }
    signOf(b, flag, flagged);
  };
  const other = b.scratch('not zero');
  switch (base) {
    case 'EQ':
      zero('equal', flag);
      break;
    case 'MI':
      b.arithmetic('move', flag, register(result));
      signOf(b, flag, flagged);
      break;
    case 'HS':
      if (adds) carry();
      else b.arithmetic('move', flag, value(0n));
      break;
    case 'VS':
      if (adds) {
        overflow(b, flag, result, flagged);
        signOf(b, flag, flagged);
      } else b.arithmetic('move', flag, value(0n));
      break;
    case 'HI':
      if (adds) {
        zero('notEqual', other);
        carry();
        b.arithmetic('and', flag, register(flag), register(other));
      } else b.arithmetic('move', flag, value(0n));
      break;
    case 'GE':
      negative();
      b.arithmetic('equal', flag, register(flag), value(0n));
      break;
    case 'GT':
      zero('notEqual', other);
      negative();
      b.arithmetic('bitClear', flag, register(other), register(flag));
  }
}

/** The sign bit of `flag` says whether a sum overflowed: both operands had the other sign. */
function overflow(b: CodeBuilder, flag: Register, result: Register, { left, right }: Flagged): void {
  const signs = b.scratch('signs');
  b.arithmetic('exclusiveOr', signs, left, register(result));
  b.arithmetic('exclusiveOr', flag, right, register(result));
  b.arithmetic('and', flag, register(flag), register(signs));
}

/** 1 when the sign bit is set, else 0. */
function signOf(b: CodeBuilder, flag: Register, flagged: Flagged): void {
  b.arithmetic('and', flag, register(flag), value(sign(flagged)));
  b.arithmetic('notEqual', flag, register(flag), value(0n));
}

function register(number: Register): Operand {
  return { kind: 'register', register: number };
}

function value(number: bigint): Operand {
  return { kind: 'value', value: number };
}
