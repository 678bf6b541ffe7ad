/** Values of a scenario in herd7's notation: numbers, addresses of variables, page table entries. */

import type { ValueId } from '../../../simulator/machine/values';
import type { Reach } from '../promela/reach';
import type { Variable, Variables } from './variables';

/** Bits of a level 3 page descriptor that herd7 has fields for (Arm ARM D8.3). */
const VALID = 1n;
const EL0 = 1n << 6n;
const READ_ONLY = 1n << 7n;
const ACCESS_FLAG = 1n << 10n;
const DIRTY_MODIFIER = 1n << 51n;

/** `(oa:PA(x), db:0)`: an entry of a variable. Attributes are the same everywhere, so they are not said. */
export function descriptorText(value: bigint, own: Variable, variables: Variables): string | undefined {
  if ((value & VALID) === 0n) return `(oa:PA(${own.name}), valid:0)`;
  const page = variables.ofFrame(value & 0xffff_ffff_f000n);
  if (page === undefined) return undefined;
  const fields = [`oa:PA(${page.name})`];
  if ((value & ACCESS_FLAG) === 0n) fields.push('af:0');
  if ((value & READ_ONLY) !== 0n) fields.push('db:0');
  if ((value & DIRTY_MODIFIER) !== 0n) fields.push('dbm:1');
  return `(${fields.join(', ')})`;
}

/** Whether herd7's default entry says the same. */
export function isOrdinary(value: bigint, own: Variable): boolean {
  const bits = VALID | ACCESS_FLAG | READ_ONLY | DIRTY_MODIFIER;
  return (value & bits) === (VALID | ACCESS_FLAG) && (value & 0xffff_ffff_f000n) === own.frame;
}

/** Differences of entries that herd7 has no field for. */
export function unsaidBits(a: bigint, b: bigint): bigint {
  const said = VALID | EL0 | READ_ONLY | ACCESS_FLAG | DIRTY_MODIFIER | 0xffff_ffff_f000n;
  return (a & VALID) !== 0n && (b & VALID) !== 0n ? (a ^ b) & ~said : 0n;
}

export function numberText(value: bigint): string {
  return value < 1n << 16n ? value.toString() : `0x${value.toString(16)}`;
}

/** `x`, `x[2]`: a word of a variable. */
export function wordText(
  { variable, index }: { readonly variable: Variable; readonly index: number },
  variables: Variables,
): string {
  return variables.isArray(variable) ? `${variable.name}[${index}]` : variable.name;
}

/** The values of an entry of a variable that are all the same to herd7 have one text. */
export function entryTexts(reach: Reach, own: Variable, variables: Variables): ReadonlyMap<ValueId, string> {
  const texts = new Map<ValueId, string>();
  for (const value of own.entry === undefined ? [] : reach.valuesOf(own.entry)) {
    const text = descriptorText(reach.values.get(value), own, variables);
    if (text !== undefined) texts.set(value, text);
  }
  return texts;
}
