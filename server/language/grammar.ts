/**
 * The TextMate grammar, built from the tables. `syntaxes/hvo.tmLanguage.json` is what this returns; a test holds them
 * equal, and writes the file when UPDATE is set.
 */

import { builtinFunctions, constants, finalFunctions } from './builtins';
import { keywords } from './keywords';
import { outcomes } from './outcomes';
import { primitives } from './primitives';
import { barrierOptions } from './primitives/barriers';
import { systemRegisters } from './primitives/kernel';
import { tlbiOperations } from './primitives/tlb';
import { switches } from './switches';

interface Capture {
  readonly name: string;
}

interface Pattern {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, Capture>>;
  readonly beginCaptures?: Readonly<Record<string, Capture>>;
  readonly endCaptures?: Readonly<Record<string, Capture>>;
  readonly patterns?: readonly Pattern[];
}

export interface TextMateGrammar {
  readonly name: string;
  readonly scopeName: string;
  readonly patterns: readonly Pattern[];
  readonly repository: Readonly<Record<string, Pattern>>;
}

/** Any of some words, longest first, as a group. */
const anyOf = (words: readonly string[]): string =>
  `(${[...new Set(words)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join('|')})`;

/** Any of some words, not as a part of a hyphenated one. */
const wholeWords = (words: readonly string[]): string => `(?<![\\w-])${anyOf(words)}(?![\\w-])`;

const include = (name: string): Pattern => ({ include: `#${name}` });

const outcomeWords = outcomes.map((row) => row.word);
const expectationWords = keywords.members.filter((word) => ['never', 'sometimes', 'always'].includes(word));
const otherMembers = keywords.members.filter((word) => !expectationWords.includes(word));
/** Items that are written `keyword NAME`. */
const namedItems = keywords.items.filter((word) => !['machine', 'scenario', 'use', 'fn', 'hugepage'].includes(word));
const callWords = [...primitives, ...builtinFunctions, ...finalFunctions].map((row) => row.name);
const statementWords = [...keywords.statements, 'else', 'or', 'case', 'default'];

const outcome: Capture = { name: 'support.constant.outcome.hvo' };
const primitive: Capture = { name: 'support.function.primitive.hvo' };
const word: Capture = { name: 'support.constant.word.hvo' };
const control: Capture = { name: 'keyword.control.hvo' };
const storage: Capture = { name: 'storage.type.hvo' };

const repository: Readonly<Record<string, Pattern>> = {
  comments: {
    patterns: [
      { name: 'comment.line.double-slash.hvo', match: '//.*$' },
      { name: 'comment.block.hvo', begin: '/\\*', end: '\\*/' },
    ],
  },
  strings: {
    name: 'string.quoted.double.hvo',
    begin: '"',
    end: '"|$',
    patterns: [{ name: 'constant.character.escape.hvo', match: '\\\\["\\\\]' }],
  },
  machine: {
    begin: '^\\s*(machine)\\s*(\\{)|\\b(machine)\\s*(\\{)',
    end: '\\}',
    beginCaptures: { 1: storage, 3: storage },
    patterns: [
      include('comments'),
      { match: `\\b${anyOf(switches.map((row) => row.name))}\\b`, name: 'variable.other.property.switch.hvo' },
      {
        match: `(?<![\\w.-])${anyOf(switches.flatMap((row) => (row.values.kind === 'words' ? row.values.words : [])).map((text) => text.replaceAll('.', '\\.')))}(?![\\w.-])`,
        name: 'constant.language.switch.hvo',
      },
      include('numbers'),
    ],
  },
  hugepage: {
    begin: '\\b(hugepage)\\s+([A-Za-z_]\\w*)\\s*(\\{)',
    end: '\\}',
    beginCaptures: { 1: storage, 2: { name: 'entity.name.type.hvo' } },
    patterns: [
      include('comments'),
      { match: '\\b(size|at|vmemmap|optimised|refcount)\\b', name: 'variable.other.property.hugepage.hvo' },
      { match: '\\b(pages|blocks)\\b', name: 'constant.language.mapping.hvo' },
      include('values'),
    ],
  },
  items: {
    patterns: [
      {
        match: '\\b(fn)\\s+([A-Za-z_]\\w*)',
        captures: { 1: storage, 2: { name: 'entity.name.function.hvo' } },
      },
      {
        match: `\\b(lock)\\s+([A-Za-z_]\\w*)\\s*:\\s*(spin|raw|mutex|rwsem)\\b`,
        captures: { 1: storage, 2: { name: 'entity.name.type.hvo' }, 3: word },
      },
      {
        match: '\\b(page)\\s+([A-Za-z_]\\w*)\\s+(at)\\b',
        captures: { 1: storage, 2: { name: 'entity.name.type.hvo' }, 3: { name: 'keyword.other.hvo' } },
      },
      {
        match: `\\b${anyOf(namedItems)}\\s+([A-Za-z_]\\w*)`,
        captures: { 1: storage, 2: { name: 'entity.name.type.hvo' } },
      },
      { match: '\\b(scenario|use)(?=\\s*")', captures: { 1: storage } },
    ],
  },
  members: {
    patterns: [
      {
        match: '\\b(on)\\s+(fault)\\s+([A-Za-z_]\\w*)',
        captures: {
          1: { name: 'keyword.other.member.hvo' },
          2: { name: 'keyword.other.member.hvo' },
          3: { name: 'entity.name.function.hvo' },
        },
      },
      {
        match: '\\b(irq|nmi)\\s+([A-Za-z_]\\w*)\\s+(on)\\s+(cpu)\\b',
        captures: {
          1: { name: 'keyword.other.member.hvo' },
          2: { name: 'entity.name.function.interrupt.hvo' },
          3: { name: 'keyword.other.member.hvo' },
          4: { name: 'keyword.other.member.hvo' },
        },
      },
      {
        match: `\\b${anyOf(otherMembers.filter((member) => member === 'cpu'))}(?=\\s+\\d)`,
        name: 'keyword.other.member.hvo',
      },
      { match: '\\b(times)(?=\\s+\\S)', name: 'keyword.other.member.hvo' },
    ],
  },
  expectations: {
    begin: `\\b${anyOf(expectationWords)}\\b`,
    end: '(?=//|/\\*|\\}|;)|$',
    beginCaptures: { 1: { name: 'keyword.control.expectation.hvo' } },
    patterns: [
      { match: '\\b(cpu)(?=\\s+\\d)', name: 'keyword.other.member.hvo' },
      { match: '\\b(faults|at)\\b', name: 'keyword.other.hvo' },
      { match: '\\bL[0-3]\\b', name: 'support.constant.level.hvo' },
      { match: '(?<![\\w-])HVO\\d{3}\\b', name: outcome.name },
      { match: wholeWords(outcomeWords), name: outcome.name },
      include('values'),
    ],
  },
  expected: {
    begin: '=>',
    end: '(?=//|/\\*|\\}|;)|$',
    beginCaptures: { 0: { name: 'keyword.operator.expected.hvo' } },
    patterns: [
      { match: '\\bat\\b', name: 'keyword.other.hvo' },
      { match: '\\bL[0-3]\\b', name: 'support.constant.level.hvo' },
      { match: wholeWords(outcomeWords), name: outcome.name },
      { match: '\\|', name: 'keyword.operator.hvo' },
    ],
  },
  statements: { match: `\\b${anyOf(statementWords)}\\b(?!\\s*=)`, captures: { 1: control } },
  values: {
    patterns: [
      include('numbers'),
      {
        match: `\\b(dmb|dsb)\\s*\\(\\s*${anyOf(barrierOptions.map((row) => row.name))}\\b`,
        captures: { 1: primitive, 2: word },
      },
      {
        match: `\\b(tlbi)\\s*\\(\\s*${anyOf(tlbiOperations.map((row) => row.name))}\\b`,
        captures: { 1: primitive, 2: word },
      },
      {
        match: `\\b(read_sysreg)\\s*\\(\\s*${anyOf(systemRegisters.map((row) => row.name))}\\b`,
        captures: { 1: primitive, 2: word },
      },
      {
        match: `\\b(report|die|panic)\\s*\\(\\s*${anyOf(outcomeWords)}(?![\\w-])`,
        captures: { 1: primitive, 2: outcome },
      },
      { match: `(?<![.\\w])${anyOf(callWords)}(?=\\s*\\()`, captures: { 1: primitive } },
      {
        match: '(?<=\\.|->)\\s*([A-Za-z_]\\w*)(?=\\s*\\()',
        captures: { 1: { name: 'entity.name.function.member.hvo' } },
      },
      { match: '(?<=\\.|->)\\s*([A-Za-z_]\\w*)', captures: { 1: { name: 'variable.other.property.hvo' } } },
      { match: '\\b([A-Za-z_]\\w*)(?=\\s*\\()', captures: { 1: { name: 'entity.name.function.call.hvo' } } },
      { match: `\\b${anyOf(constants.map((row) => row.name))}\\b`, name: 'constant.language.hvo' },
      { match: '\\b(init_mm|machine)\\b', name: 'variable.language.hvo' },
      { match: '\\br([12]?[0-9]|30)\\b', name: 'variable.language.register.hvo' },
      {
        match: '&&|\\|\\||<<=?|>>=?|[=!<>]=|\\+\\+|--|[-+*/%&|^]=|->|\\.\\.|[-+*/%&|^!~<>=?:]',
        name: 'keyword.operator.hvo',
      },
    ],
  },
  numbers: {
    name: 'constant.numeric.hvo',
    match: '\\b(0[xX][0-9a-fA-F_]+|0[bB][01_]+|\\d[\\d_]*)[KMGT]?\\b',
  },
};

export function textMateGrammar(): TextMateGrammar {
  return {
    name: 'HVO scenario',
    scopeName: 'source.hvo',
    patterns: [
      'comments',
      'strings',
      'machine',
      'hugepage',
      'expectations',
      'expected',
      'items',
      'members',
      'statements',
      'values',
    ].map(include),
    repository,
  };
}
