/** Descriptors of the 4K granule (Arm ARM D8.3), decoded from the bits, and where a walk finds them. */

import type { Region, Word } from './state';

export type Meaning =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'table'; readonly table: Word; readonly readOnly: boolean }
  | {
      readonly kind: 'leaf';
      readonly output: Word;
      readonly readOnly: boolean;
      /** AP[1]. */
      readonly unprivileged: boolean;
      readonly accessFlag: boolean;
      readonly dirtyModifier: boolean;
    };

/** What a descriptor says at its level: level 3 has pages, levels 1 and 2 blocks and tables, level 0 tables. */
export function meaning(value: Word, level: number): Meaning {
  const raw = BigInt(value);
  const low = Number(raw & 3n);
  if (low === 0 || low === 2) return { kind: 'invalid' };
  const output = Number(raw & 0xffff_ffff_f000n);
  if (low === 3 && level < 3) return { kind: 'table', table: output, readOnly: (raw & (1n << 62n)) !== 0n };
  if (low === 1 && (level === 3 || level < 1)) return { kind: 'invalid' };
  return {
    kind: 'leaf',
    output: output - (output % bytesAt(level)),
    readOnly: (raw & 128n) !== 0n,
    unprivileged: (raw & 64n) !== 0n,
    accessFlag: (raw & 1024n) !== 0n,
    dirtyModifier: (raw & (1n << 51n)) !== 0n,
  };
}

/** A leaf after the hardware has set its access flag and, with `dirty`, made it writable (FEAT_HAFDBS). */
export function updated(value: Word, dirty: boolean): Word {
  const accessed = BigInt(value) | 1024n;
  return Number(dirty ? accessed & ~128n : accessed);
}

/** Bytes of VA that one entry of a level covers. */
export function bytesAt(level: number): Word {
  return 4096 * 512 ** (3 - level);
}

export function regionAt(level: number, address: Word): Region {
  const bytes = bytesAt(level);
  return { base: address - (address % bytes), bytes };
}

/** Physical address of the descriptor of an address in a table of a level. */
export function cellOf(table: Word, level: number, address: Word): Word {
  return table + 8 * (Math.floor(address / bytesAt(level)) % 512);
}
