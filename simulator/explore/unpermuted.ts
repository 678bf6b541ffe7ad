/**
 * A path through states that stand for their permutations, as choices of one execution. Each step is taken from the state
 * that stands for others; where its CPUs went when the next one was put in order tells where they are in the execution. All
 * CPUs may be put in other places from the start on, so that the execution shows what is wanted of it.
 */

import type { Event } from '../machine/events';
import { CPU, SLOT } from '../machine/layout';
import type { Machine } from '../machine/machine';
import { type Choices, EFFECT, type WalkResult } from '../steps/choices';
import { settle } from '../steps/closure';
import { offerAll, take } from '../steps/next';
import type { StateStore } from './stateStore';
import type { Symmetry } from './symmetry';

export interface Permuted {
  readonly m: Machine;
  readonly choices: Choices;
  readonly store: StateStore;
  readonly symmetry: Symmetry;
}

/** A state that stands for others, and the choice that is taken from it. */
export interface Step {
  readonly state: number;
  readonly choice: number;
}

/** What the execution is to show at its end. */
export interface Wanted {
  /** It is told by the last step; else it is in the state behind it. */
  readonly isTold: boolean;
  /** Where the CPUs must go so that what has just been told, or the record, becomes what is wanted; undefined: it cannot. */
  readonly places: (told: readonly Event[]) => Int32Array | undefined;
}

/** What a choice does: of which CPU, and that in words that are the same in other orders of the steps. */
interface Done {
  readonly cpu: number;
  readonly at: number;
  readonly effect: number;
  readonly payload: number;
  readonly walk: WalkResult | undefined;
}

/** The choices of an execution through (permutations of) these states to the one behind the last step, `last`. */
export function unpermuted(of: Permuted, steps: readonly Step[], last: number, wanted?: Wanted): readonly number[] {
  const { m, choices, store, symmetry } = of;
  const unmoved = Int32Array.from(m.cpus.keys());
  let places: Int32Array = unmoved;
  const done = steps.map(({ state, choice }, i) => {
    store.load(state);
    offerAll(m, choices);
    const done = { what: doneBy(m, choices, choice), places };
    take(m, choices, choice);
    if (i === steps.length - 1 && wanted?.isTold === true) return done;
    const ids = new Int32Array(m.cpus.length + 1);
    store.blocksOf(ids);
    places = after(places, inverse(symmetry.placesIn(ids)));
    return done;
  });
  if (wanted?.isTold === false) store.load(last);
  const wish = wanted?.places(m.events.told);
  const start = wish === undefined ? unmoved : after(wish, inverse(places));
  return follow(
    of,
    done.map(({ what, places }) => moved(m, what, after(start, places))),
  );
}

function doneBy(m: Machine, choices: Choices, i: number): Done {
  const [cpu, k] = [choices.cpu[i] as number, choices.slot[i] as number];
  const [effect, payload] = [choices.effect[i] as number, choices.payload[i] as number];
  const at = cpu < 0 ? -1 : (m.w[k < 0 ? m.base(cpu) + CPU.PC : m.slot(cpu, k) + SLOT.IP] as number);
  const walk = effect === EFFECT.WALK ? choices.walks[payload] : undefined;
  return { cpu, at, effect, payload: walk === undefined ? payload : 0, walk };
}

function moved({ values: { own } }: Machine, done: Done, places: Int32Array): Done {
  const { cpu, walk } = done;
  const { physical = -1, faultValue = 0 } = walk ?? {};
  return {
    ...done,
    cpu: cpu < 0 ? cpu : (places[cpu] as number),
    walk: walk && { ...walk, physical: own.renamed(physical, places), faultValue: own.renamed(faultValue, places) },
  };
}

/**
 * The choices that do all this. The order is kept but for what one CPU must decide before the others go on, which comes first
 * wherever it may.
 */
function follow({ m, choices }: Permuted, done: readonly Done[]): readonly number[] {
  m.reset();
  m.dropped = false;
  settle(m);
  const path: number[] = [];
  const left = done.map((one) => JSON.stringify(one));
  const record = m.w.slice();
  while (left.length > 0) {
    const isOfAll = offerAll(m, choices);
    const offered = [...Array(choices.count).keys()].map((i) => JSON.stringify(doneBy(m, choices, i)));
    const next = left.findIndex((one) => offered.includes(one));
    // A decision that comes later than the end may be any.
    const ways = next >= 0 ? [offered.indexOf(left[next] as string)] : isOfAll ? [] : [...offered.keys()];
    record.set(m.w);
    const choice = ways.find((i) => {
      m.w.set(record);
      offerAll(m, choices);
      take(m, choices, i);
      return !m.dropped;
    });
    if (choice === undefined) return path;
    if (next >= 0) left.splice(next, 1);
    path.push(choice);
  }
  return path;
}

/** Where each CPU is that first goes to `first[t]`, and from there to `second`. */
function after(second: Int32Array, first: Int32Array): Int32Array {
  return first.map((place) => second[place] as number);
}

function inverse(places: Int32Array): Int32Array {
  const inverse = places.slice();
  places.forEach((place, t) => {
    inverse[place] = t;
  });
  return inverse;
}
