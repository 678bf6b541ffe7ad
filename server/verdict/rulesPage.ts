/** docs/rules.md, printed from the tables of rules and of what only an execution shows. */

import { languageCodes } from '../language/codes';
import { elaborationCodeRows } from '../language/elaborate/codes';
import { rules } from '../rules/table';
import { WALK_LIMITS } from '../rules/walk/walker';
import { type OutcomeRule, outcomeRules } from './outcomeRules';

const head = `# Rules

What \`hvo check\` and the editor say about the text itself, while it is typed and without exploring anything. Each rule has a code; \`hvo explain CODE\` prints its part of this
page. What only an execution shows stands at the end, and so does the list of the codes of syntax, names and meaning.

Each CPU's program, each handler and the fault path is walked by itself, in program order, on every way through it, with calls followed into the standard library.
The walk starts with the scenario's memory; what another CPU may have stored is one more way, and what only another CPU can bring about is taken as done.
So a rule speaks only where that CPU's own text shows the fault. What takes a certain timing of several CPUs is found by the exploration, under the same
code where both can see it. A walk ends after ${WALK_LIMITS.steps.toLocaleString('en-US')} instructions or with ${WALK_LIMITS.ways} ways waiting; a finding stands in the user's text, with the library text behind it as a related place.

An error is a fault of the protocol, a warning may be meant so, a hint is a remark of the kind that reviewers make.
`;

export function rulesPage(): string {
  const parts = rules.map((rule) => section(rule, ` (${rule.severity})`));
  const ofOutcomes = outcomeRules.map((rule) => section(rule, ''));
  return [
    head,
    table(
      ['code', 'severity', 'rule'],
      rules.map(({ code, severity, title }) => [link(code), severity, title]),
    ),
    ...parts,
    '# What only an execution shows\n\nNo rule about the text stands for these by itself: the exploration finds them, each with an execution.\n',
    table(
      ['code', 'finding'],
      outcomeRules.map(({ code, title }) => [link(code), title]),
    ),
    ...ofOutcomes,
    '# Mistakes of the text\n\nWhat they mean stands in [reference.md](reference.md#diagnostics-of-syntax-names-and-meaning); `hvo explain CODE` shows a text that has the mistake and one that has not.\n',
    table(
      ['code', 'mistake'],
      [...languageCodes, ...elaborationCodeRows].map(({ code, title }) => [code, title]),
    ),
  ].join('\n');
}

const link = (code: string): string => `[${code}](#${code.toLowerCase()})`;

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

function section({ code, title, doc, source, bad, good }: Omit<OutcomeRule, 'outcomes'>, severity: string): string {
  return `## ${code}

**${title}**${severity}

${doc}

Source: ${source}

\`\`\`hvo
${bad.trimEnd()}
\`\`\`

Without the fault:

\`\`\`hvo
${good.trimEnd()}
\`\`\`
`;
}
