/** The page of a code: of a diagnostic of the language, a rule, or a finding of the machine. */

import { type Explanation, explanations } from '../verdict/explanations';
import { unmetExpectation } from './scenarioView';

/** Markdown; undefined: there is no such code. */
export function explanation(code: string): string | undefined {
  if (code.trim() === unmetExpectation) return unmetPage;
  const wanted = code.trim().toUpperCase();
  const row = explanations.find((one) => one.code === wanted);
  return row === undefined ? undefined : pageOf(row);
}

const unmetPage = `# Expectation that does not hold

A scenario says what must \`never\`, \`sometimes\` or \`always\` be so, over all executions, or behind \`=>\` which outcomes
the accesses of a statement have. Exploring every execution has found that this is not so; the message says why, and
*Explore* above the scenario shows a shortest execution that decides it.

- \`never C\` does not hold when C is so in one execution.
- \`sometimes C\` does not hold when C is so in no execution: a scenario that never meets what it is about proves nothing.
- \`always C\` does not hold when an execution ends without C.
- \`=> ok | fixed-up\` does not hold when another outcome can happen there, or one of these cannot.
`;

function pageOf({ code, title, doc, source, bad, good }: Explanation): string {
  const parts = [`# ${code}: ${title}`, doc];
  if (source !== undefined) parts.push(`Source: ${source}`);
  if (bad !== undefined) parts.push('## Wrong', fenced(bad));
  if (good !== undefined) parts.push('## Right', fenced(good));
  return `${parts.join('\n\n')}\n`;
}

const fenced = (text: string): string => `\`\`\`hvo\n${text.trimEnd()}\n\`\`\``;
