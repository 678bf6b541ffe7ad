/** Every kind of step and of window entry: one file each, one word here. */

import type { Instruction } from '../machine/program';
import { access, accessEntry } from './access';
import { arithmetic, arithmeticEntry, pickEntry } from './arithmetic';
import { barrier, dmbEntry, dsbEntry, isb, isbEntry } from './barrier';
import { branch, branchEntry, choose, jump } from './branch';
import { exceptionReturn, supervisorCall, systemRegister } from './exception';
import { allocate, cpuNumber, end, free, mask, sendInterrupt } from './kernel';
import { assertHeld, lock, lockEntry, unlock } from './lock';
import { rcu, sectionEntry } from './readSections';
import { report, tellingEntry } from './report';
import type { EntryKind, StepKind } from './step';
import { tlbi, tlbiEntry } from './tlbi';

export const stepKinds: readonly StepKind[] = [
  access,
  barrier,
  isb,
  tlbi,
  arithmetic,
  branch,
  jump,
  choose,
  supervisorCall,
  exceptionReturn,
  systemRegister,
  lock,
  unlock,
  assertHeld,
  mask,
  allocate,
  free,
  rcu,
  sendInterrupt,
  cpuNumber,
  report,
  end,
];

const entryKinds: readonly EntryKind[] = [
  accessEntry,
  dmbEntry,
  dsbEntry,
  isbEntry,
  tlbiEntry,
  arithmeticEntry,
  branchEntry,
  pickEntry,
  tellingEntry,
  sectionEntry,
  lockEntry,
];

const byInstruction = new Map(stepKinds.flatMap((s) => s.kinds.map((k) => [k, s] as const)));

/** The step kind of an instruction. */
export function stepOf(i: Instruction): StepKind {
  return byInstruction.get(i.kind) as StepKind;
}

/** The kind of a window entry, by its number; 0 (ended) has none. */
export const entryOf: readonly (EntryKind | undefined)[] = (() => {
  const table: (EntryKind | undefined)[] = [];
  for (const e of entryKinds) table[e.entry] = e;
  return table;
})();
