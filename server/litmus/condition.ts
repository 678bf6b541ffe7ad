/** Conditions of litmus tests over one final state, a tuple of the values of what was observed. */

import { type ConstantContext, constantValue } from './constants';
import { OUTPUT_MASK } from './descriptor';
import type { LoweredTest } from './lower';
import type { Observed, ObservedFault } from './observe';
import type { Condition, Constant, FaultAtom, Location } from './test';

/** One final state: the value of each observable; for a fault 1 when it was taken. Absent: the word has no value. */
export type FinalState = readonly (bigint | undefined)[];

/** Makes the test of a condition; what it speaks of is among what the test observes. */
export function compileCondition(condition: Condition, test: LoweredTest): (state: FinalState) => boolean {
  switch (condition.kind) {
    case 'constant':
      return () => condition.value;
    case 'not': {
      const operand = compileCondition(condition.operand, test);
      return (state) => !operand(state);
    }
    case 'and':
    case 'or':
    case 'implies': {
      const left = compileCondition(condition.left, test);
      const right = compileCondition(condition.right, test);
      if (condition.kind === 'and') return (state) => left(state) && right(state);
      if (condition.kind === 'or') return (state) => left(state) || right(state);
      return (state) => !left(state) || right(state);
    }
    case 'equals': {
      const at = indexOf(test, condition.location);
      const agrees = comparison(condition.location, condition.value, test.constants);
      return (state) => agrees(state[at] ?? 0n);
    }
    case 'same': {
      const left = indexOf(test, condition.left);
      const right = indexOf(test, condition.right);
      return (state) => state[left] === state[right];
    }
    case 'fault': {
      const places = test.observed.flatMap((o, i) => (o.kind === 'fault' && isAbout(condition.fault, o) ? [i] : []));
      return (state) => places.some((i) => (state[i] ?? 0n) !== 0n);
    }
  }
}

/** Whether an observed fault is one that an atom of the condition is about. */
export function isAbout(atom: FaultAtom, fault: ObservedFault): boolean {
  return (
    atom.thread === fault.thread &&
    (atom.label === undefined || fault.labels.includes(atom.label)) &&
    (atom.types === undefined || atom.types.includes(fault.type)) &&
    (atom.target === undefined || (fault.target?.kind === atom.target.kind && fault.target.name === atom.target.name))
  );
}

function indexOf(test: LoweredTest, location: Location): number {
  return test.observed.findIndex((o) => isLocation(o, location));
}

function isLocation(observed: Observed, location: Location): boolean {
  if (observed.kind !== location.kind) return false;
  switch (location.kind) {
    case 'register':
      return (
        observed.kind === 'register' && observed.thread === location.thread && observed.register === location.register
      );
    case 'variable':
      return observed.kind === 'variable' && observed.name === location.name && observed.index === location.index;
    case 'entry':
      return observed.kind === 'entry' && observed.name === location.name;
  }
}

/**
 * Equality with a constant. A descriptor without output address means the own page for an entry and any page for a
 * register; a negative number is also met as the 32-bit value of a W register.
 */
function comparison(location: Location, constant: Constant, context: ConstantContext): (value: bigint) => boolean {
  const own = location.kind === 'entry' ? location.name : undefined;
  const wanted = constantValue(constant, context, own);
  if (wanted === undefined) return () => false;
  if (constant.kind === 'descriptor' && constant.descriptor.output === undefined && own === undefined) {
    return (value) => (value & ~OUTPUT_MASK) === (wanted & ~OUTPUT_MASK);
  }
  if (constant.kind === 'descriptor' && constant.descriptor.output === undefined) {
    const unplaced = constantValue(constant, context);
    return (value) => value === wanted || value === unplaced;
  }
  if (constant.kind === 'number' && constant.value < 0n) {
    const narrow = BigInt.asUintN(32, constant.value);
    return (value) => value === wanted || value === narrow;
  }
  return (value) => value === wanted;
}
