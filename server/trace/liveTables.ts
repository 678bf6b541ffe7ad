/** Which pages are translation tables: linked below a root, or unlinked while walks may still go through them. */

import { decodeDescriptor } from '../../simulator/machine/descriptor';
import { type EntryEvent, missingSteps, stepEntry } from '../../simulator/machine/entryProtocol';
import type { MissingStep } from '../../simulator/machine/flushSequence';
import { descriptorBytes, entriesPerTable, type Level } from '../../simulator/machine/granule';
import {
  entriesInUse,
  entryName,
  entryOf,
  hex,
  MAX_TABLE_PAGES,
  pageAt,
  pageBytesOf,
  type Root,
  report,
  setState,
  stateOf,
  type TablePage,
  type TraceMachine,
} from './traceMachine';

/** Makes a root, and all tables that it leads to, tables that may be walked. */
export function linkRoot(machine: TraceMachine, at: number, root: Root): void {
  const { shape, address } = root;
  machine.roots.push(root);
  link(machine, {
    root,
    address,
    level: shape.startLevel,
    first: shape.first,
    entries: shape.rootEntries,
    linkedAt: at,
  });
}

/** Links the table that a table descriptor at an entry points to, if it is one, and everything below. */
export function linkBelow(machine: TraceMachine, at: number, page: TablePage, address: bigint): void {
  const target = tableBelow(machine, page, address);
  if (target === undefined) return;
  const existing = pageAt(machine, target);
  if (existing?.unlinkedAt !== undefined && existing.parent === address && existing.address === target) {
    relink(machine, existing);
    return;
  }
  link(machine, {
    root: page.root,
    address: target,
    level: (page.level + 1) as Level,
    first: entryOf(machine, page, address).place.first,
    entries: entriesPerTable(page.root.shape.format.granule),
    parent: address,
    linkedAt: at,
  });
}

/** The table that was below an entry is no longer linked; what its entries gave stays in TLBs until it is invalidated. */
export function unlinkBelow(machine: TraceMachine, table: bigint, entry: bigint, event: EntryEvent): void {
  const page = pageAt(machine, table);
  if (page === undefined || page.parent !== entry || page.unlinkedAt !== undefined) return;
  setPage(machine, { ...page, unlinkedAt: event.at });
  for (const address of [...entriesInUse(machine, page)]) {
    const below = tableBelow(machine, page, address);
    const { state } = stepEntry(entryOf(machine, page, address), stateOf(machine, address), { ...event, ...vanishes });
    setState(machine, address, state);
    if (below !== undefined) unlinkBelow(machine, below, address, event);
  }
}

const vanishes = { kind: 'write', value: 0n } as const;

/** Forgets the unlinked tables that nothing can walk any more. */
export function forgetFlushedTables(machine: TraceMachine): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const page of [...machine.unlinked.values()]) {
      const reached =
        page.parent !== undefined && (machine.unflushed.has(page.parent) || isUnlinked(machine, page.parent));
      if (reached || unflushedIn(machine, page) !== undefined) continue;
      removePage(machine, page);
      changed = true;
    }
  }
}

/** Removes all tables of a root. */
export function unlinkRoot(machine: TraceMachine, root: Root): void {
  for (const page of new Set(machine.pages.values())) {
    if (page.root !== root) continue;
    for (const address of [...entriesInUse(machine, page)]) machine.unflushed.delete(address);
    removePage(machine, page);
  }
  machine.roots.splice(machine.roots.indexOf(root), 1);
}

/** What is still missing before nothing can walk an unlinked table, or an entry of a table is out of every TLB. */
export function missingFor(machine: TraceMachine, page: TablePage, before: number): Unfinished | undefined {
  const own = unflushedIn(machine, page);
  const at = page.parent !== undefined && machine.unflushed.has(page.parent) ? page.parent : own;
  if (at === undefined) return undefined;
  const inside = pageAt(machine, at);
  const flush = stateOf(machine, at).flush;
  if (inside === undefined || flush === null) return undefined;
  const missing = missingSteps(entryOf(machine, inside, at), flush, before);
  return { name: entryName(inside, at), since: flush.since, missing };
}

export interface Unfinished {
  /** The entry that is not flushed. */
  readonly name: string;
  readonly since: number;
  readonly missing: readonly MissingStep[];
}

/** The unlinked tables that hang below an entry. */
export function unlinkedBelow(machine: TraceMachine, entry: bigint): TablePage[] {
  const direct = [...machine.unlinked.values()].filter((page) => page.parent === entry);
  return direct.flatMap((page) => [
    page,
    ...[...entriesInUse(machine, page)].flatMap((address) => unlinkedBelow(machine, address)),
  ]);
}

/** The next table that an entry points to, as memory has it. */
export function tableBelow(machine: TraceMachine, page: TablePage, address: bigint): bigint | undefined {
  const descriptor = decodeDescriptor(page.root.shape.format, page.level, machine.memory.get(address) ?? 0n);
  return descriptor.kind === 'table' ? descriptor.nextTable : undefined;
}

function link(machine: TraceMachine, page: TablePage): void {
  if (machine.pages.size >= MAX_TABLE_PAGES) {
    machine.unsupported.push({ at: page.linkedAt, feature: `more than ${MAX_TABLE_PAGES} table pages` });
    return;
  }
  const frames = framesOf(page);
  const taken = frames.map((frame) => machine.pages.get(frame)).find((other) => other !== undefined);
  if (taken) {
    reportTaken(machine, page, taken);
    return;
  }
  setPage(machine, page);
  for (const address of [...entriesInUse(machine, page)]) linkBelow(machine, page.linkedAt, page, address);
}

function reportTaken(machine: TraceMachine, page: TablePage, taken: TablePage): void {
  const at = page.linkedAt;
  if (taken.unlinkedAt === undefined) {
    const message = `table ${hex(page.address)} is linked a second time; one page may be the table of one entry only`;
    report(machine, at, 'table-in-two-places', message, { related: [{ at: taken.linkedAt, message: 'linked here' }] });
    return;
  }
  const unfinished = missingFor(machine, taken, at);
  const message = `table ${hex(page.address)} is linked while walks may still go through it where it was before${
    unfinished ? `, by ${unfinished.name}` : ''
  }`;
  const related = [{ at: taken.unlinkedAt, message: 'unlinked here' }];
  report(machine, at, 'table-in-two-places', message, { missing: unfinished?.missing ?? [], related });
}

function relink(machine: TraceMachine, page: TablePage): void {
  const { unlinkedAt: _, ...linked } = page;
  setPage(machine, linked);
  for (const address of [...entriesInUse(machine, linked)]) {
    const value = machine.memory.get(address) ?? 0n;
    setState(machine, address, { ...stateOf(machine, address), value });
    const below = tableBelow(machine, linked, address);
    const child = below === undefined ? undefined : pageAt(machine, below);
    if (child?.unlinkedAt !== undefined && child.parent === address) relink(machine, child);
  }
}

function unflushedIn(machine: TraceMachine, page: TablePage): bigint | undefined {
  if (machine.unflushed.size < page.entries) {
    return [...machine.unflushed.keys()].find((at) => at >= page.address && at < page.address + pageBytesOf(page));
  }
  return [...entriesInUse(machine, page)].find((address) => machine.unflushed.has(address));
}

function isUnlinked(machine: TraceMachine, entry: bigint): boolean {
  return pageAt(machine, entry)?.unlinkedAt !== undefined;
}

function setPage(machine: TraceMachine, page: TablePage): void {
  for (const frame of framesOf(page)) machine.pages.set(frame, page);
  if (page.unlinkedAt === undefined) machine.unlinked.delete(page.address);
  else machine.unlinked.set(page.address, page);
}

function removePage(machine: TraceMachine, page: TablePage): void {
  for (const frame of framesOf(page)) machine.pages.delete(frame);
  machine.unlinked.delete(page.address);
}

/** The 4 KiB frames that a table covers. */
function framesOf(page: TablePage): bigint[] {
  const frames: bigint[] = [];
  const end = page.address + BigInt(page.entries) * descriptorBytes;
  for (let frame = page.address >> 12n; frame << 12n < end; frame++) frames.push(frame);
  return frames;
}
