/** Whether an old and a new value of an entry lead to the same bytes, as far as a walk knows. */

import { decodeDescriptor } from '../../../simulator/machine/descriptor';
import type { Entry } from '../../../simulator/machine/entryProtocol';
import { descriptorBytes, entriesPerTable, entrySpan, type Level } from '../../../simulator/machine/granule';
import { ownWord } from './memory';
import type { Path } from './path';
import type { Walker } from './walker';
import { isKnown } from './word';

/**
 * Whether two pages hold the same bytes, as far as this code knows; what it does not know is taken to be the same. Words
 * that nobody accesses in any page are left out, as copies of pages leave them out. Undefined when they are not two leaves.
 */
export function equalContents(
  walker: Walker,
  path: Path,
  entry: Entry,
  old: bigint,
  value: bigint,
): boolean | undefined {
  const { level } = entry.place;
  const from = decodeDescriptor(entry.format, level, old);
  const to = decodeDescriptor(entry.format, level, value);
  if (from.kind !== 'leaf' || to.kind !== 'leaf') return undefined;
  if (from.outputAddress === to.outputAddress) return true;
  // Larger leaves are never remapped read-only; saying that they differ is on the safe side.
  if (level !== 3) return false;
  walker.comparesPages = true;
  for (const offset of walker.offsets) {
    const a = ownWord(walker, path, from.outputAddress + offset);
    const b = ownWord(walker, path, to.outputAddress + offset);
    if (isKnown(a) && isKnown(b) && a !== b) return false;
  }
  return true;
}

/**
 * Whether a block and a table map the same pages with the same attributes, by the entries that were filled in. Undefined
 * when they are not a block and a table.
 */
export function equalMapping(
  walker: Walker,
  path: Path,
  entry: Entry,
  old: bigint,
  value: bigint,
): boolean | undefined {
  const { level } = entry.place;
  const { granule } = walker.tables.shape;
  const descriptors = [old, value].map((raw) => decodeDescriptor(entry.format, level, raw));
  const block = descriptors.find((one) => one.kind === 'leaf');
  const table = descriptors.find((one) => one.kind === 'table');
  if (block?.kind !== 'leaf' || table?.kind !== 'table') return undefined;
  const below = (level + 1) as Level;
  for (let i = 0; i < entriesPerTable(granule); i++) {
    const word = ownWord(walker, path, table.nextTable + BigInt(i) * descriptorBytes);
    if (!isKnown(word)) return true;
    // The library leaves out entries that nobody looks at.
    if (word === 0n) continue;
    const leaf = decodeDescriptor(entry.format, below, word);
    if (leaf.kind !== 'leaf' || leaf.outputAddress !== block.outputAddress + BigInt(i) * entrySpan(granule, below))
      return false;
    if (attributesOf(leaf.raw) !== attributesOf(block.raw)) return false;
  }
  // A table without entries is another mistake than one that maps something else.
  return true;
}

/** Attribute bits that a block and a page share; not its address, type, nT, Contiguous and software bits. */
function attributesOf(raw: bigint): bigint {
  return raw & ~(((1n << 48n) - 1n) & ~0xfffn) & ~0b11n & ~(1n << 52n) & ~(0xfn << 55n);
}
