/**
 * The items of a text, each with what it was read from. An item whose text has not changed is the same piece in the next
 * text, wherever it stands there, so that what was found about it stays found.
 */

import type { Item } from './ast';
import type { Change } from './change';
import type { TextPart, Token } from './tokens';

/** Offsets in it are those of the text that it was read in. */
export interface Piece {
  readonly item: Item;
  /** Of the item and of what ends it. */
  readonly tokens: readonly Token[];
  /** Closing braces that it has more than opening ones. */
  readonly surplusBraces: number;
  /** Behind the last token that the parser looked at to read it. */
  readonly reach: number;
  /** Nothing was said about it, and it is read the same whatever the rest of the text has. */
  readonly isClean: boolean;
}

export const startOf = ({ item }: Piece): number => item.span.start;

export function surplusOf(tokens: readonly Token[]): number {
  let surplus = 0;
  for (const { text } of tokens) {
    if (text === '}') surplus++;
    else if (text === '{') surplus--;
  }
  return surplus;
}

/** A piece that stays, with its place in the new text and its number in the old one, or text that is to be read. */
export type Part =
  | { readonly kind: 'kept'; readonly piece: Piece; readonly start: number; readonly index: number }
  | { readonly kind: 'read'; readonly region: TextPart };

/** What of the items of the text before stays after a change, and what is to be read between them, in order. */
export function partsAfter(
  pieces: readonly Piece[],
  starts: readonly number[],
  change: Change,
  before: string,
  length: number,
): readonly Part[] {
  const by = change.newEnd - change.oldEnd;
  const firstBehind = firstPieceBehind(starts, change, before);
  const parts: Part[] = [];
  /** Where the region that is open begins; the text begins with one. */
  let open: Omit<TextPart, 'to'> | undefined = { from: 0, firstOfLine: true };
  pieces.forEach((piece, index) => {
    const old = starts[index] as number;
    const isBehind = index >= firstBehind;
    const start = isBehind ? old + by : old;
    const reach = piece.reach - startOf(piece) + old;
    if (piece.isClean && (isBehind || reach < change.start)) {
      // What stands before the first item has no tokens; it is read again only when it has changed.
      if (open !== undefined && !(index === 0 && !isBehind))
        parts.push({ kind: 'read', region: { ...open, to: start } });
      open = undefined;
      parts.push({ kind: 'kept', piece, start, index });
    } else {
      open ??= { from: start, firstOfLine: piece.tokens[0]?.firstOfLine ?? true };
    }
  });
  if (open !== undefined) parts.push({ kind: 'read', region: { ...open, to: length } });
  return parts;
}

/** The first item that begins behind a change and on a later line. */
function firstPieceBehind(starts: readonly number[], { oldEnd }: Change, before: string): number {
  const lineEnd = /[\n\r]/g;
  lineEnd.lastIndex = oldEnd;
  const found = lineEnd.exec(before)?.index ?? before.length;
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= found) low = middle + 1;
    else high = middle;
  }
  return low;
}
