/**
 * States from which no execution ends: somebody goes round for ever, whatever the others do. An execution goes on for ever
 * only when every CPU does something again and again, or waits for another one: a CPU whose choices all have no execution
 * (it guessed wrongly, and would find out) is no part of one, however long the others go round.
 */

import { component, cyclesIn } from './cycles';
import type { IntList } from './growing';

/** The choices of a state, in order. */
export interface Moves {
  readonly cpus: readonly number[];
  /** The state that each leads to, -1 when no execution goes that way. */
  readonly to: readonly number[];
  /** Where each CPU stands in that state: equal CPUs may have changed places. */
  readonly places: readonly Int32Array[];
  /** Every CPU's choices are among them, and not those of one CPU alone. */
  readonly ofAll: boolean;
}

export interface Explored {
  readonly states: number;
  readonly cpus: number;
  readonly edgeStarts: IntList;
  readonly edges: IntList;
  readonly terminal: IntList;
  readonly movesOf: (state: number) => Moves;
}

/** Counts the states from which no execution ends, and gives the first in breadth-first order. */
export function statesWithoutEnd(explored: Explored): { readonly count: number; readonly first: number } {
  const backwards = incoming(explored);
  const ends = reaching(explored.terminal, backwards, explored.states);
  const goesOn: number[] = [];
  for (let s = 0; s < explored.states; s++) if (ends[s] === 0) goesOn.push(s);
  if (goesOn.length === 0) return { count: 0, first: -1 };
  const successors = (s: number): readonly number[] => {
    const end = s + 1 < explored.states ? explored.edgeStarts.at(s + 1) : explored.edges.length;
    const found: number[] = [];
    for (let e = explored.edgeStarts.at(s); e < end; e++) found.push(explored.edges.at(e));
    return found;
  };
  const forEver: number[] = [];
  for (const cycle of cyclesIn(goesOn, successors)) if (isFair(cycle, explored)) forEver.push(...cycle);
  const list = { length: forEver.length, at: (i: number) => forEver[i] as number };
  const never = reaching(list, backwards, explored.states);
  const found = goesOn.filter((s) => never[s] !== 0);
  return { count: found.length, first: found[0] ?? -1 };
}

/**
 * Whether an execution may stay in a strongly connected set of states for ever. Each CPU is followed through its changes of
 * place; it must act somewhere, or wait somewhere with nothing that it could do.
 */
function isFair(cycle: readonly number[], { cpus, movesOf }: Explored): boolean {
  const index = new Map(cycle.map((state, i) => [state, i]));
  const followed = component(cycle.length * cpus);
  const acts = new Uint8Array(cycle.length * cpus);
  cycle.forEach((state, i) => {
    const moves = movesOf(state);
    for (let t = 0; t < cpus; t++) if (moves.ofAll && !moves.cpus.includes(t)) acts[i * cpus + t] = 1;
    moves.to.forEach((to, n) => {
      const j = index.get(to);
      if (j === undefined) return;
      for (let t = 0; t < cpus; t++) followed.join(i * cpus + t, j * cpus + (moves.places[n]?.[t] as number));
      const t = moves.cpus[n] as number;
      if (t >= 0) acts[i * cpus + t] = 1;
    });
  });
  const acting = new Set<number>();
  for (let node = 0; node < acts.length; node++) if (acts[node] !== 0) acting.add(followed.of(node));
  for (let node = 0; node < acts.length; node++) if (!acting.has(followed.of(node))) return false;
  return true;
}

interface Backwards {
  readonly starts: Int32Array;
  readonly sources: Int32Array;
}

function incoming({ states, edgeStarts, edges }: Explored): Backwards {
  const starts = new Int32Array(states + 1);
  for (let e = 0; e < edges.length; e++) starts[edges.at(e) + 1] = (starts[edges.at(e) + 1] as number) + 1;
  for (let s = 0; s < states; s++) starts[s + 1] = (starts[s + 1] as number) + (starts[s] as number);
  const place = starts.slice();
  const sources = new Int32Array(edges.length);
  for (let s = 0; s < states; s++) {
    const end = s + 1 < states ? edgeStarts.at(s + 1) : edges.length;
    for (let e = edgeStarts.at(s); e < end; e++) {
      const to = edges.at(e);
      sources[place[to] as number] = s;
      place[to] = (place[to] as number) + 1;
    }
  }
  return { starts, sources };
}

/** Which states reach one of a list. */
function reaching(goals: Pick<IntList, 'length' | 'at'>, { starts, sources }: Backwards, states: number): Uint8Array {
  const reach = new Uint8Array(states);
  const queue = new Int32Array(states);
  let tail = 0;
  const add = (s: number): void => {
    if (reach[s] !== 0) return;
    reach[s] = 1;
    queue[tail++] = s;
  };
  for (let i = 0; i < goals.length; i++) add(goals.at(i));
  for (let head = 0; head < tail; head++) {
    const s = queue[head] as number;
    for (let i = starts[s] as number; i < (starts[s + 1] as number); i++) add(sources[i] as number);
  }
  return reach;
}
