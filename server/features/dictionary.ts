/** Every word of the language with what it is: the rows of all tables by their names, for who asks outside of a text. */

import {
  builtinFunctions,
  constants,
  finalFunctions,
  hugePageMembers,
  pageFields,
  pageMembers,
} from '../language/builtins';
import { memberRows } from '../language/items/members';
import { itemRows } from '../language/items/table';
import type { BuiltinTable } from '../language/names/symbol';
import { outcomes } from '../language/outcomes';
import { primitives } from '../language/primitives';
import { barrierOptions } from '../language/primitives/barriers';
import { kernelInterrupts, systemRegisters } from '../language/primitives/kernel';
import { kernelLocks } from '../language/primitives/locks';
import { tlbiOperations } from '../language/primitives/tlb';
import type { Row } from '../language/rows';
import { statementRows } from '../language/statements/table';
import { derivedSwitches, switches } from '../language/switches';
import { unmodelledNames } from '../language/unmodelled';
import { type Description, describeBuiltin, describeSwitch } from './describe';

export interface Entry extends Description {
  readonly word: string;
  /** What kind of word it is, as a noun: `constant`, `option of dmb and dsb`. */
  readonly of: string;
  /** How it is used: text that is right as it stands. */
  readonly example?: string;
}

const names = (rows: readonly { readonly name: string }[]): readonly string[] => rows.map((row) => row.name);

/** For each table of names that a text may use: what its words are, and which there are. */
const tables: Readonly<Record<Exclude<BuiltinTable, 'primitive' | 'switch'>, readonly [string, readonly string[]]>> = {
  function: ['function of the language', names(builtinFunctions)],
  final: ['function of expectations', names(finalFunctions)],
  constant: ['constant', names(constants)],
  memory: ['name of the machine', ['machine', 'init_mm']],
  kernelLock: ['lock of init_mm', kernelLocks.map((row) => row.member)],
  kernelInterrupt: ['interrupt of the kernel', names(kernelInterrupts)],
  hugePageMember: ['member of a huge page', names(hugePageMembers)],
  pageMember: ['member of a page', names(pageMembers)],
  field: ['field of struct page', names(pageFields)],
  barrier: ['option of dmb and dsb', names(barrierOptions)],
  tlbi: ['TLBI operation', names(tlbiOperations)],
  systemRegister: ['register of read_sysreg', names(systemRegisters)],
  outcome: ['outcome', outcomes.map((row) => row.word)],
};

/** The word that a row begins with, and those inside of it: `choose`, and its `or`. */
const ofRows = (of: string, rows: readonly Row[]): readonly Entry[] =>
  rows.flatMap(({ keyword, words = [], form, doc, example }) => [
    { word: keyword, of, form, doc, example },
    ...words.map((word) => ({ word, of: `word of \`${keyword}\``, form, doc, example })),
  ]);

function allEntries(): readonly Entry[] {
  return [
    ...ofRows('declaration', itemRows),
    ...ofRows('member of a scenario', memberRows),
    ...ofRows('statement', statementRows),
    ...primitives.map(({ name, example }) => ({
      word: name,
      of: 'primitive',
      ...describeBuiltin('primitive', name),
      example,
    })),
    ...switches.map((row) => ({ word: row.name, of: 'switch of the machine', ...describeSwitch(row) })),
    ...derivedSwitches.map(({ name }) => ({
      word: name,
      of: 'value of the machine',
      ...describeBuiltin('switch', name),
    })),
    ...Object.entries(tables).flatMap(([table, [of, words]]) =>
      words.map((word) => ({ word, of, ...describeBuiltin(table as BuiltinTable, word) })),
    ),
    ...[...unmodelledNames].map(([word, instead]) => ({
      word,
      of: 'kernel name that is not modelled',
      form: word,
      doc: `Not modelled: ${instead}.`,
    })),
  ];
}

let entries: ReadonlyMap<string, readonly Entry[]> | undefined;

/** By word; one word may be several things. */
export function dictionary(): ReadonlyMap<string, readonly Entry[]> {
  entries ??= grouped(allEntries());
  return entries;
}

function grouped(all: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const byWord = new Map<string, Entry[]>();
  for (const entry of all) {
    const known = byWord.get(entry.word);
    if (known === undefined) byWord.set(entry.word, [entry]);
    else known.push(entry);
  }
  return byWord;
}
