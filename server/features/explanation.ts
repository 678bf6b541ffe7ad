/** The page of a code (of a diagnostic of the language, a rule, or a finding of the machine), or of a word of the language. */

import { type Explanation, explanations } from '../verdict/explanations';
import { asMarkdown } from './describe';
import { dictionary } from './dictionary';

/** Markdown; undefined: there is no such code or word. */
export function explanation(code: string): string | undefined {
  const wanted = code.trim().toLowerCase();
  const row = explanations.find((one) => one.code.toLowerCase() === wanted);
  if (row !== undefined) return pageOf(row);
  const entries = dictionary().get(code.trim());
  return entries?.map((entry) => `# ${entry.word}: ${entry.of}\n\n${asMarkdown(entry)}\n`).join('\n');
}

function pageOf({ code, title, doc, source, bad, good }: Explanation): string {
  const parts = [`# ${code}: ${title}`, doc];
  if (source !== undefined) parts.push(`Source: ${source}`);
  if (bad !== undefined) parts.push('## Wrong', fenced(bad));
  if (good !== undefined) parts.push('## Right', fenced(good));
  return `${parts.join('\n\n')}\n`;
}

const fenced = (text: string): string => `\`\`\`hvo\n${text.trimEnd()}\n\`\`\``;
