/**
 * The slow explorer: breadth first over any transition system, states compared by a printed key. It knows no domain and
 * has no cleverness, so that what it counts can be believed.
 */

/** One transition out of a state: what was done, and the state it leads to. */
export interface Step<S, A> {
  readonly action: A;
  readonly next: S;
}

/** Something that must hold of every step from a reachable state. */
export interface Assertion<S, A> {
  readonly name: string;
  holds(before: S, step: Step<S, A>): boolean;
}

export interface TransitionSystem<S, A> {
  readonly initial: S;
  /** All transitions, in a fixed order; two that lead to the same state are two transitions. */
  successors(state: S): readonly Step<S, A>[];
  /** Equal for equal states, different for different ones. */
  key(state: S): string;
  /** Checked in this order; a step that breaks one is reported and not followed. */
  readonly assertions: readonly Assertion<S, A>[];
  /** Whether it is right that nothing can happen any more. Without it every state may be the last one. */
  mayEnd?(state: S): boolean;
}

/** A shortest way to break an assertion: the actions from the initial state, the breaking one last. */
export interface Violation<A> {
  readonly assertion: string;
  readonly actions: readonly A[];
}

export interface Exploration<A> {
  readonly states: number;
  readonly transitions: number;
  /** How many levels the search has, the initial state's included: one more than the transitions to the farthest state. */
  readonly levels: number;
  /** All of the same, smallest length: the search ends with the level on which the first one was found. */
  readonly violations: readonly Violation<A>[];
  /** Whether every reachable state was visited. If not, the counts are lower bounds and silence proves nothing. */
  readonly complete: boolean;
}

/** How a state was reached first; the state itself is not kept, so that old levels can be forgotten. */
interface Trail<A> {
  readonly before: Trail<A> | undefined;
  readonly action: A;
}

interface Reached<S, A> {
  readonly state: S;
  readonly trail: Trail<A> | undefined;
}

/** Explores all reachable states, at most `boundStates` of them. */
export function explore<S, A>(system: TransitionSystem<S, A>, boundStates: number): Exploration<A> {
  const seen = new Set<string>([system.key(system.initial)]);
  let level: Reached<S, A>[] = [{ state: system.initial, trail: undefined }];
  let transitions = 0;
  let levels = 1;
  const violations: Violation<A>[] = [];

  const report = (assertion: string, trail: Trail<A> | undefined) => {
    if (violations.some((known) => known.assertion === assertion)) return;
    violations.push({ assertion, actions: actionsOf(trail) });
  };

  for (;;) {
    const nextLevel: Reached<S, A>[] = [];
    for (const reached of level) {
      if (seen.size > boundStates) break;
      const steps = system.successors(reached.state);
      if (steps.length === 0 && system.mayEnd && !system.mayEnd(reached.state)) report('deadlock', reached.trail);
      for (const step of steps) {
        transitions++;
        const trail = { before: reached.trail, action: step.action };
        const broken = system.assertions.find((assertion) => !assertion.holds(reached.state, step));
        if (broken) {
          report(broken.name, trail);
          continue;
        }
        const key = system.key(step.next);
        if (seen.has(key)) continue;
        seen.add(key);
        nextLevel.push({ state: step.next, trail });
      }
    }
    const done = nextLevel.length === 0 || violations.length > 0;
    if (done || seen.size > boundStates) {
      return { states: seen.size, transitions, levels, violations, complete: done && violations.length === 0 };
    }
    level = nextLevel;
    levels++;
  }
}

function actionsOf<A>(trail: Trail<A> | undefined): A[] {
  const actions: A[] = [];
  for (let at = trail; at; at = at.before) actions.push(at.action);
  return actions.reverse();
}
