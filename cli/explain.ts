/** `hvo explain`: what a code means, with a text that has the mistake and one that has not. */

import { explanations } from '../server/verdict/explanations';
import { parseArguments } from './arguments';
import type { ExitCode, Io } from './io';

export const usage = `usage: hvo explain CODE... [--json]
       hvo explain --list

Says what the code of a diagnostic or a finding means, why it matters and where the rule comes from, with a bad and a
good example.
`;

export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(args, {
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (parsed.kind === 'problem') {
    io.stderr(`hvo explain: ${parsed.message}\n${usage}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    io.stdout(usage);
    return 0;
  }
  if (positionals.length === 0 && !values.list) {
    io.stderr(`hvo explain: name a code, such as ${explanations[0]?.code ?? 'HVO001'}\n${usage}`);
    return 2;
  }
  if (values.list) {
    io.stdout(
      values.json
        ? `${JSON.stringify({ version: 1, codes: explanations }, undefined, 2)}\n`
        : explanations.map(({ code, title }) => `${code}  ${title}\n`).join(''),
    );
    return 0;
  }
  const found = [];
  for (const code of positionals) {
    const one = explanations.find((other) => other.code === code.toUpperCase());
    if (one === undefined) {
      io.stderr(`hvo explain: there is no code "${code}"; hvo explain --list shows all of them\n`);
      return 2;
    }
    found.push(one);
  }
  io.stdout(
    values.json
      ? `${JSON.stringify({ version: 1, codes: found }, undefined, 2)}\n`
      : found.map(explanationText).join('\n'),
  );
  return 0;
}

function explanationText({ code, title, source, doc, bad, good }: (typeof explanations)[number]): string {
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

function example(head: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
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
