/** `hvo explain`: what a code or a word of the results means, and the kernel's text that places in the results lead to. */

import { dictionary, type Entry } from '../server/features/dictionary';
import { outcomeByWord } from '../server/language/outcomes';
import {
  type LibraryPart,
  libraryDeclarations,
  libraryNames,
  libraryPart,
} from '../server/language/stdlib/libraryPart';
import { nearestOrLonger } from '../server/language/suggest';
import { type Explanation, explanations } from '../server/verdict/explanations';
import { ruleOfOutcome } from '../server/verdict/outcomeRules';
import { misuse, parseArguments } from './arguments';
import type { ExitCode, Io } from './io';

export const usage = `usage: hvo explain CODE|WORD|PLACE... [--json]
       hvo explain --list

Says what the code of a diagnostic or a finding means, why it matters and where the rule comes from, with a bad and a
good example. For a word of the language (dsb, spurious-warn, PTE_VALID, choose, bbm, ish) it says what it is; for a
function of the kernel (set_pte_at) and for a place of the standard library (hvo-library:/v6.7/pgtable.hvo:12) it
prints the text, once for the kernels that have it so.

  --list   all codes, with their titles
  --json   print one JSON document
`;

export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') return misuse(io, 'explain', parsed.message);
  const { values, positionals } = parsed;
  if (values.help) {
    io.stdout(usage);
    return 0;
  }
  if (positionals.length === 0 && !values.list)
    return misuse(io, 'explain', 'name a code or a word, such as HVO101 or dsb');
  if (values.list) {
    io.stdout(
      values.json
        ? documentOf(explanations)
        : explanations.map(({ code, title }) => `${code.padEnd(11)}  ${title}\n`).join(''),
    );
    return 0;
  }
  const found: Found[] = [];
  for (const wanted of positionals) {
    const one = find(wanted);
    if (one === undefined) return misuse(io, 'explain', unknown(wanted));
    found.push(one);
  }
  io.stdout(
    values.json
      ? documentOf(
          found.flatMap(({ code }) => code ?? []),
          found.flatMap(({ words }) => words),
          found.flatMap(({ texts }) => texts),
        )
      : found.map(textOf).join('\n'),
  );
  return 0;
}

/** What there is to say of what was asked for. */
interface Found {
  readonly code?: Explanation;
  readonly words: readonly Entry[];
  /** Of the library. */
  readonly texts: readonly LibraryPart[];
}

/** As somebody writes it, or pastes it out of a text or of results: `dsb(ish);`, `H.tail(1)`, `oops-paging at L3`. */
function find(wanted: string): Found | undefined {
  const bare = wanted
    .trim()
    .replace(/;$/, '')
    .replace(/ at L[0-3]$/, '')
    .replace(/\(.*\)$/, '');
  const [, member = bare] = /^\w+\.(\w+)$/.exec(bare) ?? [];
  for (const name of new Set([wanted, bare, member])) {
    const code = explanations.find((other) => other.code.toLowerCase() === name.toLowerCase());
    const part = libraryPart(name);
    const texts = part === undefined ? libraryDeclarations(name) : [part];
    const words = dictionary().get(name) ?? [];
    if (code !== undefined || texts.length + words.length > 0) return { ...(code && { code }), words, texts };
  }
  return undefined;
}

function documentOf(
  codes: readonly Explanation[],
  words: readonly Entry[] = [],
  texts: readonly LibraryPart[] = [],
): string {
  return `${JSON.stringify({ version: 1, codes, words, texts }, undefined, 2)}\n`;
}

function unknown(wanted: string): string {
  // Of two numbers none is the other's misspelling.
  if (/^HVO\d/i.test(wanted)) return `there is no code "${wanted}"; hvo explain --list shows all of them`;
  const near = nearestOrLonger(wanted, [...libraryNames(), ...dictionary().keys()]);
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  return `"${wanted}" is no code, no word of the language, and no function or place of the library${meant || '; docs/reference.md has all words'}`;
}

function textOf({ code, words, texts }: Found): string {
  return [
    ...(code === undefined ? [] : [explanationText(code)]),
    ...texts.map(({ address, kernels, text }) => {
      const of = kernels.length === 0 ? '' : `, kernel ${kernels.join(', ')}`;
      return `// ${address}${of}\n${text}\n`;
    }),
    ...words.map(wordText),
  ].join('\n');
}

function wordText({ word, of, form, doc, example }: Entry): string {
  const rule = of === 'outcome' ? ruleOfOutcome.get(word) : undefined;
  const fails = outcomeByWord.get(word)?.safety === false ? '\n\nIt fails no scenario.' : '';
  const more = rule === undefined ? '' : `\n\nMore: hvo explain ${rule.code}`;
  const use = example === undefined ? '' : `\n\n${indented(example)}`;
  return `${form}\n\n${capitalised(articled(of))}. ${doc}${of === 'outcome' ? fails : ''}${more}${use}\n`;
}

const articled = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');

function explanationText({ code, title, source, doc, bad, good }: Explanation): string {
  return [
    `${code}: ${title}`,
    '',
    doc,
    ...(source === undefined ? [] : ['', `Source: ${source}`]),
    ...example('Wrong:', bad),
    ...example('Right:', good),
    '',
  ].join('\n');
}

function example(head: string, text: string): readonly string[] {
  return ['', head, '', indented(text)];
}
