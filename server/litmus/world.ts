/**
 * The concrete world of a litmus test. Each variable has a page of virtual addresses, a page of physical memory, and a
 * level 3 table of its own whose first entry maps the one to the other; the tables above never change. Entries are read
 * and written through a direct mapping of physical memory, which is not translated, as herd7 has it.
 */

import type { Translation } from '../../simulator/machine/program';

/** Variables that a test may have: one level 2 table leads to as many level 3 tables. */
export const MAX_VARIABLES = 512;

/** Where everything lies. 4K pages, 48-bit virtual addresses of the upper half (TTBR1). */
const layout = {
  direct: 0xffff_0000_0000_0000n,
  directBytes: 1n << 40n,
  virtual: 0xffff_8000_0000_0000n,
  /** One level 2 entry. */
  stride: 1n << 21n,
  page: 1n << 12n,
  level0: 0x4000_0000n,
  level1: 0x4000_1000n,
  level2: 0x4000_2000n,
  level3: 0x4010_0000n,
  frames: 0x8000_0000n,
  /** Labels: the address of instruction i of thread t is code + t * codeStride + 4 * i. */
  code: 0xffff_a000_0000_0000n,
  codeStride: 1n << 24n,
} as const;

/** The output address of a descriptor that names none: no variable has this page. */
export const nowhere = 0x7fff_f000n;

/** Bits of a table descriptor: valid, table. */
const TABLE = 3n;

export interface Page {
  readonly name: string;
  /** Virtual address of the variable. */
  readonly address: bigint;
  /** Physical address of its page. */
  readonly frame: bigint;
  /** Physical and virtual (direct) address of its page table entry. */
  readonly entryFrame: bigint;
  readonly entryAddress: bigint;
}

/** The pages of the variables of a test, in the order of their first mention. */
export function placePages(names: readonly string[]): ReadonlyMap<string, Page> {
  return new Map(
    names.map((name, i) => {
      const entryFrame = layout.level3 + BigInt(i) * layout.page;
      const page: Page = {
        name,
        address: layout.virtual + BigInt(i) * layout.stride,
        frame: layout.frames + BigInt(i) * layout.page,
        entryFrame,
        entryAddress: layout.direct + entryFrame,
      };
      return [name, page];
    }),
  );
}

export const translation: Translation = {
  granule: '4K',
  virtualAddressBits: 48,
  root: layout.level0,
  direct: [{ virtualBase: layout.direct, physicalBase: 0n, bytes: layout.directBytes }],
};

/** From the address of an entry to the TLBI operand (VA bits 55:12) of the page that it maps: ((entry - firstEntry) >> entryShift << pageShift) + firstPage. */
export const entryToPage = {
  firstEntry: layout.direct + layout.level3,
  entryShift: 12n,
  pageShift: 9n,
  firstPage: (layout.virtual >> 12n) & ((1n << 44n) - 1n),
} as const;

/** Initial memory: the constant tables, then the entries and data of `words`, then zero. */
export function initialMemory(words: ReadonlyMap<bigint, bigint>): (physicalAddress: bigint) => bigint {
  const first = layout.level0 + ((layout.virtual >> 39n) & 511n) * 8n;
  return (physicalAddress) => {
    const known = words.get(physicalAddress);
    if (known !== undefined) return known;
    if (physicalAddress === first) return layout.level1 | TABLE;
    if (physicalAddress === layout.level1) return layout.level2 | TABLE;
    const index = (physicalAddress - layout.level2) / 8n;
    if (physicalAddress >= layout.level2 && index < MAX_VARIABLES) return (layout.level3 + index * layout.page) | TABLE;
    return 0n;
  };
}

/** The value of a label, and so what ADR gives: an address in the thread's code. */
export function codeAddress(thread: number, index: number): bigint {
  return layout.code + BigInt(thread) * layout.codeStride + BigInt(index) * 4n;
}

/** The thread and code index that an address in the code stands for. */
export function codeIndexOf(value: bigint): { thread: number; index: number } | undefined {
  const offset = value - layout.code;
  if (offset < 0n || offset >= layout.codeStride * 16n || offset % 4n !== 0n) return undefined;
  return { thread: Number(offset / layout.codeStride), index: Number((offset % layout.codeStride) / 4n) };
}
