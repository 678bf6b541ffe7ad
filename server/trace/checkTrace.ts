/**
 * Checks a trace: the locks of its page tables, and break-before-make of every entry of every table that a CPU may walk,
 * with the automaton that the rules over program text use too.
 */

import { type EntryEvent, stepEntry } from '../../simulator/machine/entryProtocol';
import type { BarrierType, BbmLevel, Domain } from '../../simulator/machine/program';
import { reportEntry, writeMemory } from './entryWrites';
import { forgetFlushedTables } from './liveTables';
import type { DsbKind, Trace, TraceRecord } from './record';
import { enterContext, writeRegister } from './rootSwitch';
import { orderWrites, releaseLock, takeLock, unflushedUnder } from './tableLocks';
import { giveAwayRange, releaseTable } from './tableRelease';
import { readTlbi } from './tlbiOperations';
import {
  entryOf,
  MAX_SET_BYTES,
  newTraceMachine,
  pageAt,
  setState,
  stateOf,
  type TraceFinding,
  type TraceMachine,
  threadOf,
} from './traceMachine';

export interface TraceVerdict {
  /** `unsupported`: up to what is not known to the checker nothing is wrong, and after it nothing can be said. */
  readonly verdict: 'accept' | 'reject' | 'unsupported';
  readonly findings: readonly TraceFinding[];
  /** Index of the record, and what it uses. */
  readonly unsupported: readonly { readonly at: number; readonly feature: string }[];
  /** How many address spaces the trace has tables of: with none there was nothing to check. */
  readonly roots: number;
}

/** Checks the records in their order. `bbm` is the FEAT_BBM level of the CPUs. */
export function checkTrace(trace: Trace, bbm: BbmLevel): TraceVerdict {
  const machine = newTraceMachine(bbm);
  let roots = 0;
  for (const [at, record] of trace.records.entries()) {
    const before = machine.roots.length;
    step(machine, at, record);
    roots += Math.max(0, machine.roots.length - before);
  }
  const { findings, unsupported } = machine;
  const verdict = verdictOf(findings.find((finding) => finding.severity === 'error')?.at, unsupported[0]?.at);
  return { verdict, findings, unsupported, roots };
}

/** By the first error and the first record that is not known; what comes first counts. */
function verdictOf(error: number | undefined, unknown: number | undefined): TraceVerdict['verdict'] {
  if (unknown !== undefined) return error !== undefined && error < unknown ? 'reject' : 'unsupported';
  return error === undefined ? 'accept' : 'reject';
}

function step(machine: TraceMachine, at: number, record: TraceRecord): void {
  const { thread } = record;
  switch (record.kind) {
    case 'mem-write':
      writeMemory(machine, at, thread, record.address, record.value, record.order === 'plain');
      return;
    case 'mem-read':
      return;
    case 'mem-init':
      fill(machine, at, thread, record.address, record.size, 0n);
      return;
    case 'mem-set':
      fill(machine, at, thread, record.address, record.size, (record.value & 0xffn) * 0x0101_0101_0101_0101n);
      return;
    case 'mem-free':
      giveAwayRange(machine, at, record.address, record.size, 'freed');
      return;
    case 'dsb':
      stepUnflushed(machine, { at, cpu: thread, kind: 'dsb', ...dsbOf(record.dsb) });
      orderWrites(machine, thread);
      forgetFlushedTables(machine);
      return;
    case 'isb':
      return;
    case 'tlbi':
      invalidate(machine, at, record);
      return;
    case 'sysreg-write':
      writeRegister(machine, at, thread, record.register, record.value);
      return;
    case 'hint':
      hint(machine, at, record);
      return;
    case 'lock':
    case 'trylock':
      if (takeLock(machine, at, thread, record.address, record.kind === 'trylock')) {
        stepGuarded(machine, record.address, { at, cpu: thread, kind: 'lock' });
      }
      return;
    case 'unlock':
      if (releaseLock(machine, at, thread, record.address)) {
        stepGuarded(machine, record.address, { at, cpu: thread, kind: 'unlock' });
      }
      return;
    case 'exit-context':
      threadOf(machine, thread).inContext = false;
      return;
    case 'enter-context':
      enterContext(machine, at, thread);
      return;
  }
}

function fill(machine: TraceMachine, at: number, thread: number, start: bigint, size: bigint, value: bigint): void {
  if (value === 0n) {
    // What was never written is 0 already.
    for (const address of [...writtenIn(machine, start, start + size)]) writeMemory(machine, at, thread, address, 0n);
    return;
  }
  if (size > MAX_SET_BYTES) {
    machine.unsupported.push({ at, feature: `setting more than ${MAX_SET_BYTES} bytes at once` });
    return;
  }
  for (let address = start & ~7n; address < start + size; address += 8n) {
    writeMemory(machine, at, thread, address, value);
  }
}

function* writtenIn({ memory }: TraceMachine, start: bigint, end: bigint): Generator<bigint> {
  if (end - start > BigInt(memory.size) * 8n) {
    for (const address of memory.keys()) if (address >= start && address < end) yield address;
  } else {
    for (let address = start & ~7n; address < end; address += 8n) if (memory.has(address)) yield address;
  }
}

function invalidate(machine: TraceMachine, at: number, record: Extract<TraceRecord, { kind: 'tlbi' }>): void {
  const vmid = threadOf(machine, record.thread).roots.get('vttbr_el2')?.identifier;
  const read = readTlbi(record.operation, record.operand, vmid);
  if (read.kind === 'problem') machine.unsupported.push({ at, feature: read.message });
  else stepUnflushed(machine, { at, cpu: record.thread, kind: 'tlbi', reach: read.reach });
}

function hint(machine: TraceMachine, at: number, record: Extract<TraceRecord, { kind: 'hint' }>): void {
  switch (record.hint) {
    case 'set_root_lock':
      machine.rootLocks.set(record.location, record.value);
      return;
    case 'set_owner_root':
      // To give a page to another root it must not be a table of the old one any more; giving it to the same is no event.
      if (pageAt(machine, record.location)?.root.address !== record.value) {
        giveAwayRange(machine, at, record.location, 4096n, 'given to another owner');
      }
      return;
    case 'release_table':
      releaseTable(machine, at, record.location);
      return;
    case 'set_pte_thread_owner':
      machine.threadOwners.set(record.location, Number(record.value));
      return;
  }
}

function stepUnflushed(machine: TraceMachine, event: EntryEvent): void {
  for (const address of [...machine.unflushed.keys()]) {
    const page = pageAt(machine, address);
    if (page)
      setState(machine, address, stepEntry(entryOf(machine, page, address), stateOf(machine, address), event).state);
  }
}

/** The events of a lock concern what it guards. */
function stepGuarded(machine: TraceMachine, lock: bigint, event: EntryEvent): void {
  for (const { page, address } of unflushedUnder(machine, lock)) {
    const { state, finding } = stepEntry(entryOf(machine, page, address), stateOf(machine, address), event);
    setState(machine, address, state);
    if (finding) reportEntry(machine, page, address, finding);
  }
}

function dsbOf(kind: DsbKind): { domain: Domain; type: BarrierType } {
  const type = kind.endsWith('st') ? 'store' : kind.endsWith('ld') ? 'load' : 'full';
  const domain = kind.startsWith('ish')
    ? 'innerShareable'
    : kind.startsWith('nsh')
      ? 'nonShareable'
      : kind.startsWith('osh')
        ? 'outerShareable'
        : 'fullSystem';
  return { domain, type };
}
