/** What can be written at a position. Everything comes from the tables of the language and the names that are known. */

import type { Span } from '../language/ast';
import { builtinFunctions, constants, finalFunctions } from '../language/builtins';
import { hugePageRow } from '../language/items/machine';
import { memberRows } from '../language/items/members';
import { itemRows } from '../language/items/table';
import type { Names } from '../language/names';
import { membersOf } from '../language/names/members';
import { outcomes } from '../language/outcomes';
import type { ParameterKind, Primitive } from '../language/primitive';
import { primitiveByName, primitives } from '../language/primitives';
import { barrierOptions } from '../language/primitives/barriers';
import { systemRegisters } from '../language/primitives/kernel';
import { kernelLocks } from '../language/primitives/locks';
import { tlbiOperations } from '../language/primitives/tlb';
import { statementRows } from '../language/statements/table';
import { switchByName, switches } from '../language/switches';
import { asOneLine, type Draft, functionDraft, rowDraft, symbolDraft, word } from './completionDraft';
import { type CursorContext, cursorContext } from './cursorContext';
import { asMarkdown, describeSwitch } from './describe';
import { memberObjectAt } from './memberObject';
import { editorSnippet } from './snippet';
import { visibleSymbols } from './visible';

export type CompletionKind =
  | 'keyword'
  | 'function'
  | 'primitive'
  | 'method'
  | 'field'
  | 'constant'
  | 'variable'
  | 'lock'
  | 'page'
  | 'interrupt'
  | 'word'
  | 'outcome'
  | 'switch';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line beside the label. */
  readonly detail: string;
  readonly markdown: string;
  /** What replaces `replace`, in the editor's snippet form. */
  readonly snippet: string;
  readonly replace: Span;
  /** Groups in which completions are shown, nearest first. */
  readonly rank: 0 | 1 | 2 | 3;
}

export function completionsAt(names: Names, offset: number): readonly Completion[] {
  const context = cursorContext(names.source.parsed, offset);
  if (context === undefined) return [];
  return draftsAt(names, offset, context).map((draft) => ({ ...draft, replace: context.word }));
}

function draftsAt(names: Names, offset: number, context: CursorContext): readonly Draft[] {
  const last = context.before.at(-1)?.text;
  if (last === '.' || last === '->') return memberDrafts(names, offset, context);
  switch (context.block) {
    case 'machine':
      return machineDrafts(context);
    case 'hugepage':
      return hugePageDrafts(context);
    case 'top':
      return context.before.length === 0
        ? itemRows.map((row) => rowDraft(row))
        : declarationDrafts(names, offset, context);
    case 'scenario':
      if (context.before.length > 0) return memberLineDrafts(names, offset, context);
      return [...memberRows, ...itemRows.filter((row) => row.inScenario)].map((row) => rowDraft(row));
    case 'body':
      return codeDrafts(names, offset, context);
  }
}

function memberDrafts(names: Names, offset: number, context: CursorContext): readonly Draft[] {
  const object = memberObjectAt(names.source.parsed, context);
  if (object === undefined) return [];
  const visible = visibleSymbols(names, offset);
  const { groups, of } = membersOf(object, (name) => visible.find((symbol) => symbol.name === name)?.kind);
  return groups.flatMap(({ members }) =>
    members.map(({ name, parameters, doc }): Draft => {
      if (parameters === undefined) return word(name, 'field', of, doc);
      const list = parameters.map((parameter) => `‹${parameter}›`).join(', ');
      return {
        ...word(`${name}(${parameters.join(', ')})`, 'method', of, doc),
        snippet: editorSnippet(`${name}(${list})`),
      };
    }),
  );
}

/** Behind the name of a switch its values, elsewhere the switches that are not said yet. */
function machineDrafts({ before }: CursorContext): readonly Draft[] {
  const row = switchByName.get(before.at(-1)?.text ?? '');
  if (row !== undefined) {
    const values = row.values.kind === 'words' ? row.values.words : [row.values.example];
    return values.map((value) => word(value, 'word', row.name, row.doc));
  }
  return switches.map(
    (one): Draft => ({
      ...word(one.name, 'switch', asOneLine(one.doc), asMarkdown(describeSwitch(one))),
      snippet: editorSnippet(
        `${one.name} ‹${one.values.kind === 'words' ? one.values.words.join('|') : one.values.example}›`,
      ),
    }),
  );
}

function hugePageDrafts({ before }: CursorContext): readonly Draft[] {
  const last = before.at(-1)?.text;
  if (last === 'vmemmap') {
    return [
      word('pages', 'word', 'PTEs map the vmemmap', hugePageRow.doc),
      word('blocks', 'word', 'PMD blocks map the vmemmap (4K granule)', hugePageRow.doc),
    ];
  }
  if (last === 'size')
    return ['2M', '32M', '512M', '1G', '16G'].map((size) => word(size, 'word', 'size', hugePageRow.doc));
  return [
    { ...word('size', 'switch', 'size of the huge page', hugePageRow.doc), snippet: editorSnippet('size ‹2M›') },
    { ...word('at', 'switch', 'physical address', hugePageRow.doc), snippet: editorSnippet('at ‹0x1_0000_0000›') },
    {
      ...word('vmemmap', 'switch', 'how its vmemmap is mapped', hugePageRow.doc),
      snippet: editorSnippet('vmemmap ‹pages|blocks›'),
    },
    word('optimised', 'switch', 'HVO was done before the scenario begins', hugePageRow.doc),
    {
      ...word('refcount', 'switch', 'references at the start', hugePageRow.doc),
      snippet: editorSnippet('refcount ‹1›'),
    },
  ];
}

/** Within a declaration at the top of a file or in a scenario. */
function declarationDrafts(names: Names, offset: number, { before }: CursorContext): readonly Draft[] {
  const head = before[0]?.text;
  if (head === 'lock') {
    return before.at(-1)?.text === ':'
      ? ['spin', 'raw', 'mutex', 'rwsem'].map((kind) => word(kind, 'word', 'kind of lock', ''))
      : [];
  }
  if (head === 'page' && before.length === 2) return [word('at', 'keyword', 'physical address', '')];
  const hasValue = head === 'page' ? before.length > 2 : before.some((token) => token.text === '=');
  return hasValue ? valueDrafts(names, offset, false) : [];
}

function memberLineDrafts(names: Names, offset: number, context: CursorContext): readonly Draft[] {
  const { before } = context;
  const head = before[0]?.text;
  const last = before.at(-1)?.text;
  switch (head) {
    case 'on':
      if (before.length === 1) return [word('fault', 'keyword', 'on fault NAME', '')];
      return visibleSymbols(names, offset)
        .filter((symbol) => symbol.fn?.parameters.length === 2)
        .map((symbol) => symbolDraft(names, symbol, false));
    case 'irq':
    case 'nmi':
      if (last === 'on') return [word('cpu', 'keyword', 'on cpu N', '')];
      if (before.length === 2) return [word('on', 'keyword', 'on cpu N', '')];
      return last === 'cpu' ? [] : [word('times', 'keyword', 'how often at most', '')];
    case 'never':
    case 'sometimes':
    case 'always':
      return expectationDrafts(names, offset, context);
    default:
      return declarationDrafts(names, offset, context);
  }
}

const levels = ['L0', 'L1', 'L2', 'L3'].map((level) => word(level, 'word', 'level of the fault', ''));

function expectationDrafts(names: Names, offset: number, { before, call }: CursorContext): readonly Draft[] {
  const last = before.at(-1);
  if (last?.text === 'at') return levels;
  if (last?.text === 'cpu') return [];
  const afterOperator = last?.kind === 'punctuation' && !['||', '&&', '!', '('].includes(last.text);
  if (call !== undefined || afterOperator) return [...finalDrafts(), ...valueDrafts(names, offset, true)];
  const afterCpu = last?.kind === 'number' && before.at(-2)?.text === 'cpu';
  const words = outcomes.map((row) => word(row.word, 'outcome', asOneLine(row.doc), row.doc));
  if (afterCpu) return [word('faults', 'keyword', 'cpu N faults [at L3]', ''), ...words];
  return [...words, word('cpu', 'keyword', 'cpu N …', ''), ...finalDrafts(), ...registerDrafts(names, offset)];
}

const registerDrafts = (names: Names, offset: number): readonly Draft[] =>
  visibleSymbols(names, offset)
    .filter((symbol) => symbol.kind === 'register')
    .map((symbol) => symbolDraft(names, symbol, false));

const finalDrafts = (): readonly Draft[] =>
  finalFunctions.map((row) => functionDraft(row.name, row.parameters, row.doc, 'primitive', 0));

function codeDrafts(names: Names, offset: number, context: CursorContext): readonly Draft[] {
  const { before, call } = context;
  const last = before.at(-1)?.text;
  if (before.some((token) => token.text === '=>')) {
    return last === 'at'
      ? levels
      : outcomes.filter((row) => row.of !== 'end').map((row) => word(row.word, 'outcome', asOneLine(row.doc), row.doc));
  }
  const row = call?.member === false ? primitiveByName.get(call.name) : undefined;
  const parameter = row?.parameters[call?.argument ?? 0];
  const special =
    row !== undefined && parameter !== undefined ? argumentDrafts(names, offset, parameter.kind, row) : undefined;
  if (special !== undefined) return special;
  const statements =
    before.length === 0 || last === 'else' || last === ')' ? statementRows.map((one) => rowDraft(one, 1)) : [];
  return [...statements, ...valueDrafts(names, offset, false)];
}

/** Words that only this argument takes; undefined where it takes any value. */
function argumentDrafts(
  names: Names,
  offset: number,
  kind: ParameterKind,
  row: Primitive,
): readonly Draft[] | undefined {
  switch (kind) {
    case 'barrier':
      return barrierOptions.map(({ name, doc }) => word(name, 'word', `${row.name}(${name})`, doc));
    case 'tlbi':
      return tlbiOperations.map(({ name, doc }) =>
        word(name, 'word', asOneLine(doc), doc, name.endsWith('nxs') ? 1 : 0),
      );
    case 'systemRegister':
      return systemRegisters.map(({ name, doc }) => word(name, 'word', asOneLine(doc), doc));
    case 'outcome':
      return outcomes.map((one) => word(one.word, 'outcome', asOneLine(one.doc), one.doc));
    case 'memory':
      return [word('init_mm', 'word', "the kernel's address space", '')];
    case 'interrupt':
      return visibleSymbols(names, offset)
        .filter((symbol) => symbol.kind === 'interrupt')
        .map((symbol) => symbolDraft(names, symbol, false));
    case 'lock': {
      const wanted = row.parameters.find((parameter) => parameter.kind === 'lock')?.locks ?? [];
      const own = visibleSymbols(names, offset).filter(
        (symbol) =>
          symbol.kind === 'parameter' ||
          (symbol.kind === 'lock' && symbol.lockKind !== undefined && wanted.includes(symbol.lockKind)),
      );
      const kernel = kernelLocks.filter((one) => wanted.includes(one.kind));
      return [
        ...kernel.map((one) => word(`init_mm.${one.member}`, 'lock', one.doc, one.doc)),
        ...own.map((symbol) => symbolDraft(names, symbol, false)),
      ];
    }
    default:
      return undefined;
  }
}

/** Everything that is a value or gives one. `readOnly`: of an expectation, where nothing acts. */
function valueDrafts(names: Names, offset: number, readOnly: boolean): readonly Draft[] {
  const symbols = visibleSymbols(names, offset).filter((symbol) => !readOnly || symbol.kind !== 'fn');
  return [
    ...symbols.map((symbol) => symbolDraft(names, symbol, true)),
    ...(readOnly
      ? []
      : primitives.map((row) => functionDraft(row.name, requiredParameters(row), row.doc, 'primitive', 2))),
    ...builtinFunctions.map((row) => functionDraft(row.name, row.parameters, row.doc, 'primitive', 2)),
    ...constants.map((row) => word(row.name, 'constant', asOneLine(row.doc), row.doc, 3)),
    word('init_mm', 'word', "the kernel's address space", '', 3),
    word('machine', 'word', 'a switch of the machine: machine.bbm', '', 3),
  ];
}

const requiredParameters = (row: Primitive): readonly string[] =>
  row.parameters.filter((parameter) => !parameter.optional).map((parameter) => parameter.name);
