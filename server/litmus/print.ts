/**
 * The result of a test in herd7's form. herd7 counts candidate executions as witnesses; an exploration has no such
 * thing, so the witnesses here are final states.
 */

import { type FinalState, isAbout } from './condition';
import { describeCondition, describeFault, describeFaultAtom, describeLocation, describeValue } from './describe';
import type { LoweredTest } from './lower';
import type { FaultAtom, LitmusTest } from './test';
import { eachAtom } from './variables';
import type { Verdict } from './verdict';

const kinds = { exists: 'Allowed', 'not exists': 'Forbidden', forall: 'Required' } as const;
const quantifiers = { exists: 'exists', 'not exists': '~exists', forall: 'forall' } as const;

export interface Printed {
  readonly test: LitmusTest;
  readonly lowered: LoweredTest;
  readonly verdict: Verdict;
  /** Names of flags, such as Warning-BBM-expected. */
  readonly flags: readonly string[];
  /** Why the final states may not be all there are; absent: they are. */
  readonly incomplete?: string;
}

/** Several lines, the last one ended, too. */
export function printResult({ test, lowered, verdict, flags, incomplete }: Printed): string {
  const { name, quantifier } = test;
  const { holds, fails, states, observation } = verdict;
  const [positive, negative] = quantifier === 'not exists' ? [fails, holds] : [holds, fails];
  const lines = [
    `Test ${name} ${kinds[quantifier]}`,
    `States ${states.length}`,
    ...states.map((state) => describeState(state, test, lowered)),
    verdict.validated === undefined ? 'Unknown' : verdict.validated ? 'Ok' : 'No',
    'Witnesses',
    `Positive: ${positive} Negative: ${negative}`,
    ...flags.map((flag) => `Flag ${flag}`),
    ...(incomplete === undefined ? [] : [`Incomplete: ${incomplete}`]),
    `Condition ${quantifiers[quantifier]} (${describeCondition(test.condition, lowered.constants)})`,
    `Observation ${name} ${observation} ${holds} ${fails}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** `0:X1=1; [PTE(x)]=(oa:PA(y), af:0); Fault(P0:L0,x,MMU:Translation);` */
export function describeState(state: FinalState, test: LitmusTest, lowered: LoweredTest): string {
  const parts: string[] = [];
  const taken = lowered.observed.filter((o, i) => o.kind === 'fault' && (state[i] ?? 0n) !== 0n);
  for (const [i, observed] of lowered.observed.entries()) {
    if (observed.kind === 'fault') continue;
    const value = state[i];
    const text = value === undefined ? '?' : describeValue(value, lowered.constants);
    parts.push(`${describeLocation(observed, lowered.constants)}=${text};`);
  }
  for (const observed of taken) if (observed.kind === 'fault') parts.push(`${describeFault(observed)};`);
  for (const atom of faultAtoms(test)) {
    if (!taken.some((o) => o.kind === 'fault' && isAbout(atom, o)))
      parts.push(`~F${describeFaultAtom(atom).slice(1)};`);
  }
  return parts.join(' ');
}

/** The faults that the test asks about, each once. */
function faultAtoms(test: LitmusTest): readonly FaultAtom[] {
  const atoms = new Map<string, FaultAtom>();
  const fault = (atom: FaultAtom): void => {
    atoms.set(describeFaultAtom(atom), atom);
  };
  for (const shown of test.locations) if (shown.kind === 'fault') fault(shown.fault);
  eachAtom(test.condition, { location: () => undefined, fault });
  return [...atoms.values()];
}
