/** What is known while a trace is read: memory, the tables that CPUs may walk, their entries in flux, locks, registers. */

import { type Entry, type EntryState, settledEntry } from '../../simulator/machine/entryProtocol';
import type { MissingStep } from '../../simulator/machine/flushSequence';
import { descriptorBytes, entrySpan, type Level } from '../../simulator/machine/granule';
import type { BbmLevel } from '../../simulator/machine/program';
import type { RootRegister, TableShape } from './translationRegisters';

/** The tables of one address space, from the moment when a register first points to them. */
export interface Root {
  readonly register: RootRegister;
  readonly address: bigint;
  readonly shape: TableShape;
  /** VMID or ASID. */
  readonly identifier: number;
  readonly registeredAt: number;
}

/** A table that walks may go through: linked, or unlinked and not yet flushed. */
export interface TablePage {
  readonly root: Root;
  readonly address: bigint;
  readonly level: Level;
  /** The first input address. */
  readonly first: bigint;
  readonly entries: number;
  /** The address of the entry that points to it; absent for a root. */
  readonly parent?: bigint;
  readonly linkedAt: number;
  readonly unlinkedAt?: number;
}

export interface Thread {
  /** What each root register of the CPU points to. */
  readonly roots: Map<string, Root>;
  /** Inside the hypervisor, where its registers count. */
  inContext: boolean;
}

export interface HeldLock {
  readonly thread: number;
  readonly times: number;
  readonly since: number;
  /** The last writes to two entries that it guards, newest first, since it was taken or since a DSB of its holder. */
  readonly written?: readonly { readonly at: number; readonly address: bigint }[];
}

export interface TraceFinding {
  readonly code: TraceCode;
  /** A warning does not make a trace a rejected one. */
  readonly severity: 'error' | 'warning';
  /** Index of the record. */
  readonly at: number;
  readonly message: string;
  readonly missing: readonly MissingStep[];
  readonly related: readonly { readonly at: number; readonly message: string }[];
}

/** What can be wrong with a trace; docs/trace.md says what each means. */
export const traceCodes = [
  'no-break',
  'make-too-early',
  'release-too-early',
  'unlock-in-window',
  'table-in-two-places',
  'table-in-use',
  'write-to-unlinked-table',
  'unaligned-write',
  'no-lock',
  'lock-not-held',
  'lock-order',
  'unordered-write',
  'identifier-shared',
  'identifier-changed',
  'identifier-reserved',
  'control-register',
] as const;
export type TraceCode = (typeof traceCodes)[number];

export interface TraceMachine {
  readonly bbm: BbmLevel;
  /** Aligned 64-bit words that the trace wrote; the rest is 0. */
  readonly memory: Map<bigint, bigint>;
  readonly roots: Root[];
  /** By address >> 12 of each 4 KiB that a table covers. */
  readonly pages: Map<bigint, TablePage>;
  /** Those of them that are unlinked, by their address. */
  readonly unlinked: Map<bigint, TablePage>;
  /** Entries whose old value TLBs may hold, by address; all others are as memory has them. */
  readonly unflushed: Map<bigint, EntryState>;
  readonly registers: Map<string, bigint>;
  readonly threads: Map<number, Thread>;
  readonly locks: Map<bigint, HeldLock>;
  /** The lock that guards the tables of a root, by the root's address. */
  readonly rootLocks: Map<bigint, bigint>;
  /** Entries that one thread may write without the lock. */
  readonly threadOwners: Map<bigint, number>;
  readonly findings: TraceFinding[];
  /** What the trace uses and the checker does not know: from there on its verdict says nothing. */
  readonly unsupported: { readonly at: number; readonly feature: string }[];
}

/** Each of these growths has a bound; past it the verdict is `unsupported`, and says why. */
export const MAX_TABLE_PAGES = 65_536;
export const MAX_TRACE_FINDINGS = 200;
export const MAX_SET_BYTES = 64n << 20n;

export function newTraceMachine(bbm: BbmLevel): TraceMachine {
  return {
    bbm,
    memory: new Map(),
    roots: [],
    pages: new Map(),
    unlinked: new Map(),
    unflushed: new Map(),
    registers: new Map(),
    threads: new Map(),
    locks: new Map(),
    rootLocks: new Map(),
    threadOwners: new Map(),
    findings: [],
    unsupported: [],
  };
}

export function report(
  machine: TraceMachine,
  at: number,
  code: TraceCode,
  message: string,
  more: Partial<Pick<TraceFinding, 'severity' | 'missing' | 'related'>> = {},
): void {
  if (machine.findings.length >= MAX_TRACE_FINDINGS) return;
  machine.findings.push({ code, severity: 'error', at, message, missing: [], related: [], ...more });
}

export function threadOf(machine: TraceMachine, id: number): Thread {
  const known = machine.threads.get(id);
  if (known) return known;
  const thread: Thread = { roots: new Map(), inContext: true };
  machine.threads.set(id, thread);
  return thread;
}

/** The table that an address is in. */
export function pageAt(machine: TraceMachine, address: bigint): TablePage | undefined {
  const page = machine.pages.get(address >> 12n);
  const inside = page && address >= page.address && address < page.address + pageBytesOf(page);
  return inside ? page : undefined;
}

export function pageBytesOf(page: TablePage): bigint {
  return BigInt(page.entries) * descriptorBytes;
}

/** Addresses of the entries of a table whose value is not 0, or that are not flushed. */
export function* entriesInUse(machine: TraceMachine, page: TablePage): Generator<bigint> {
  for (let index = 0; index < page.entries; index++) {
    const address = page.address + BigInt(index) * descriptorBytes;
    if (machine.unflushed.has(address) || machine.memory.has(address)) yield address;
  }
}

export function entryOf(machine: TraceMachine, page: TablePage, address: bigint): Entry {
  const { register, shape, identifier } = page.root;
  const span = entrySpan(shape.format.granule, page.level);
  const first = page.first + ((address - page.address) / descriptorBytes) * span;
  const tag = register.identifier === 'VMID' ? { vmid: identifier } : { asid: identifier };
  return {
    place: {
      stage: register.stage,
      regime: register.regime,
      level: page.level,
      first,
      last: first + span - 1n,
      ...tag,
    },
    format: shape.format,
    bbm: machine.bbm,
    // A trace does not show what the hardware writes, so a clear access flag proves nothing.
    hardwareAccessFlag: true,
    hardwareDirty: shape.hardwareDirty,
  };
}

export function stateOf(machine: TraceMachine, address: bigint): EntryState {
  return machine.unflushed.get(address) ?? settledEntry(machine.memory.get(address) ?? 0n);
}

export function setState(machine: TraceMachine, address: bigint, state: EntryState): void {
  if (state.flush) machine.unflushed.set(address, state);
  else machine.unflushed.delete(address);
}

export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** "entry 0x240008 (level 1 of the stage 2 tables at 0x23f000)" */
export function entryName(page: TablePage, address: bigint): string {
  return `entry ${hex(address)} (level ${page.level} of the ${page.root.register.tables} tables at ${hex(page.root.address)})`;
}
