import type { Place } from '../server/lsp/protocol';

/** One replacement of text, in the coordinates of the text just before it. `version`: the document's, just after it. */
export interface Edit {
  readonly version: number;
  readonly start: Place;
  readonly end: Place;
  readonly text: string;
}

/**
 * Where a place of an older version is now.
 *
 * @returns `undefined` when the text at the place was replaced or removed.
 */
export function followEdits(place: Place, edits: readonly Edit[]): Place | undefined {
  let at = place;
  for (const edit of edits) {
    const next = followEdit(at, edit);
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

function followEdit(at: Place, edit: Edit): Place | undefined {
  if (isBefore(at, edit.start)) return at;
  if (isBefore(at, edit.end)) return undefined;
  const lines = edit.text.split('\n');
  const lastLine = edit.start.line + lines.length - 1;
  const line = lastLine + at.line - edit.end.line;
  if (at.line !== edit.end.line) return { line, character: at.character };
  const lastCharacter = (lines.length === 1 ? edit.start.character : 0) + lines[lines.length - 1]!.length;
  return { line, character: lastCharacter + at.character - edit.end.character };
}

function isBefore(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
