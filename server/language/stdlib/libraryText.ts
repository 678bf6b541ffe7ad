/**
 * The tree of a text of the library. Most of the library is not looked at by most files: the lines at its margin tell what
 * it declares, and a declaration is read when somebody looks into it. It is the tree that `parse` makes: a test compares them.
 */

import type { Identifier, Item } from '../ast';
import { type LineStarts, lineStarts } from '../lines';
import { type ParsedFile, parse, parseItemAt } from '../parse';

export function parseLibraryText(text: string): ParsedFile {
  let starts: LineStarts | undefined;
  const lines = (): LineStarts => {
    starts ??= lineStarts(text);
    return starts;
  };
  let whole: ParsedFile | undefined;
  const read = (): ParsedFile => {
    whole ??= parse(text);
    return whole;
  };
  const items = itemsLater(text, lines);
  return {
    text,
    get lines() {
      return lines();
    },
    file: {
      kind: 'file',
      items,
      get comments() {
        return read().file.comments;
      },
      span: { start: 0, end: text.length },
    },
    get diagnostics() {
      return read().diagnostics;
    },
    get pieces() {
      return read().pieces;
    },
    itemsRead: 0,
  };
}

type Declaring = 'fn' | 'const' | 'var' | 'lock';

const words: readonly Declaring[] = ['fn', 'const', 'var', 'lock'];

function itemsLater(text: string, lines: () => LineStarts): readonly Item[] {
  const items: Item[] = [];
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = endOfLine(text, start);
    const word = words.find((one) => text.startsWith(`${one} `, start));
    if (word === undefined) continue;
    if (text[end - 1] === '{') end = text.indexOf('\n}', end) + 2;
    items.push(itemLater(text, lines, word, start, end));
  }
  return items;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function itemLater(text: string, lines: () => LineStarts, word: Declaring, start: number, end: number): Item {
  let known: Item | undefined;
  const read = <Kind extends Item['kind']>(): Extract<Item, { kind: Kind }> => {
    known ??= parseItemAt(text, lines(), { from: start, to: end, firstOfLine: true });
    return known as Extract<Item, { kind: Kind }>;
  };
  const common = {
    keyword: { start, end: start + word.length },
    name: nameAt(text, start + word.length + 1),
    span: { start, end },
  };
  switch (word) {
    case 'fn':
      return {
        ...common,
        kind: 'fn',
        get parameters() {
          return read<'fn'>().parameters;
        },
        get body() {
          return read<'fn'>().body;
        },
      };
    case 'lock':
      return { ...read<'lock'>(), ...common };
    case 'const':
    case 'var':
      return {
        ...common,
        kind: word,
        get value() {
          return read<'const' | 'var'>().value;
        },
      };
  }
}

const word = /\w+/y;

function nameAt(text: string, start: number): Identifier {
  word.lastIndex = start;
  const [name = ''] = word.exec(text) ?? [];
  return { name, span: { start, end: start + name.length } };
}
