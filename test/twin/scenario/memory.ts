/** Where a scenario's tables, pages and words are, and what its descriptors look like. */

import type { Cell, Content } from './scenario';

export const TOP = 0x5000n;
/** Level 2 tables. The second one has table 1 below. */
export const UPPER = [0x1000n, 0x6000n] as const;
export const TABLES = [0x2000n, 0x3000n] as const;
export const BLOCK = 0x40_0000n;
export const FRAMES = [0x1_0000n, 0x1_1000n] as const;
export const FLAGS = [0x2_0000n, 0x2_0008n] as const;
/** A page for allocations that nobody has used. */
export const FRESH = 0x3_0000n;
const PAGES = [0x20_0000n, 0x20_1000n] as const;
/** How much farther page 1 is away when the pages are apart: at the next level 2 entry. */
const APART = 0x20_0000n;
/** Physical memory as the program reaches it without translation. */
export const DIRECT = 1n << 40n;

const VALID = 1n;
const TABLE_OR_PAGE = 2n;
const EL0 = 1n << 6n;
export const READ_ONLY = 1n << 7n;
export const ACCESS_FLAG = 1n << 10n;
const DIRTY_MODIFIER = 1n << 51n;

export function cellAddress(cell: Cell): bigint {
  if ('pud' in cell) return TOP;
  return 'pmd' in cell ? UPPER[0] + 8n : TABLES[cell.table] + 8n * BigInt(cell.page);
}

export function descriptor(content: Content, page: 0 | 1): bigint {
  switch (content.kind) {
    case 'invalid':
      return 0n;
    case 'table':
      return TABLES[content.table] | TABLE_OR_PAGE | VALID;
    case 'upperTable':
      return UPPER[content.table] | TABLE_OR_PAGE | VALID;
    case 'block':
      return BLOCK | ACCESS_FLAG | VALID;
    case 'page': {
      const output = content.frame === 2 ? BLOCK + 0x1000n * BigInt(page) : FRAMES[content.frame];
      const clean = content.clean ? READ_ONLY | DIRTY_MODIFIER : 0n;
      const flags = (content.readOnly ? READ_ONLY : 0n) | (content.old ? 0n : ACCESS_FLAG) | clean;
      return output | VALID | TABLE_OR_PAGE | flags | (content.user ? EL0 : 0n);
    }
  }
}

export function pageAddress(page: 0 | 1, apart: boolean): bigint {
  return PAGES[page] + (apart && page === 1 ? APART : 0n);
}

/** Values that the words of the frames have at first: which frame a load has seen shows in its result. */
export function initialData(physical: bigint): bigint {
  const frame = FRAMES.indexOf((physical & ~0xfffn) as (typeof FRAMES)[number]);
  if (frame >= 0) return BigInt(frame + 1);
  return physical >= BLOCK && physical < BLOCK + 0x20_0000n ? 3n : 0n;
}
