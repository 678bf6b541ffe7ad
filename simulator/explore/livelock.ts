/** States from which no execution ends: somebody goes round for ever, whatever the others do. */

import type { IntList } from './growing';

/** Counts the states that reach no terminal one, and gives the first in breadth-first order. */
export function statesWithoutEnd(
  states: number,
  edgeStarts: IntList,
  edges: IntList,
  terminal: IntList,
): { readonly count: number; readonly first: number } {
  const incoming = new Int32Array(states + 1);
  for (let e = 0; e < edges.length; e++) incoming[edges.at(e) + 1] = (incoming[edges.at(e) + 1] as number) + 1;
  for (let s = 0; s < states; s++) incoming[s + 1] = (incoming[s + 1] as number) + (incoming[s] as number);
  const place = incoming.slice();
  const sources = new Int32Array(edges.length);
  for (let s = 0; s < states; s++) {
    const end = s + 1 < states ? edgeStarts.at(s + 1) : edges.length;
    for (let e = edgeStarts.at(s); e < end; e++) {
      const to = edges.at(e);
      sources[place[to] as number] = s;
      place[to] = (place[to] as number) + 1;
    }
  }
  const ends = new Uint8Array(states);
  const queue = new Int32Array(states);
  let tail = 0;
  for (let i = 0; i < terminal.length; i++) {
    const s = terminal.at(i);
    if (ends[s] === 0) {
      ends[s] = 1;
      queue[tail++] = s;
    }
  }
  for (let head = 0; head < tail; head++) {
    const s = queue[head] as number;
    for (let i = incoming[s] as number; i < (incoming[s + 1] as number); i++) {
      const from = sources[i] as number;
      if (ends[from] === 0) {
        ends[from] = 1;
        queue[tail++] = from;
      }
    }
  }
  let first = -1;
  for (let s = 0; s < states && first < 0; s++) if (ends[s] === 0) first = s;
  return { count: states - tail, first };
}
