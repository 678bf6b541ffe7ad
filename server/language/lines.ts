/** Offsets to lines and back. Lines and characters count from 0; a line ends at LF, CR LF or CR. */

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Offset of the first unit of each line. */
export type LineStarts = readonly number[];

export function lineStarts(text: string): LineStarts {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return starts;
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
