/** docs/rules.md, printed from the table of rules. */

import { rules } from './table';
import { WALK_LIMITS } from './walk/walker';

const head = `# Rules

What \`hvo check\` and the editor say about the text itself, while it is typed and without exploring anything. Each rule has a code; \`hvo explain CODE\` prints its part of this
page. The codes of syntax and names are in [reference.md](reference.md).

Each CPU's program, each handler and the fault path is walked by itself, in program order, on every way through it, with calls followed into the standard library.
The walk starts with the scenario's memory; what another CPU may have stored is one more way, and what only another CPU can bring about is taken as done.
So a rule speaks only where that CPU's own text shows the fault. What takes a certain timing of several CPUs is found by the exploration, under the same
code where both can see it. A walk ends after ${WALK_LIMITS.steps.toLocaleString('en-US')} instructions or with ${WALK_LIMITS.ways} ways waiting; a finding stands in the user's text, with the library text behind it as a related place.

An error is a fault of the protocol, a warning may be meant so, a hint is a remark of the kind that reviewers make.
`;

export function rulesPage(): string {
  const table = rules.map(
    ({ code, severity, title }) => `| [${code}](#${code.toLowerCase()}) | ${severity} | ${title} |`,
  );
  const parts = rules.map(
    ({ code, severity, title, doc, source, bad, good }) => `## ${code}

**${title}** (${severity})

${doc}

Source: ${source}

\`\`\`hvo
${bad.trimEnd()}
\`\`\`

Without the fault:

\`\`\`hvo
${good.trimEnd()}
\`\`\`
`,
  );
  return [head, `| code | severity | rule |\n| --- | --- | --- |\n${table.join('\n')}\n`, ...parts].join('\n');
}
