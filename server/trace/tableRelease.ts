/** Pages that were tables and are given away: nothing may walk them any more, and no CPU may be using them. */

import { forgetFlushedTables, missingFor, unlinkRoot } from './liveTables';
import { threadThatUses } from './rootSwitch';
import { hex, pageAt, type Root, report, type TablePage, type TraceMachine } from './traceMachine';

/** The hint release_table, for a root or for a table below one. */
export function releaseTable(machine: TraceMachine, at: number, location: bigint): void {
  const root = machine.roots.find((known) => known.address === location);
  if (root) releaseRoot(machine, at, root);
  else giveAway(machine, at, location, 'released');
}

/** Memory that goes back to where it came from, or to another owner. */
export function giveAwayRange(machine: TraceMachine, at: number, address: bigint, size: bigint, how: string): void {
  const pages = new Set<TablePage>();
  for (const page of machine.pages.values()) {
    if (page.address >= address && page.address < address + size) pages.add(page);
  }
  for (const page of pages) giveAway(machine, at, page.address, how);
}

function releaseRoot(machine: TraceMachine, at: number, root: Root): void {
  const user = threadThatUses(machine, root);
  if (user !== undefined) {
    const message = `the tables at ${hex(root.address)} are released while ${root.register.name} of thread ${user} points to them; load another root first`;
    report(machine, at, 'table-in-use', message, { related: [{ at: root.registeredAt, message: 'loaded here' }] });
  }
  for (const page of new Set(machine.pages.values())) {
    if (page.root !== root) continue;
    const unfinished = missingFor(machine, page, at);
    if (unfinished === undefined) continue;
    const message = `the tables at ${hex(root.address)} are released while TLBs may still hold an old translation of ${unfinished.name}`;
    const related = [{ at: unfinished.since, message: 'changed here' }];
    report(machine, at, 'release-too-early', message, { missing: unfinished.missing, related });
    break;
  }
  unlinkRoot(machine, root);
  machine.rootLocks.delete(root.address);
}

function giveAway(machine: TraceMachine, at: number, location: bigint, how: string): void {
  forgetFlushedTables(machine);
  const page = pageAt(machine, location);
  if (page === undefined) return;
  const name = `table ${hex(page.address)} of the ${page.root.register.tables} tables at ${hex(page.root.address)}`;
  if (page.unlinkedAt === undefined) {
    const related = [{ at: page.linkedAt, message: 'linked here' }];
    report(machine, at, 'table-in-use', `${name} is ${how} while it is linked; unlink and flush it first`, { related });
    return;
  }
  const unfinished = missingFor(machine, page, at);
  const by = unfinished ? `, by ${unfinished.name}` : '';
  report(machine, at, 'release-too-early', `${name} is ${how} while walks may still go through it${by}`, {
    missing: unfinished?.missing ?? [],
    related: [{ at: page.unlinkedAt, message: 'unlinked here' }],
  });
}
