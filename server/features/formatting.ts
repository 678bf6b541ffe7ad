/** Formatting as edits: only the lines that differ are replaced, so that cursors and marks stay where they are. */

import type { Edit } from '../language/diagnostic';
import { formatFile } from '../language/format';
import type { ParsedFile } from '../language/parse';

/** No edits for a file that is in its form already, or that has mistakes of syntax. */
export function formattingEdits(parsed: ParsedFile): readonly Edit[] {
  const formatted = formatFile(parsed);
  if (formatted === undefined || formatted === parsed.text) return [];
  const before = linesOf(parsed.text);
  const after = linesOf(formatted);
  let first = 0;
  while (first < before.length && first < after.length && before[first] === after[first]) first++;
  let last = 0;
  while (last < before.length - first && last < after.length - first && before.at(-1 - last) === after.at(-1 - last))
    last++;
  if (before.length === after.length) return sameLines(before, after, first, last);
  const start = lengthOf(before, 0, first);
  const end = start + lengthOf(before, first, before.length - last);
  return [{ span: { start, end }, text: after.slice(first, after.length - last).join('') }];
}

/** One edit a line where there are as many lines as before. */
function sameLines(before: readonly string[], after: readonly string[], first: number, last: number): readonly Edit[] {
  const edits: Edit[] = [];
  let start = lengthOf(before, 0, first);
  for (let i = first; i < before.length - last; i++) {
    const [old = '', next = ''] = [before[i], after[i]];
    if (old !== next) edits.push({ span: { start, end: start + old.length }, text: next });
    start += old.length;
  }
  return edits;
}

/** Lines with their ends. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function lengthOf(lines: readonly string[], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) length += lines[i]?.length ?? 0;
  return length;
}
