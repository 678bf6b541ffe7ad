/** Documentation of the language element at a position. What memory and page tables hold there is told elsewhere. */

import type { Span } from '../language/ast';
import { memberRows } from '../language/items/members';
import { itemRows } from '../language/items/table';
import type { Names } from '../language/names';
import type { ParsedFile } from '../language/parse';
import { byKeyword, type Row } from '../language/rows';
import { statementRows } from '../language/statements/table';
import { switchByName } from '../language/switches';
import { numberValue, type Token, tokenize } from '../language/tokens';
import { asMarkdown, describeRow, describeSwitch, describeTarget } from './describe';
import { occurrenceAt } from './occurrences';

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

const statements = byKeyword(statementRows);
const membersAndItems: ReadonlyMap<string, Row> = new Map([...byKeyword<Row>(itemRows), ...byKeyword<Row>(memberRows)]);
/** Further words of a form, by the row that they belong to. */
const furtherWords: ReadonlyMap<string, Row> = new Map(
  [...itemRows, ...memberRows, ...statementRows].flatMap((row) =>
    (row.words ?? []).map((word) => [word, row as Row] as const),
  ),
);

export function hoverAt(names: Names, offset: number): Hover | undefined {
  const occurrence = occurrenceAt(names, offset);
  if (occurrence !== undefined) {
    const description = describeTarget(occurrence.target, parsedIn(names));
    return { span: occurrence.span, markdown: asMarkdown(description) + origin(names, occurrence.target) };
  }
  const { text } = names.source.parsed;
  const { tokens, comments } = tokenize(text);
  if (comments.some(({ span }) => span.start <= offset && offset < span.end)) return undefined;
  const token = tokens.find(({ start, end }) => start <= offset && offset < end);
  if (token === undefined) return undefined;
  const span = { start: token.start, end: token.end };
  if (token.kind === 'number') return hoverNumber(token, span);
  if (token.kind !== 'name') return undefined;
  const setting = settingAt(names.source.parsed, offset);
  if (setting !== undefined) return { span, markdown: asMarkdown(describeSwitch(setting)) };
  const row = rowAt(names.source.parsed, token);
  return row === undefined ? undefined : { span, markdown: asMarkdown(describeRow(row)) };
}

/** The texts that are at hand: the file, those that it uses, the library. */
export function parsedIn(names: Names): (uri: string) => ParsedFile | undefined {
  const { source, surroundings } = names;
  return (uri) => [source, ...surroundings.used, ...surroundings.library].find((file) => file.uri === uri)?.parsed;
}

function origin(names: Names, target: Parameters<typeof describeTarget>[0]): string {
  if (target.kind !== 'symbol' || target.symbol.uri === names.source.uri) return '';
  const isLibrary = names.surroundings.library.some((file) => file.uri === target.symbol.uri);
  const path = target.symbol.uri.split('/');
  // Of the library the kernel as well: v6.7/tlbflush.hvo.
  const file = path.slice(isLibrary ? -2 : -1).join('/');
  return `\n\n_${isLibrary ? 'standard library' : 'used file'}: ${file}_`;
}

function settingAt({ file }: ParsedFile, offset: number) {
  for (const item of file.items) {
    const machines = item.kind === 'scenario' ? item.members : [item];
    for (const machine of machines) {
      if (machine.kind !== 'machine' || offset < machine.span.start || offset >= machine.span.end) continue;
      const setting = machine.settings.find(({ span }) => span.start <= offset && offset < span.end);
      return setting === undefined ? undefined : switchByName.get(setting.name.name);
    }
  }
  return undefined;
}

/** The row of a keyword: in code that of the statement, elsewhere that of the member or item. */
function rowAt({ file }: ParsedFile, token: Token): Row | undefined {
  const word = token.text;
  const inCode = file.items.some((item) => {
    if (item.kind === 'fn') return contains(item.body.span, token);
    if (item.kind !== 'scenario') return false;
    return item.members.some((member) => 'body' in member && contains(member.body.span, token));
  });
  return inCode
    ? (statements.get(word) ?? furtherWords.get(word))
    : (membersAndItems.get(word) ?? furtherWords.get(word));
}

const contains = (span: Span, token: Token): boolean => span.start < token.start && token.end <= span.end;

/** A number in the other notations: hexadecimal, decimal, in binary units. */
function hoverNumber(token: Token, span: Span): Hover | undefined {
  const value = numberValue(token.text);
  if (typeof value !== 'bigint') return undefined;
  const units = ['T', 'G', 'M', 'K'].map((unit, index) => ({ unit, shift: BigInt(40 - 10 * index) }));
  const fits = units.find(({ shift }) => value !== 0n && value % (1n << shift) === 0n);
  const inUnits = fits === undefined ? '' : ` = ${value >> fits.shift}${fits.unit}`;
  const hex = value.toString(16).replace(/\B(?=([0-9a-f]{4})+$)/g, '_');
  return { span, markdown: `\`\`\`hvo\n0x${hex} = ${value}${inUnits}\n\`\`\`` };
}
