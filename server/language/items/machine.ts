/** `machine { ... }` and `hugepage NAME { ... }`: braces that hold words and values. */

import type { Expression, HugePageProperty, MachineSetting, SettingValue } from '../ast';
import type { Cursor } from '../cursor';
import { parseExpression } from '../expressions';
import type { ItemRow } from '../rows';
import { didYouMean, nearest, shown } from '../suggest';
import { type Switch, switchByName, switches } from '../switches';
import { numberValue } from '../tokens';
import { here, parseIdentifier } from '../words';

/** Runs for each entry until the closing brace; reports when there is none. */
function parseEntries(c: Cursor, what: string, parseEntry: () => void): void {
  if (!c.is('{')) {
    c.missing('HVO015', `\`{\` is missing: ${what} stands in braces.`, ['{'], ' {');
    if (!c.hasExtraBrace) return;
  }
  const open = c.is('{') ? c.take() : c.previous;
  for (;;) {
    if (c.accept('}')) return;
    const outside = c.token.firstOfLine && (c.grammar.items.has(c.token.text) || c.grammar.members.has(c.token.text));
    if (c.atEnd || (outside && c.lacksBrace)) {
      c.reportMissingBrace(open, what);
      return;
    }
    if (c.accept(';') || c.accept(',')) continue;
    parseEntry();
  }
}

/** Tokens that touch each other: `v6.7`, `2-noabort`, `0x4000_0000`. */
function parseSettingValue(c: Cursor): SettingValue {
  const start = c.token.start;
  const first = c.token;
  if ((first.kind !== 'name' && first.kind !== 'number') || first.firstOfLine) return { text: '', span: here(c) };
  do c.take();
  while (c.token.start === c.endOfPrevious && (c.token.kind !== 'punctuation' || c.is('.') || c.is('-')) && !c.atEnd);
  const span = c.from(start);
  const text = c.text.slice(span.start, span.end);
  const number = first.kind === 'number' && span.end === first.end ? numberValue(text) : undefined;
  return { text, ...(typeof number === 'bigint' ? { number } : {}), span };
}

function parseSetting(c: Cursor): MachineSetting | undefined {
  const token = c.token;
  if (token.kind !== 'name') {
    c.report('HVO016', token, `${shown(token.text)} is no switch of the machine.`, {
      expected: switches.map((row) => row.name),
    });
    c.skipGroup();
    return undefined;
  }
  c.take();
  const name = { name: token.text, span: { start: token.start, end: token.end } };
  const row = switchByName.get(token.text);
  if (row === undefined) reportUnknownSwitch(c, name.span, token.text);
  c.accept('=');
  const value = parseSettingValue(c);
  if (row !== undefined) checkValue(c, row, value);
  return { name, value, span: c.from(token.start) };
}

function reportUnknownSwitch(c: Cursor, span: { start: number; end: number }, name: string): void {
  const known = switches.map((row) => row.name);
  const suggestion = nearest(name, known);
  const what = suggestion === undefined ? ` It has ${known.join(', ')}.` : didYouMean(suggestion);
  c.report('HVO020', span, `The machine has no switch ${shown(name)}.${what}`, {
    expected: known,
    ...(suggestion === undefined
      ? {}
      : { fix: { title: `Change to \`${suggestion}\``, edits: [{ span, text: suggestion }] } }),
  });
}

/** What a switch may be, in words. */
export function valuesInWords(row: Switch): string {
  return row.values.kind === 'words' ? row.values.words.join(', ') : `a number such as ${row.values.example}`;
}

function checkValue(c: Cursor, row: Switch, value: SettingValue): void {
  const expected = row.values.kind === 'words' ? row.values.words : [row.values.example];
  if (value.text === '') {
    c.missing('HVO012', `The value of \`${row.name}\` is missing: ${valuesInWords(row)}.`, expected, ` ${row.initial}`);
    return;
  }
  const fits =
    row.values.kind === 'words'
      ? row.values.words.includes(value.text)
      : value.number !== undefined && value.number >= row.values.least && value.number <= row.values.most;
  if (fits) return;
  const suggestion = row.values.kind === 'words' ? nearest(value.text, row.values.words) : undefined;
  c.report(
    'HVO021',
    value.span,
    `\`${row.name}\` is ${valuesInWords(row)}, not ${shown(value.text)}.${row.values.kind === 'words' ? didYouMean(suggestion) : ` ${row.doc}`}`,
    {
      expected,
      ...(suggestion === undefined
        ? {}
        : { fix: { title: `Change to \`${suggestion}\``, edits: [{ span: value.span, text: suggestion }] } }),
    },
  );
}

export const machineRow: ItemRow = {
  keyword: 'machine',
  kind: 'machine',
  inScenario: true,
  form: 'machine { switch value … }',
  doc: 'Switches of the machine and of the kernel. What is not said has its initial value; a scenario may hold a `machine` of its own, which overrides the switches that it names.',
  snippet: 'machine {\n\tkernel  ‹v6.7›\n\tgranule ‹4K›\n\tva_bits ‹48›\n}',
  example: 'machine { kernel v6.7  granule 4K  bbm 2-noabort  memstart 0x4000_0000 }',
  parse: (c, keyword) => {
    const settings: MachineSetting[] = [];
    parseEntries(c, '`machine`', () => {
      const setting = parseSetting(c);
      if (setting === undefined) return;
      const earlier = settings.find((other) => other.name.name === setting.name.name);
      if (earlier === undefined) settings.push(setting);
      else
        c.report(
          'HVO022',
          setting.span,
          `\`${setting.name.name}\` stands in line ${c.line(earlier.span.start)} already.`,
        );
    });
    return { kind: 'machine', keyword, settings, span: c.from(keyword.start) };
  },
};

const properties = ['size', 'at', 'vmemmap', 'optimised', 'refcount'] as const;

interface HugePageParts {
  size?: Expression;
  at?: Expression;
  vmemmap?: 'pages' | 'blocks';
  optimised: boolean;
  refcount?: Expression;
}

/** `pages` or `blocks`, and what people may call them. */
const mappings: ReadonlyMap<string, 'pages' | 'blocks'> = new Map([
  ['pages', 'pages'],
  ['blocks', 'blocks'],
]);

function parseProperty(c: Cursor, parts: HugePageParts, seen: HugePageProperty[]): void {
  const token = c.token;
  const written = token.text === 'optimized' ? 'optimised' : token.text;
  const name = properties.find((property) => property === written) ?? correctedProperty(c);
  if (name === undefined) {
    c.report('HVO020', token, `A huge page has no property ${shown(token.text)}.`, { expected: properties });
    c.skipGroup();
    return;
  }
  c.take();
  c.accept('=');
  if (name === 'optimised') parts.optimised = true;
  else if (name === 'vmemmap') parseMapping(c, parts);
  else parts[name] = parseExpression(c);
  const property = { name, span: c.from(token.start) };
  const earlier = seen.find((other) => other.name === name);
  if (earlier === undefined) seen.push(property);
  else c.report('HVO022', property.span, `\`${name}\` stands in line ${c.line(earlier.span.start)} already.`);
}

function correctedProperty(c: Cursor): (typeof properties)[number] | undefined {
  if (c.token.kind !== 'name') return undefined;
  const suggestion = nearest(c.token.text, properties);
  const name = properties.find((property) => property === suggestion);
  if (name === undefined) return undefined;
  const span = { start: c.token.start, end: c.token.end };
  c.report('HVO020', span, `A huge page has no property ${shown(c.token.text)}.${didYouMean(name)}`, {
    expected: properties,
    fix: { title: `Change to \`${name}\``, edits: [{ span, text: name }] },
  });
  return name;
}

function parseMapping(c: Cursor, parts: HugePageParts): void {
  const token = c.token;
  const mapping = mappings.get(token.text);
  if (mapping !== undefined) {
    c.take();
    parts.vmemmap = mapping;
    return;
  }
  c.missing('HVO012', 'How vmemmap maps the huge page is missing: `pages` or `blocks`.', ['pages', 'blocks'], ' pages');
  if (token.kind === 'name' && !token.firstOfLine && !properties.some((property) => property === token.text)) c.take();
}

export const hugePageRow: ItemRow = {
  keyword: 'hugepage',
  kind: 'hugepage',
  inScenario: true,
  form: 'hugepage NAME { size S  at PA  vmemmap pages|blocks  [optimised]  [refcount N] }',
  doc: 'A HugeTLB page and the vmemmap that describes it. `pages`: PTEs map that vmemmap; `blocks`: a PMD block does (4K granule only). `optimised`: HVO was done before the scenario begins.',
  snippet: 'hugepage ‹H› { size ‹2M›  at ‹0x1_0000_0000›  vmemmap ‹pages|blocks› }',
  example: 'hugepage G { size 2M  at 0x1_0020_0000  vmemmap pages  optimised  refcount 1 }',
  words: [...properties, 'pages', 'blocks'],
  parse: (c, keyword) => {
    const name = parseIdentifier(c, 'The name of the huge page');
    const parts: HugePageParts = { optimised: false };
    const seen: HugePageProperty[] = [];
    parseEntries(c, `\`hugepage ${name.name}\``, () => parseProperty(c, parts, seen));
    return { kind: 'hugepage', keyword, name, ...parts, properties: seen, span: c.from(keyword.start) };
  },
};
