/**
 * A path through states that stand for their permutations, as choices of one execution: at each state a choice that leads
 * to (a permutation of) the next one, and at the end one that tells an event.
 */

import type { Event } from '../machine/events';
import type { Machine } from '../machine/machine';
import type { Choices } from '../steps/choices';
import { settle } from '../steps/closure';
import { offerAll, take } from '../steps/next';

export interface Permuted {
  readonly m: Machine;
  readonly choices: Choices;
  /** The number of the state that stands for the record that the cursor is over. May change the record. */
  readonly numberOf: () => number;
}

/** Permutations of a state that are followed at the same time, where the one to go through matters. */
const MAX_ALIKE = 24;

interface Reached {
  readonly record: Int32Array;
  readonly path: readonly number[];
}

/** `tells`: what the last choice has to tell; an earlier one is preferred. */
export function unpermuted(
  of: Permuted,
  states: readonly number[],
  tells: readonly ((event: Event) => boolean)[] = [],
): readonly number[] {
  const [exactly, ...otherwise] = tells;
  const [first] = reach(of, states, 1);
  if (first === undefined) return [];
  if (exactly === undefined) return first.path;
  const all = () => reach(of, states, MAX_ALIKE);
  const last = lastStep(of, [first], exactly) ?? lastStep(of, all(), exactly);
  if (last !== undefined) return last;
  for (const tell of otherwise) {
    const path = lastStep(of, [first], tell);
    if (path !== undefined) return path;
  }
  return first.path;
}

function reach(of: Permuted, states: readonly number[], bound: number): readonly Reached[] {
  const { m } = of;
  m.reset();
  m.dropped = false;
  settle(m);
  let layer: readonly Reached[] = [{ record: m.w.slice(), path: [] }];
  for (const state of states) {
    const next = new Map<string, Reached>();
    for (const from of layer) {
      if (next.size >= bound) break;
      eachChoice(of, from, (path) => {
        const record = m.w.slice();
        if (of.numberOf() !== state) return false;
        const key = bound > 1 ? record.join() : '';
        if (!next.has(key)) next.set(key, { record, path });
        return next.size >= bound;
      });
    }
    layer = [...next.values()];
  }
  return layer;
}

function lastStep(
  of: Permuted,
  layer: readonly Reached[],
  tell: (event: Event) => boolean,
): readonly number[] | undefined {
  let found: readonly number[] | undefined;
  for (const from of layer) {
    eachChoice(of, from, (path) => {
      if (!of.m.events.told.some(tell)) return false;
      found = path;
      return true;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Takes each choice of a state in turn, until `visit` has seen enough. */
function eachChoice({ m, choices }: Permuted, from: Reached, visit: (path: readonly number[]) => boolean): void {
  for (let i = 0, count = 1; i < count; i++) {
    m.w.set(from.record);
    offerAll(m, choices);
    count = choices.count;
    if (i >= count) return;
    take(m, choices, i);
    if (!m.dropped && visit([...from.path, i])) return;
  }
}
