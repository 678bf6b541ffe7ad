/** The file that says which litmus tests and scenarios change when a rule is left out: a line a rule, then a line a test. */

import { join } from 'node:path';

export interface RuleChanges {
  readonly rule: string;
  /** `how`: the verdicts and numbers of final states without FEAT_ETS2 and with it, before and after. */
  readonly changes: readonly { readonly name: string; readonly how?: string }[];
}

export const changesPath = join(import.meta.dirname, 'changes.txt');

export function writeChanges(all: readonly RuleChanges[]): string {
  const lines = all.flatMap(({ rule, changes }) => [
    rule,
    ...changes.map(({ name, how }) => (how === undefined ? `  "${name}"` : `  ${name}: ${how}`)),
  ]);
  return `${lines.join('\n')}\n`;
}

export function readChanges(text: string): readonly RuleChanges[] {
  const all: { rule: string; changes: { name: string; how?: string }[] }[] = [];
  for (const line of text.split('\n')) {
    const scenario = /^ {2}"(.*)"$/.exec(line);
    const litmus = /^ {2}(\S+): (.*)$/.exec(line);
    if (scenario !== null) all.at(-1)?.changes.push({ name: scenario[1] as string });
    else if (litmus !== null) all.at(-1)?.changes.push({ name: litmus[1] as string, how: litmus[2] as string });
    else if (line !== '') all.push({ rule: line, changes: [] });
  }
  return all;
}
