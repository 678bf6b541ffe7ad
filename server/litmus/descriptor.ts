/**
 * herd7's page table entries and 64-bit level 3 page descriptors, both ways (Arm ARM D8.3: valid bit 0, AttrIndx bits
 * 4:2, AP[1] bit 6, AP[2] bit 7, AF bit 10, DBM bit 51, output address bits 47:12).
 */

import { ordinaryDescriptor } from './parseConstant';
import type { Bit, Descriptor } from './test';

export const OUTPUT_MASK = 0x0000_ffff_ffff_f000n;
const VALID = 1n;
const PAGE = 1n << 1n;
const EL0 = 1n << 6n;
const READ_ONLY = 1n << 7n;
const ACCESS_FLAG = 1n << 10n;
const DIRTY_MODIFIER = 1n << 51n;
const ATTRIBUTES_SHIFT = 2n;
const ATTRIBUTES_MASK = 7n << ATTRIBUTES_SHIFT;

/** AttrIndx has three bits, and 0 stands for the usual attributes. */
export const MAX_ATTRIBUTE_SETS = 7;

/** The sets of attributes that a test names, as written in one string each; index i is AttrIndx i + 1. */
export type AttributeSets = readonly string[];

export function attributeKey(descriptor: Descriptor): string {
  return descriptor.attributes.join(', ');
}

/** The descriptor with an output address in place; attributes that the test never named do not occur. */
export function encodeDescriptor(descriptor: Descriptor, output: bigint, sets: AttributeSets): bigint {
  const attributes = BigInt(sets.indexOf(attributeKey(descriptor)) + 1);
  return (
    PAGE |
    (descriptor.valid ? VALID : 0n) |
    (attributes << ATTRIBUTES_SHIFT) |
    (descriptor.el0 ? EL0 : 0n) |
    (descriptor.db ? 0n : READ_ONLY) |
    (descriptor.af ? ACCESS_FLAG : 0n) |
    (descriptor.dbm ? DIRTY_MODIFIER : 0n) |
    (output & OUTPUT_MASK)
  );
}

/** The fields of a value that has the form of a descriptor; undefined for any other value. */
export function decodeDescriptor(value: bigint, sets: AttributeSets): Descriptor | undefined {
  const known = VALID | PAGE | ATTRIBUTES_MASK | EL0 | READ_ONLY | ACCESS_FLAG | DIRTY_MODIFIER | OUTPUT_MASK;
  if ((value & PAGE) === 0n || (value & ~known) !== 0n) return undefined;
  const set = Number((value & ATTRIBUTES_MASK) >> ATTRIBUTES_SHIFT);
  const attributes = set === 0 ? [] : sets[set - 1]?.split(', ');
  if (attributes === undefined) return undefined;
  const bit = (mask: bigint): Bit => ((value & mask) !== 0n ? 1 : 0);
  return {
    valid: bit(VALID),
    af: bit(ACCESS_FLAG),
    db: bit(READ_ONLY) ? 0 : 1,
    dbm: bit(DIRTY_MODIFIER),
    el0: bit(EL0),
    attributes,
  };
}

/** As herd7 prints it: fields that are as usual are left out. */
export function describeDescriptor(descriptor: Descriptor): string {
  const fields: string[] = descriptor.output === undefined ? [] : [`oa:PA(${descriptor.output})`];
  for (const field of ['af', 'db', 'dbm', 'valid', 'el0'] as const) {
    if (descriptor[field] !== ordinaryDescriptor[field]) fields.push(`${field}:${descriptor[field]}`);
  }
  fields.push(...descriptor.attributes);
  return fields.length === 0 ? '(valid:1)' : `(${fields.join(', ')})`;
}
