/** Writes to memory: to an entry of a live table they go through the lock rules and the break-before-make automaton. */

import { decodeDescriptor } from '../../simulator/machine/descriptor';
import { isValid } from '../../simulator/machine/descriptorChange';
import { type EntryFinding, stepEntry } from '../../simulator/machine/entryProtocol';
import { linkBelow, missingFor, tableBelow, unlinkBelow, unlinkedBelow } from './liveTables';
import { checkOrder, checkWriter } from './tableLocks';
import {
  entryName,
  entryOf,
  hex,
  pageAt,
  report,
  setState,
  stateOf,
  type TablePage,
  type TraceCode,
  type TraceMachine,
} from './traceMachine';

/** A write of 64 bits by a thread, as the record `at`; a plain one is ordered with none that came before it. */
export function writeMemory(
  machine: TraceMachine,
  at: number,
  thread: number,
  address: bigint,
  value: bigint,
  plain = false,
): void {
  const aligned = address & ~7n;
  const page = pageAt(machine, aligned);
  if (page === undefined) {
    machine.memory.set(aligned, value);
    return;
  }
  if (aligned !== address) {
    const message = `a write to ${hex(address)} is not aligned, and changes two entries in parts; write whole entries`;
    report(machine, at, 'unaligned-write', message);
    return;
  }
  checkWriter(machine, at, thread, page, address);
  checkOrder(machine, at, thread, page, address, plain ? value : undefined);
  if (page.unlinkedAt === undefined) writeEntry(machine, at, thread, page, address, value);
  else writeUnlinked(machine, at, page, address, value);
}

function writeEntry(
  machine: TraceMachine,
  at: number,
  thread: number,
  page: TablePage,
  address: bigint,
  value: bigint,
): void {
  const event = { at, cpu: thread, kind: 'write', value } as const;
  const oldTable = tableBelow(machine, page, address);
  const { state, finding } = stepEntry(entryOf(machine, page, address), stateOf(machine, address), event);
  setState(machine, address, state);
  machine.memory.set(address, value);
  if (finding) reportEntry(machine, page, address, finding);

  const newTable = tableBelow(machine, page, address);
  if (oldTable !== undefined && oldTable !== newTable) unlinkBelow(machine, oldTable, address, event);
  if (!finding) checkBelow(machine, at, page, address, newTable);
  if (newTable !== undefined && oldTable !== newTable) linkBelow(machine, at, page, address);
}

/** An entry that is made again must find nothing left in TLBs of what was below it, unless it is the same table again. */
function checkBelow(
  machine: TraceMachine,
  at: number,
  page: TablePage,
  address: bigint,
  newTable: bigint | undefined,
): void {
  const descriptor = decodeDescriptor(page.root.shape.format, page.level, machine.memory.get(address) ?? 0n);
  if (!isValid(descriptor)) return;
  for (const below of unlinkedBelow(machine, address)) {
    if (below.address === newTable) return;
    const unfinished = missingFor(machine, below, at);
    if (unfinished === undefined) continue;
    const message = `${entryName(page, address)} becomes valid while TLBs may still hold what was below it: ${unfinished.name}`;
    const related = [{ at: unfinished.since, message: 'unlinked here' }];
    report(machine, at, 'make-too-early', message, { missing: unfinished.missing, related });
    return;
  }
}

/** A table that is unlinked but not flushed may still be walked: nothing valid may appear in it. */
function writeUnlinked(machine: TraceMachine, at: number, page: TablePage, address: bigint, value: bigint): void {
  machine.memory.set(address, value);
  if (!isValid(decodeDescriptor(page.root.shape.format, page.level, value))) return;
  const unfinished = missingFor(machine, page, at);
  const message = `${entryName(page, address)} becomes valid in a table that is unlinked, but may still be walked`;
  const related = [{ at: page.unlinkedAt!, message: 'unlinked here' }];
  report(machine, at, 'write-to-unlinked-table', message, { missing: unfinished?.missing ?? [], related });
}

const codes: Readonly<Record<EntryFinding['kind'], TraceCode>> = {
  noBreak: 'no-break',
  makeTooEarly: 'make-too-early',
  releaseTooEarly: 'release-too-early',
  unlockInWindow: 'unlock-in-window',
};

/** Puts what the automaton found into words. */
export function reportEntry(machine: TraceMachine, page: TablePage, address: bigint, finding: EntryFinding): void {
  const { kind, at, since, missing, change } = finding;
  const why = change ? ` (${change.change}; Arm ARM ${change.rule})` : '';
  report(machine, at, codes[kind], `${entryName(page, address)} ${sentences[kind]}${why}`, {
    missing,
    severity: kind === 'unlockInWindow' ? 'warning' : 'error',
    related: since === at ? [] : [{ at: since, message: 'changed here' }],
  });
}

const sentences: Readonly<Record<EntryFinding['kind'], string>> = {
  noBreak: 'is overwritten while it is valid, so that TLBs may hold the old and the new translation at once',
  makeTooEarly: 'becomes valid while TLBs may still hold its old translation',
  releaseTooEarly: 'is given away while TLBs may still hold its old translation',
  unlockInWindow: 'is left broken and not flushed when its lock is released, so that others find it so',
};
