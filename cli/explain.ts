/** `hvo explain`: what a code or a word of the results means, and the kernel's text that places in the results lead to. */

import { outcomeByWord } from '../server/language/outcomes';
import { primitiveForm } from '../server/language/primitive';
import { primitiveByName } from '../server/language/primitives';
import { libraryDeclarations, libraryNames, libraryPart } from '../server/language/stdlib/libraryPart';
import { nearest } from '../server/language/suggest';
import { type Explanation, explanations } from '../server/verdict/explanations';
import { ruleOfOutcome } from '../server/verdict/outcomeRules';
import { misuse, parseArguments } from './arguments';
import type { ExitCode, Io } from './io';

export const usage = `usage: hvo explain CODE|NAME|PLACE... [--json]
       hvo explain --list

Says what the code of a diagnostic or a finding means, why it matters and where the rule comes from, with a bad and a
good example. For an outcome (spurious-warn) or a primitive (dsb) it says what it is; for a function of the kernel
(set_pte_at) and for a place of the standard library (hvo-library:/v6.7/pgtable.hvo:12) it prints the text.

  --list   all codes, with their titles
  --json   codes only: print one JSON document
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
  if (positionals.length === 0 && !values.list) return misuse(io, 'explain', 'name a code, such as HVO101');
  if (values.list) {
    io.stdout(
      values.json
        ? documentOf(explanations)
        : explanations.map(({ code, title }) => `${code.padEnd(11)}  ${title}\n`).join(''),
    );
    return 0;
  }
  const codes: Explanation[] = [];
  const pages: string[] = [];
  for (const wanted of positionals) {
    const one = explanations.find((other) => other.code.toLowerCase() === wanted.toLowerCase());
    const page = one === undefined && !values.json ? pageOf(wanted) : undefined;
    if (one !== undefined) codes.push(one);
    if (one === undefined && page === undefined) return misuse(io, 'explain', unknown(wanted, values.json));
    pages.push(page ?? explanationText(one as Explanation));
  }
  io.stdout(values.json ? documentOf(codes) : pages.join('\n'));
  return 0;
}

function documentOf(codes: readonly Explanation[]): string {
  return `${JSON.stringify({ version: 1, codes }, undefined, 2)}\n`;
}

function unknown(wanted: string, isCode: boolean): string {
  if (isCode || /^HVO\d/i.test(wanted)) return `there is no code "${wanted}"; hvo explain --list shows all of them`;
  const known = [...libraryNames(), ...outcomeByWord.keys(), ...primitiveByName.keys()];
  const near = nearest(wanted, known);
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  return `"${wanted}" is no code, outcome, primitive, kernel function or place of the library${meant || '; docs/reference.md has the words of the language'}`;
}

/** What is no code: text of the library, an outcome, a primitive. */
function pageOf(wanted: string): string | undefined {
  const part = libraryPart(wanted);
  const parts = part === undefined ? libraryDeclarations(wanted) : [part];
  if (parts.length > 0)
    return parts
      .map(({ address, kernels, text }) => {
        const of = kernels.length === 0 ? '' : `, kernel ${kernels.join(', ')}`;
        return `// ${address}${of}\n${text}\n`;
      })
      .join('\n');
  const outcome = outcomeByWord.get(wanted);
  if (outcome !== undefined) {
    const fails = outcome.safety
      ? 'A scenario fails when it can happen and the scenario does not expect it.'
      : 'It fails no scenario.';
    const rule = ruleOfOutcome.get(wanted);
    const more = rule === undefined ? '' : ` More: hvo explain ${rule.code}`;
    return `${wanted}\n\n${outcome.doc} ${fails}${more}\n`;
  }
  const primitive = primitiveByName.get(wanted);
  if (primitive === undefined) return undefined;
  const result = primitive.result === undefined ? '' : ` Returns ${primitive.result}.`;
  return `${primitiveForm(primitive)}\n\n${primitive.doc}${result}\n\n    ${primitive.example}\n`;
}

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
  return [
    '',
    head,
    '',
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}
