/** What holds before each instruction of a code on the ways that lead to it: a state is carried along and joined where ways meet. */

import { type Compiled, successorsOf } from '../../machine/code';
import type { CodeIndex } from '../../machine/program';

/** Times that a way back may add to what holds at its target. */
const MAX_ROUNDS = 3;

export interface Flow<State> {
  readonly copy: (state: State) => State;
  /** Looks at an instruction and changes the state to what holds after it. */
  readonly visit: (ip: CodeIndex, state: State) => void;
  /** Adds a state to one that holds at the same place; whether that changed. */
  readonly join: (into: State, state: State) => boolean;
}

/** Follows a code from its entries, with a state that is used up. What holds where its last way ends; undefined: it has no end. */
export function onEachWay<State>(
  code: readonly Compiled[],
  entries: readonly CodeIndex[],
  begin: State,
  { copy, visit, join }: Flow<State>,
): State | undefined {
  const before: (State | undefined)[] = code.map(() => undefined);
  const pending: boolean[] = code.map(() => false);
  /** Ways that lead to each instruction: what holds before it is kept where there are several. */
  const ways = code.map(() => 0);
  code.forEach(({ instruction }, ip) => {
    for (const to of successorsOf(instruction, ip)) if (to < code.length) ways[to] = (ways[to] as number) + 1;
  });
  let end: State | undefined;
  const reach = (ip: CodeIndex, state: State): void => {
    const known = before[ip];
    if (known === undefined) before[ip] = state;
    else if (!join(known, state)) return;
    pending[ip] = true;
  };
  for (const entry of entries) reach(entry, copy(begin));
  for (let round = 0; round < MAX_ROUNDS && pending.includes(true); round++)
    for (let ip = 0; ip < code.length; ip++) {
      if (!pending[ip]) continue;
      pending[ip] = false;
      const known = before[ip] as State;
      const state = (ways[ip] as number) > 1 ? copy(known) : known;
      before[ip] = (ways[ip] as number) > 1 ? known : undefined;
      visit(ip, state);
      const next = successorsOf((code[ip] as Compiled).instruction, ip).filter((to) => to < code.length);
      if (next.length === 0) end = state;
      next.forEach((to, n) => {
        reach(to, n + 1 < next.length ? copy(state) : state);
      });
    }
  return end;
}
