/** Offsets to lines and back. Lines and characters count from 0; a line ends at LF, CR LF or CR. */

import type { Change } from './change';

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Offset of the first unit of each line. */
export type LineStarts = readonly number[];

export function lineStarts(text: string): LineStarts {
  const starts = [0];
  addLineStarts(starts, text, 0, text.length);
  return starts;
}

/** The lines of a text, from those of the text before it: only what has changed is looked at. */
export function lineStartsAfter(before: LineStarts, text: string, { start, oldEnd, newEnd }: Change): LineStarts {
  // What begins a line depends on the unit before, and for CR on the one behind.
  const starts = before.slice(0, Math.max(1, lineAt(before, start - 1) + 1));
  addLineStarts(starts, text, starts.at(-1) ?? 0, newEnd);
  const by = newEnd - oldEnd;
  for (let i = lineAt(before, oldEnd) + 1; i < before.length; i++) starts.push((before[i] as number) + by);
  return starts;
}

function addLineStarts(starts: number[], text: string, from: number, to: number): void {
  if (!text.includes('\r')) {
    for (let i = text.indexOf('\n', from); i >= 0 && i < to; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
    return;
  }
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
}

/** Index of the line that holds an offset. */
export function lineAt(starts: LineStarts, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function positionAt(starts: LineStarts, offset: number): Position {
  const line = lineAt(starts, offset);
  return { line, character: offset - (starts[line] ?? 0) };
}

/** The offset of a position; behind the end of the text for lines that it does not have. */
export function offsetAt(starts: LineStarts, position: Position, textLength: number): number {
  const start = starts[position.line];
  if (start === undefined) return textLength;
  const next = starts[position.line + 1] ?? textLength;
  return Math.min(start + position.character, next);
}
