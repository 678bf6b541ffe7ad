/** Memory as a walk through one CPU's code sees it: what the code itself wrote, over what was there at the start. */

import { type Descriptor, decodeDescriptor } from '../../../simulator/machine/descriptor';
import { entrySpan, type Level } from '../../../simulator/machine/granule';
import type { Path } from './path';
import { below, descriptorWord, type TablePlace } from './tables';
import type { Walker } from './walker';
import { isKnown, MASK64, type Word } from './word';

/** The 64-bit word at an aligned physical address, without asking what others may have stored there. */
export function ownWord(walker: Walker, path: Path, word: bigint): Word {
  const known = path.memory.get(word);
  if (known !== undefined) return path.resolve(known);
  const foreign = walker.foreign.has(word) && (path.waited || walker.context.kind !== 'program');
  if (!foreign) return walker.program.initialWord(word) & MASK64;
  const symbol = walker.symbols.fresh();
  path.memory.set(word, symbol);
  return symbol;
}

/** The same for a notice, which changes nothing: undefined where only a load would tell. */
export function knownWord(walker: Walker, path: Path, word: bigint): bigint | undefined {
  const known = path.memory.get(word);
  const value = known === undefined ? undefined : path.resolve(known);
  if (value !== undefined) return isKnown(value) ? value : undefined;
  const foreign = walker.foreign.has(word) && (path.waited || walker.context.kind !== 'program');
  return foreign ? undefined : walker.program.initialWord(word) & MASK64;
}

/** Values that a load may find because another code stored them; `unknown` is any. */
export function foreignValues(walker: Walker, path: Path, word: bigint): readonly bigint[] | 'unknown' {
  // What this way has learned of the word, or written to it, stays: one of the executions in which nobody interferes.
  if (path.memory.has(word)) return [];
  const stored = walker.foreign.get(word);
  if (stored === undefined) return [];
  if (stored === 'unknown') return 'unknown';
  const own = ownWord(walker, path, word);
  return stored.filter((value) => value !== own);
}

/** `bytes` bytes at a physical address. */
export function readBytes(walker: Walker, path: Path, physical: bigint, bytes: number): Word {
  const word = ownWord(walker, path, physical & ~7n);
  return bytes === 8 ? word : part(walker, word, physical, bytes);
}

function part(walker: Walker, word: Word, physical: bigint, bytes: number): Word {
  const shifted = walker.symbols.compute('shiftRight', [word, (physical & 7n) * 8n]);
  return walker.symbols.compute('and', [shifted, maskOf(bytes)]);
}

/** The word that is there once `bytes` bytes are written at a physical address. */
export function mergedWord(walker: Walker, path: Path, physical: bigint, bytes: number, value: Word): Word {
  if (bytes === 8) return value;
  const { symbols } = walker;
  const shift = (physical & 7n) * 8n;
  const kept = symbols.compute('bitClear', [ownWord(walker, path, physical & ~7n), maskOf(bytes) << shift]);
  const set = symbols.compute('shiftLeft', [symbols.compute('and', [value, maskOf(bytes)]), shift]);
  return symbols.compute('or', [kept, set]);
}

const maskOf = (bytes: number): bigint => (1n << BigInt(bytes * 8)) - 1n;

/** The place of the table in which a word of physical memory is a descriptor that walks may reach; else undefined. */
export function tableOf(walker: Walker, path: Path, word: bigint): { table: bigint; place: TablePlace } | undefined {
  const table = word & ~(walker.tables.pageBytes - 1n);
  const changed = path.tables.get(table);
  const place = changed === undefined ? walker.tables.initial.get(table) : (changed ?? undefined);
  return place && { table, place };
}

/** One descriptor on the way of a walk. */
export interface Visited {
  readonly word: bigint;
  readonly level: Level;
}

export type Translated =
  | {
      readonly kind: 'physical';
      readonly address: bigint;
      readonly direct: boolean;
      readonly visited: readonly Visited[];
    }
  | { readonly kind: 'fault'; readonly visited: readonly Visited[]; readonly descriptor: Descriptor }
  | { readonly kind: 'unknown' };

/** Where an access of this code to a virtual address goes, by the tables as the code itself left them. */
export function translate(walker: Walker, path: Path, virtual: bigint): Translated {
  for (const { virtualBase, physicalBase, bytes } of walker.program.translation.direct) {
    if (virtual >= virtualBase && virtual < virtualBase + bytes)
      return { kind: 'physical', address: virtual - virtualBase + physicalBase, direct: true, visited: [] };
  }
  const { tables } = walker;
  const { shape } = tables;
  if (virtual >> BigInt(shape.vaBits) !== MASK64 >> BigInt(shape.vaBits)) return { kind: 'unknown' };
  const visited: Visited[] = [];
  let table = tables.root;
  for (let level = shape.topLevel; level <= 3; level = (level + 1) as Level) {
    const word = descriptorWord(tables, table, level, virtual);
    visited.push({ word, level });
    const value = ownWord(walker, path, word);
    if (!isKnown(value)) return { kind: 'unknown' };
    const descriptor = decodeDescriptor(tables.format, level, value);
    if (descriptor.kind === 'table') {
      table = descriptor.nextTable;
      continue;
    }
    if (descriptor.kind !== 'leaf') return { kind: 'fault', visited, descriptor };
    const span = entrySpan(shape.granule, level);
    return {
      kind: 'physical',
      address: descriptor.outputAddress + (virtual & (span - 1n)),
      direct: false,
      visited,
    };
  }
  return { kind: 'unknown' };
}

/** The place of the table that a table descriptor in a word points to. */
export function placeBelow({ tables }: Walker, { table, place }: { table: bigint; place: TablePlace }, word: bigint) {
  return below(tables.shape, place, Number((word - table) / 8n));
}
