/**
 * `docs/reference.md`, printed from the tables. A test holds the file equal to what this returns, and writes it when
 * UPDATE is set.
 */

import {
  builtinFunctions,
  constants,
  finalFunctions,
  hugePageMembers,
  type Member,
  pageFields,
  pageMembers,
} from './builtins';
import { languageCodes } from './codes';
import { elaborationCodeRows } from './elaborate/codes';
import { memberRows } from './items/members';
import { itemRows } from './items/table';
import { outcomes } from './outcomes';
import type { PrimitiveGroup } from './primitive';
import { primitiveForm } from './primitive';
import { primitives } from './primitives';
import { barrierOptions } from './primitives/barriers';
import { systemRegisters } from './primitives/kernel';
import { kernelLocks } from './primitives/locks';
import { tlbiOperations } from './primitives/tlb';
import type { Row } from './rows';
import { statementRows } from './statements/table';
import { libraryEditions, libraryReleases } from './stdlib/library';
import { derivedSwitches, switches } from './switches';
import { unmodelledNames } from './unmodelled';

const groupTitles: Readonly<Record<PrimitiveGroup, string>> = {
  access: 'Loads and stores',
  exclusive: 'Exclusives',
  atomic: 'Atomics',
  barrier: 'Barriers',
  tlb: 'TLB maintenance and translation',
  lock: 'Locks',
  rcu: 'RCU',
  interrupt: 'Interrupts and CPUs',
  page: 'Pages',
  fault: 'The fault path',
  report: 'Reports',
  choice: 'Choices',
  list: 'Lists',
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;

function rowSection(row: Row): string {
  return `### ${row.keyword}\n\n${code(row.form)}\n\n${row.doc}\n\n\`\`\`hvo\n${row.example}\n\`\`\``;
}

function memberTable(members: readonly Member[]): string {
  const form = ({ name, parameters }: Member): string =>
    parameters === undefined ? `.${name}` : `.${name}(${parameters.join(', ')})`;
  return table(
    ['member', 'is'],
    members.map((member) => [code(form(member)), member.doc]),
  );
}

function primitiveSection(group: PrimitiveGroup): string {
  const rows = primitives.filter((row) => row.group === group);
  const returns = (result: string | undefined): string => (result === undefined ? '' : `Returns ${result}.`);
  return `### ${groupTitles[group]}\n\n${table(
    ['primitive', 'does'],
    rows.map((row) => [code(primitiveForm(row)), `${row.doc} ${returns(row.result)}`.trim()]),
  )}`;
}

function switchTable(): string {
  const values = (row: (typeof switches)[number]): string =>
    row.values.kind === 'words' ? row.values.words.map(code).join(', ') : `${row.values.least} to ${row.values.most}`;
  return table(
    ['switch', 'values', 'initially', 'means', 'in expressions'],
    switches.map((row) => [code(row.name), values(row), code(row.initial), row.doc, row.inExpressions]),
  );
}

function libraryTable(): string {
  return table(
    ['file', 'kernels', 'functions'],
    libraryEditions().map(({ name, releases, source }) => [
      code(name),
      releases.length === libraryReleases.length ? 'all' : releases.join(', '),
      source.parsed.file.items.flatMap((item) => (item.kind === 'fn' ? [code(item.name.name)] : [])).join(' '),
    ]),
  );
}

function unmodelledTable(): string {
  const byText = new Map<string, string[]>();
  for (const [name, instead] of unmodelledNames) byText.set(instead, [...(byText.get(instead) ?? []), name]);
  return table(
    ['kernel names', 'instead'],
    [...byText].map(([instead, names]) => [names.map(code).join(' '), instead]),
  );
}

export function referencePage(): string {
  const groups = [...new Set(primitives.map((row) => row.group))];
  const functionTable = (rows: typeof builtinFunctions): string =>
    table(
      ['function', 'gives'],
      rows.map((row) => [code(`${row.name}(${row.parameters.join(', ')})`), row.doc]),
    );
  const sections = [
    '# Reference of the `.hvo` language',
    'Printed from the tables of the language; [language.md](language.md) says how the pieces fit.',
    '## Top-level items',
    'All but `scenario` and `use` may stand in a scenario too.',
    ...itemRows.map(rowSection),
    '## Members of a scenario',
    ...memberRows.map(rowSection),
    '## Statements',
    ...statementRows.map(rowSection),
    '## Primitives',
    ...groups.map(primitiveSection),
    '## Options of `dmb` and `dsb`',
    table(
      ['option', 'waits for'],
      barrierOptions.map((row) => [code(row.name), row.doc]),
    ),
    '## TLBI operations',
    table(
      ['operation', 'takes', 'does'],
      tlbiOperations.map((row) => [code(row.name), takes[row.scope], row.doc]),
    ),
    '## Registers of `read_sysreg`',
    table(
      ['register', 'holds'],
      systemRegisters.map((row) => [code(row.name), row.doc]),
    ),
    '## Switches of the machine',
    switchTable(),
    'Beside these `machine.NAME` knows:',
    table(
      ['name', 'is'],
      derivedSwitches.map((row) => [code(row.name), row.doc]),
    ),
    '## Outcomes and findings',
    table(
      ['word', 'of', 'fails a scenario', 'means'],
      outcomes.map((row) => [code(row.word), row.of, row.safety ? 'yes' : 'no', row.doc]),
    ),
    '## Functions of the language',
    functionTable(builtinFunctions),
    'In expectations, of the end of the execution:',
    functionTable(finalFunctions),
    '## Members',
    'Of a huge page:',
    memberTable(hugePageMembers),
    'Of a page:',
    memberTable(pageMembers),
    'Of the address of a struct page:',
    table(
      ['field', 'offset', 'bytes', 'is'],
      pageFields.map((row) => [code(`.${row.name}`), `${row.offset}`, `${row.bytes}`, row.doc]),
    ),
    'Of `init_mm`:',
    table(
      ['lock', 'kind', 'is'],
      kernelLocks.map((row) => [code(`.${row.member}`), row.kind, row.doc]),
    ),
    '## Constants',
    table(
      ['name', 'is'],
      constants.map((row) => [code(row.name), row.doc]),
    ),
    '## Standard library',
    `The kernel's functions as text in this language. The switch \`kernel\` chooses: a file serves the kernels that are named behind it, and in a kernel between two of ${libraryReleases.map(code).join(', ')} the older one's text counts.`,
    libraryTable(),
    '## Kernel names that are not modelled',
    unmodelledTable(),
    '## Diagnostics of syntax, names and meaning',
    'What the text itself says wrong. `hvo explain CODE` shows for each a text that has the mistake, and one that has not.',
    table(
      ['code', 'title', 'means'],
      [...languageCodes, ...elaborationCodeRows].map((row) => [row.code, row.title, row.doc]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

const takes = { all: '', asid: 'an ASID', address: 'a VA', range: 'start and end' } as const;
