/** The page of a rule, or of a diagnostic of the language. */

import { languageCodeByName } from '../language/codes';

/** Markdown; undefined: there is no such code. */
export function explanation(code: string): string | undefined {
  const row = languageCodeByName.get(code.trim().toUpperCase());
  if (row === undefined) return undefined;
  return [`# ${row.code}: ${row.title}`, row.doc, '## Bad', fenced(row.bad), '## Good', fenced(row.good), ''].join(
    '\n\n',
  );
}

const fenced = (text: string): string => `\`\`\`hvo\n${text.trimEnd()}\n\`\`\``;
