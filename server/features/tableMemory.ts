/** Physical memory of a recorded walk: the descriptors that its tables list, and zero elsewhere. */

import { descriptorAddress } from '../../simulator/machine/descriptor';
import { entriesPerTable } from '../../simulator/machine/granule';
import type { Shape } from './fieldNames';
import { objectField, objectsField, refuse, word, wordField } from './jsonLines';

/** Physical addresses from here on belong to nothing: an access, of the walk or of its result, is aborted. */
export const nothingAnswersFrom = 0x1000_0000_0000n;

/** Whether memory or a device answers at a physical address. */
export function answers(pa: bigint): boolean {
  return pa < nothingAnswersFrom;
}

/** Reads a descriptor from listed tables. */
export function readFrom(words: ReadonlyMap<bigint, bigint>, pa: bigint): bigint | 'external-abort' {
  return answers(pa) ? (words.get(pa) ?? 0n) : 'external-abort';
}

/** Entries of the largest table, that of the 64K granule. */
const largestTable = entriesPerTable('64K');

/** Fields of a table. */
export const tableShape: Shape = { pa: true, entries: true };

/** The `tables` field: `[{"pa": "0x…", "entries": {"5": "0x…"}}]`, as words by physical address. */
export function tableWords(from: Readonly<Record<string, unknown>>): Map<bigint, bigint> {
  const words = new Map<bigint, bigint>();
  for (const table of objectsField(from, 'tables')) {
    const base = wordField(table, 'pa');
    for (const [index, value] of Object.entries(objectField(table, 'entries'))) {
      if (!/^\d{1,4}$/.test(index) || Number(index) >= largestTable) {
        refuse(`"entries": expected an index below ${largestTable}, such as "5", found "${index.slice(0, 40)}"`);
      }
      words.set(descriptorAddress(base, Number(index)), word(value, `entries.${index}`));
    }
  }
  return words;
}
