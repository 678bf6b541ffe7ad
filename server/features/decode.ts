/**
 * A 64-bit value in words: syndromes, descriptors, TLB invalidation operands, addresses. `hvo decode` and hover print
 * what this returns.
 */

import { type Granule, geometry, geometryProblem, type Level } from '../../simulator/machine/granule';
import type { KernelRelease } from '../../simulator/machine/kernelRelease';
import { decodeAddressFields } from './decodeAddress';
import { decodeDescriptorFields } from './decodeDescriptor';
import { decodeEsrFields, decodeParFields } from './decodeSyndrome';
import { decodeTlbiFields } from './decodeTlbi';

/** What can be decoded, with what it is. */
export const decodable = {
  esr: 'ESR_EL1, the syndrome of an exception',
  par: 'PAR_EL1, the result of an address translation instruction',
  pte: 'level 3 descriptor',
  pmd: 'level 2 descriptor',
  pud: 'level 1 descriptor',
  p4d: 'level 0 descriptor',
  tlbi: 'operand of a TLB invalidation by address, or by range',
  va: 'virtual address: table indices, and what Linux keeps there',
} as const;

export type Decodable = keyof typeof decodable;

export interface DecodeOptions {
  readonly granule: Granule;
  readonly vaBits: number;
  readonly release: KernelRelease;
  /** Start of DRAM as the kernel rounds it (memstart_addr). */
  readonly memstart: bigint;
  /** TCR_EL1.DS: descriptors with 52-bit addresses for 4K and 16K pages. */
  readonly ds: boolean;
  /** The TLBI operand is that of a range operation. */
  readonly range: boolean;
}

export const defaultDecodeOptions: DecodeOptions = {
  granule: '4K',
  vaBits: 48,
  release: 'v6.7',
  memstart: 0x4000_0000n,
  ds: false,
  range: false,
};

/** One line: a field of the value, its bits as a number, and what they mean. */
export interface DecodedField {
  readonly name: string;
  readonly value: string;
  readonly words: string;
}

export interface Decoded {
  readonly kind: 'decoded';
  readonly what: Decodable;
  readonly value: bigint;
  readonly title: string;
  readonly fields: readonly DecodedField[];
}

export interface DecodeProblem {
  readonly kind: 'problem';
  readonly message: string;
}

const descriptorLevels = { pte: 3, pmd: 2, pud: 1, p4d: 0 } as const satisfies Partial<Record<Decodable, Level>>;

/** Decodes a value; every 64-bit value has a decoding, so that only the options can be at fault. */
export function decode(what: Decodable, value: bigint, options: DecodeOptions): Decoded | DecodeProblem {
  const problem = geometryProblem(options.granule, options.vaBits);
  if (problem !== undefined) return { kind: 'problem', message: problem };
  const shown = `0x${value.toString(16).padStart(16, '0')}`;
  const decoded = (title: string, fields: readonly DecodedField[]): Decoded => {
    return { kind: 'decoded', what, value, title: `${title} ${shown}`, fields };
  };
  switch (what) {
    case 'esr':
      return decoded('ESR_EL1', decodeEsrFields(value, options.release));
    case 'par':
      return decoded('PAR_EL1', decodeParFields(value, options.release));
    case 'pte':
    case 'pmd':
    case 'pud':
    case 'p4d': {
      const level = descriptorLevels[what];
      const title = `${what.toUpperCase()} (level ${level}, ${options.granule} pages)`;
      return decoded(title, [...levelFields(level, options), ...decodeDescriptorFields(level, value, options)]);
    }
    case 'tlbi':
      return decoded(`TLBI operand by ${options.range ? 'range' : 'address'}`, decodeTlbiFields(value, options));
    case 'va':
      return decoded('virtual address', decodeAddressFields(value, options));
  }
}

/** A level that no table has, for the granule and the address size. */
function levelFields(level: Level, { granule, vaBits }: DecodeOptions): readonly DecodedField[] {
  const { topLevel } = geometry(granule, vaBits);
  if (level >= topLevel) return [];
  const words = `there is none with ${granule} pages and ${vaBits} bits: the top table is level ${topLevel}`;
  return [{ name: 'level', value: `${level}`, words }];
}

/** A decoded value as text: a title, then aligned fields. */
export function decodedText(decoded: Decoded): string {
  const width = (pick: (field: DecodedField) => string) =>
    Math.max(0, ...decoded.fields.map((field) => pick(field).length));
  const names = width((field) => field.name);
  const values = width((field) => field.value);
  const lines = decoded.fields.map(({ name, value, words }) => {
    return `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${words}`.trimEnd();
  });
  return `${[decoded.title, ...lines].join('\n')}\n`;
}

/**
 * Reads a value as people write or paste it: 0x… with or without underscores, 8 or 16 hexadecimal digits as kernel logs
 * print registers, otherwise decimal, also with its thousands apart (12_345_678). Undefined when it is none of these or does
 * not fit 64 bits.
 */
export function parseValue(text: string): bigint | undefined {
  const plain = text.trim().replaceAll('_', '');
  if (/^0x[0-9a-f]+$/i.test(plain)) return ofSize(BigInt(plain));
  const isGrouped = /^\d{1,3}(?:_\d{3})+$/.test(text.trim());
  if (!isGrouped && /^(?:[0-9a-f]{8}|[0-9a-f]{16})$/i.test(plain)) return BigInt(`0x${plain}`);
  return /^\d{1,40}$/.test(plain) ? ofSize(BigInt(plain)) : undefined;
}

const ofSize = (value: bigint): bigint | undefined => (value < 1n << 64n ? value : undefined);

/** Why a text is no value, as a sentence that says what to write. */
export function valueProblem(text: string): string {
  const plain = text.trim().replaceAll('_', '');
  const negative = /^-(0x[0-9a-f]{1,16}|\d{1,19})$/i.exec(plain)?.[1];
  if (negative !== undefined)
    return `"${text}" is negative; the values are unsigned: write 0x${BigInt.asUintN(64, -BigInt(negative)).toString(16)}`;
  if (/^(?:0x)?[0-9a-f]{9,}$/i.test(plain))
    return /[a-f]|0x/i.test(plain) && !/^0x/i.test(plain)
      ? `"${text}" has ${plain.length} hexadecimal digits; paste 8 or 16 of them, or write 0x${plain}`
      : `"${text}" does not fit 64 bits`;
  return `"${text}" is no 64-bit value; write 0x… or decimal, or paste 8 or 16 hexadecimal digits`;
}
