/**
 * TLBs, entry by entry. An entry may be filled from memory at any time, by way of memory or of a table that the same TLB
 * holds, and evicted at any time; only valid descriptors, leaves with their access flag set, are ever held (Arm ARM RRVJDB,
 * RFFWJK). A TLBI removes what it covers.
 */

import type { TlbiInstruction } from '../../../simulator/machine/program';
import { bytesAt, cellOf, meaning, regionAt } from './descriptor';
import { current } from './memory';
import type { Context } from './program';
import type { Region, TlbEntry, TwinState, Word } from './state';

/** A place where a walk may be: the table to look into, and what the tables above said. */
export interface WalkPlace {
  readonly level: number;
  readonly table: Word;
  readonly readOnly: boolean;
}

export function contains(region: Region, address: Word): boolean {
  return region.base <= address && address < region.base + region.bytes;
}

/** Where the walk of an address may be: at the root, or behind any table that the TLB holds. */
export function walkPlaces(context: Context, state: TwinState, cpu: number, address: Word): WalkPlace[] {
  const places: WalkPlace[] = [{ level: context.topLevel, table: context.root, readOnly: false }];
  for (const e of state.cpus[cpu]!.tlb)
    if (e.kind === 'table' && contains(e, address))
      places.push({ level: e.level + 1, table: e.output, readOnly: e.readOnly });
  return places;
}

/** Entries that the TLB of a CPU could be filled with now and does not hold. */
export function fillable(context: Context, state: TwinState, cpu: number): TlbEntry[] {
  const found: TlbEntry[] = [];
  const { tlb } = state.cpus[cpu]!;
  for (const page of context.pages[cpu]!)
    for (const place of walkPlaces(context, state, cpu, page)) {
      const entry = entryAt(context, state, place, page);
      if (entry !== undefined && !tlb.some((e) => same(e, entry)) && !found.some((e) => same(e, entry)))
        found.push(entry);
    }
  return found;
}

function entryAt(context: Context, state: TwinState, place: WalkPlace, address: Word): TlbEntry | undefined {
  const { level } = place;
  const what = meaning(current(context, state, cellOf(place.table, level, address)), level);
  if (what.kind === 'invalid' || (what.kind === 'leaf' && !what.accessFlag)) return undefined;
  const region = regionAt(level, address);
  const output = what.kind === 'table' ? what.table : what.output;
  const readOnly = place.readOnly || what.readOnly;
  const dirtyModifier = what.kind === 'leaf' && what.dirtyModifier && !place.readOnly;
  const unprivileged = what.kind === 'leaf' && what.unprivileged;
  const rights = `${unprivileged ? ' EL0' : ''}${readOnly ? ' read-only' : ''}${dirtyModifier ? ' DBM' : ''}`;
  const name = `${what.kind} ${level} ${hex(region.base)} to ${hex(output)}${rights}`;
  return { kind: what.kind, ...region, level, output, readOnly, unprivileged, dirtyModifier, name };
}

export function same(a: TlbEntry, b: TlbEntry): boolean {
  return a.name === b.name;
}

/** The TLB with one entry more, in the order of their names, so that equal TLBs print alike. */
export function insert(tlb: readonly TlbEntry[], entry: TlbEntry): TlbEntry[] {
  return [...tlb, entry].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Fills the TLB of every CPU with all that it could hold. */
export function fillAll(context: Context, state: TwinState): void {
  state.cpus.forEach((cpu, t) => {
    for (let found = fillable(context, state, t); found.length > 0; found = fillable(context, state, t))
      for (const entry of found) cpu.tlb = insert(cpu.tlb, entry);
  });
}

/** The VA range that a TLBI names; undefined: everything. Bits 43:0 of its operand are VA[55:12]. */
export function reachOf(i: TlbiInstruction, first: Word, last: Word): Region | undefined {
  if (i.scope === 'all') return undefined;
  const page = (operand: Word): number => Number(BigInt(operand) & 0xfff_ffff_ffffn);
  const base = page(first) * 4096;
  return { base, bytes: (i.scope === 'range' ? page(last) + 1 : page(first) + 1) * 4096 - base };
}

export function overlaps(reach: Region | undefined, region: Region): boolean {
  if (reach === undefined) return true;
  return reach.base < region.base + region.bytes && region.base < reach.base + reach.bytes;
}

/**
 * Whether a TLBI removes an entry. A level hint names the level of the leaf: entries of other leaves need not go, tables
 * above that level do.
 */
export function removes(i: TlbiInstruction, reach: Region | undefined, e: TlbEntry): boolean {
  if (!overlaps(reach, e)) return false;
  if (i.scope === 'all') return true;
  if (e.kind === 'table') return !i.leafOnly && (i.level === undefined || e.level < i.level);
  return i.level === undefined || e.level === i.level;
}

/** The first physical address of the byte that an entry translates an address to. */
export function translate(e: TlbEntry, address: Word): Word {
  return e.output + (address % bytesAt(e.level));
}

export function hex(value: Word): string {
  return value < 10 ? `${value}` : `0x${value.toString(16)}`;
}
