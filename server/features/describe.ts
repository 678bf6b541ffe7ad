/** What a name is, in Markdown: for hover and completion. */

import type { FunctionItem } from '../language/ast';
import {
  builtinFunctionByName,
  constantByName,
  finalFunctionByName,
  hugePageMembers,
  pageFieldByName,
  pageMembers,
} from '../language/builtins';
import { wordFor } from '../language/names/locals';
import type { BuiltinTable, DeclaredSymbol, Target } from '../language/names/symbol';
import { outcomeByWord } from '../language/outcomes';
import type { ParsedFile } from '../language/parse';
import { primitiveForm } from '../language/primitive';
import { primitiveByName } from '../language/primitives';
import { barrierOptions } from '../language/primitives/barriers';
import { kernelInterrupts, systemRegisters } from '../language/primitives/kernel';
import { kernelLocks } from '../language/primitives/locks';
import { tlbiOperations } from '../language/primitives/tlb';
import type { Row } from '../language/rows';
import { derivedSwitches, type Switch, switchByName } from '../language/switches';

/** A name with its form in code and its documentation in Markdown. */
export interface Description {
  readonly form: string;
  readonly doc: string;
}

export const asMarkdown = ({ form, doc }: Description): string =>
  `\`\`\`hvo\n${form}\n\`\`\`${doc === '' ? '' : `\n\n${doc}`}`;

export function describeRow(row: Row): Description {
  return { form: row.form, doc: `${row.doc}\n\n\`\`\`hvo\n${row.example}\n\`\`\`` };
}

export function describeSwitch(row: Switch): Description {
  const values = row.values.kind === 'words' ? row.values.words.join('|') : `${row.values.least}..${row.values.most}`;
  const doc = `${row.doc}\n\nInitially \`${row.initial}\`. In an expression \`machine.${row.name}\` is ${row.inExpressions}.`;
  return { form: `${row.name} ${values}`, doc };
}

/** `parsedOf` gives the file that a symbol is declared in, if it is at hand. */
export function describeTarget(target: Target, parsedOf: (uri: string) => ParsedFile | undefined): Description {
  return target.kind === 'builtin'
    ? describeBuiltin(target.table, target.name)
    : describeSymbol(target.symbol, parsedOf(target.symbol.uri));
}

export function describeBuiltin(table: BuiltinTable, name: string): Description {
  switch (table) {
    case 'primitive': {
      const row = primitiveByName.get(name);
      if (row === undefined) return { form: name, doc: '' };
      const result = row.result === undefined ? '' : `\n\nReturns ${row.result}.`;
      return { form: primitiveForm(row), doc: `${row.doc}${result}` };
    }
    case 'function':
    case 'final': {
      const row = (table === 'final' ? finalFunctionByName : builtinFunctionByName).get(name);
      return { form: `${name}(${row?.parameters.join(', ') ?? ''})`, doc: row?.doc ?? '' };
    }
    case 'constant':
      return { form: name, doc: constantByName.get(name)?.doc ?? '' };
    case 'memory':
      return name === 'machine'
        ? { form: 'machine.SWITCH', doc: 'The value of a switch of the machine.' }
        : { form: 'init_mm', doc: "The kernel's address space, with its locks `page_table_lock` and `mmap_lock`." };
    case 'kernelLock': {
      const row = kernelLocks.find((candidate) => candidate.member === name);
      return { form: `init_mm.${name} : ${row?.kind ?? ''}`, doc: row?.doc ?? '' };
    }
    case 'kernelInterrupt':
      return { form: `irq ${name}`, doc: kernelInterrupts.find((row) => row.name === name)?.doc ?? '' };
    case 'hugePageMember': {
      const row = hugePageMembers.find((candidate) => candidate.name === name);
      const list = row?.parameters === undefined ? '' : `(${row.parameters.join(', ')})`;
      return { form: `hugepage.${name}${list}`, doc: row?.doc ?? '' };
    }
    case 'pageMember':
      return { form: `page.${name}`, doc: pageMembers.find((candidate) => candidate.name === name)?.doc ?? '' };
    case 'field': {
      const row = pageFieldByName.get(name);
      const where = row === undefined ? '' : `\n\nOffset ${row.offset} of struct page, ${row.bytes} bytes.`;
      return { form: `page.${name}`, doc: `${row?.doc ?? ''}${where}` };
    }
    case 'switch': {
      const row = switchByName.get(name);
      if (row !== undefined) return { form: `machine.${name}`, doc: `${row.doc}\n\nHere ${row.inExpressions}.` };
      return { form: `machine.${name}`, doc: derivedSwitches.find((candidate) => candidate.name === name)?.doc ?? '' };
    }
    case 'barrier':
      return { form: name, doc: barrierOptions.find((candidate) => candidate.name === name)?.doc ?? '' };
    case 'tlbi':
      return { form: `tlbi(${name})`, doc: tlbiOperations.find((candidate) => candidate.name === name)?.doc ?? '' };
    case 'systemRegister':
      return { form: name, doc: systemRegisters.find((candidate) => candidate.name === name)?.doc ?? '' };
    case 'outcome':
      return { form: name, doc: describeOutcome(name) };
  }
}

function describeOutcome(name: string): string {
  const row = outcomeByWord.get(name);
  if (row === undefined) return '';
  const covers =
    row.covers === undefined ? '' : `\n\nStands for ${row.covers.map((word) => `\`${word}\``).join(', ')}.`;
  const safety = row.safety
    ? '\n\nA scenario fails when it can happen, unless `sometimes` or `always` expects it.'
    : '';
  return `${row.doc}${covers}${safety}`;
}

function describeSymbol(symbol: DeclaredSymbol, parsed: ParsedFile | undefined): Description {
  const text = parsed?.text ?? '';
  if (symbol.fn !== undefined) {
    const doc = parsed === undefined ? '' : functionDoc(parsed, symbol.fn);
    return { form: functionForm(symbol.fn), doc };
  }
  switch (symbol.kind) {
    case 'parameter':
    case 'register':
      return { form: symbol.name, doc: `A ${wordFor(symbol.kind)}.` };
    case 'scenario':
      return { form: `scenario "${symbol.name}"`, doc: '' };
    case 'interrupt':
      return { form: text.slice(symbol.extent.start, text.indexOf('{', symbol.extent.start)).trim(), doc: '' };
    default: {
      const declaration = text.slice(symbol.extent.start, symbol.extent.end);
      return { form: declaration.length > 400 ? `${declaration.slice(0, 400)} …` : declaration, doc: '' };
    }
  }
}

export const functionForm = (fn: FunctionItem): string =>
  `fn ${fn.name.name}(${fn.parameters.map((parameter) => parameter.name).join(', ')})`;

/** The comments directly above a function, without their marks. */
export function functionDoc({ text, file }: ParsedFile, fn: FunctionItem): string {
  const parts: string[] = [];
  let end = fn.span.start;
  for (let i = file.comments.length - 1; i >= 0; i--) {
    const comment = file.comments[i];
    if (comment === undefined || comment.span.end > end) continue;
    const between = text.slice(comment.span.end, end);
    const newLines = between.split('\n').length - 1;
    const before = text.slice(text.lastIndexOf('\n', comment.span.start) + 1, comment.span.start);
    if (between.trim() !== '' || newLines > 1 || before.trim() !== '') break;
    parts.unshift(withoutMarks(comment.text));
    end = comment.span.start;
  }
  return parts.join('\n');
}

function withoutMarks(comment: string): string {
  if (comment.startsWith('//')) return comment.replace(/^\/\/+ ?/, '');
  const body = comment.replace(/^\/\*+/, '').replace(/\*+\/$/, '');
  return body
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
}
