/** The variables of a litmus test, in the order in which it mentions them, and the sets of attributes that it names. */

import { type AttributeSets, attributeKey } from './descriptor';
import type { Condition, Constant, FaultAtom, LitmusTest, Location } from './test';

export interface Mentioned {
  readonly variables: readonly string[];
  readonly attributeSets: AttributeSets;
}

export function mentioned(test: LitmusTest): Mentioned {
  const variables = new Set<string>();
  const attributeSets = new Set<string>();
  const constant = (value: Constant): void => {
    if (value.kind === 'address' || value.kind === 'entryAddress' || value.kind === 'frame') variables.add(value.name);
    if (value.kind !== 'descriptor') return;
    const { descriptor } = value;
    if (descriptor.output !== undefined) variables.add(descriptor.output);
    if (descriptor.attributes.length > 0) attributeSets.add(attributeKey(descriptor));
  };
  const location = (where: Location): void => {
    if (where.kind !== 'register') variables.add(where.name);
  };
  const fault = (atom: FaultAtom): void => {
    if (atom.target !== undefined) variables.add(atom.target.name);
  };
  for (const item of test.initial) {
    location(item.location);
    for (const value of item.values) constant(value);
  }
  for (const shown of test.locations) {
    if (shown.kind === 'fault') fault(shown.fault);
    else location(shown.location);
  }
  for (const condition of [test.filter, test.condition]) {
    if (condition !== undefined) eachAtom(condition, { location, constant, fault });
  }
  return { variables: [...variables], attributeSets: [...attributeSets] };
}

export interface AtomVisitor {
  readonly location: (location: Location) => void;
  readonly constant?: (value: Constant) => void;
  readonly fault: (fault: FaultAtom) => void;
}

/** Visits what a condition speaks of, from left to right. */
export function eachAtom(condition: Condition, visitor: AtomVisitor): void {
  switch (condition.kind) {
    case 'constant':
      return;
    case 'and':
    case 'or':
    case 'implies':
      eachAtom(condition.left, visitor);
      eachAtom(condition.right, visitor);
      return;
    case 'not':
      eachAtom(condition.operand, visitor);
      return;
    case 'equals':
      visitor.location(condition.location);
      visitor.constant?.(condition.value);
      return;
    case 'same':
      visitor.location(condition.left);
      visitor.location(condition.right);
      return;
    case 'fault':
      visitor.fault(condition.fault);
      return;
  }
}

const sizes: Readonly<Record<string, number>> = {
  char: 1,
  int8_t: 1,
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  short: 2,
  int64_t: 8,
  uint64_t: 8,
  pteval_t: 8,
  intptr_t: 8,
  uintptr_t: 8,
  long: 8,
};

/**
 * Bytes of each variable, or of its elements, for a test with arrays: there accesses have the size of their register.
 * Empty for any other test, where each variable is one location of 8 bytes.
 */
export function elementSizes(test: LitmusTest): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (!test.initial.some((i) => i.array)) return found;
  for (const { location, type, pointer } of test.initial) {
    if (location.kind === 'variable') found.set(location.name, pointer ? 8 : (sizes[type ?? 'int'] ?? 4));
  }
  return found;
}
