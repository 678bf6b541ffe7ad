/** What only the kernel's fault path does. */

import { branch } from '../branch';
import { type Compiler, emit, type Frame } from '../compiler';
import { inline } from '../inline';
import { applyBinary, negationOf } from '../operators';
import type { State } from '../state';
import { inRegister, type Numeric, number, zero } from '../value';
import { type Lowering, numbers, withNothing, wordOf } from './call';

const systemRegisterNames: Readonly<Record<string, 'esr' | 'far' | 'elr'>> = {
  esr_el1: 'esr',
  far_el1: 'far',
  elr_el1: 'elr',
};

function readSystemRegister(
  compiler: Compiler,
  frame: Frame,
  state: State,
  name: 'esr' | 'far' | 'elr' | 'fixup' | 'irqsMasked',
): Numeric {
  const read = compiler.graph.register();
  emit(compiler, frame, state, { kind: 'systemRegister', name, read });
  if (name === 'fixup' || name === 'irqsMasked') compiler.truths.add(read);
  return inRegister(read);
}

const readSysreg: Lowering = ({ compiler, frame, state, call }) => {
  const name = systemRegisterNames[wordOf(call.arguments[0])];
  if (name === undefined) return [{ state, value: zero }];
  if (name === 'far' && state.faultAddress !== undefined) return [{ state, value: state.faultAddress }];
  return [{ state, value: readSystemRegister(compiler, frame, state, name) }];
};

/** Addresses that can fault in one piece of code. */
export interface FaultAddresses {
  readonly known: readonly bigint[];
  /** Accesses whose address is in a register. */
  readonly others: boolean;
}

/** Addresses that get a copy of the fault path each. */
const maximumAddresses = 12;

/**
 * The ways into the fault path. FAR_EL1 is nearly always one of the few addresses that the text accesses: each gets its
 * own copy of the path, in which the way down the tables is known; another address goes the last way.
 */
export function faultWays(
  compiler: Compiler,
  frame: Frame,
  state: State,
  { known, others }: FaultAddresses,
): readonly State[] {
  if (known.length === 0 || known.length > maximumAddresses) return [state];
  const far = readSystemRegister(compiler, frame, state, 'far');
  const ways: State[] = [];
  let rest = state;
  known.forEach((address, i) => {
    const isLast = i === known.length - 1 && !others;
    if (isLast) {
      ways.push({ ...rest, faultAddress: number(address) });
      return;
    }
    const same = applyBinary(compiler, frame, rest, '==', far, number(address));
    const { whenTrue, whenFalse } = branch(compiler, frame, rest, same);
    ways.push({ ...whenTrue, faultAddress: number(address) });
    rest = whenFalse;
  });
  return others ? [...ways, { ...rest, faultAddress: far }] : ways;
}

/** Notes that the return of this exception goes to the fix-up where there is one. */
const fixupException: Lowering = withNothing((compiler, frame, state) => {
  const found = readSystemRegister(compiler, frame, state, 'fixup');
  state.fixup = found;
  return found;
});

const hook: Lowering = ({ compiler, frame, state, call }) => {
  const { hook: name, declarations } = compiler.world;
  const declared = name === undefined ? undefined : declarations.functions.get(name);
  return numbers(compiler, frame, state, call.arguments).flatMap((way) =>
    declared === undefined
      ? [{ state: way.state, value: zero }]
      : inline(compiler, frame, way.state, declared, way.value, call.span),
  );
};

export const faultPathLowerings: readonly (readonly [string, Lowering])[] = [
  ['read_sysreg', readSysreg],
  [
    'interrupts_enabled',
    withNothing((compiler, frame, state) =>
      negationOf(compiler, frame, state, readSystemRegister(compiler, frame, state, 'irqsMasked')),
    ),
  ],
  ['fixup_exception', fixupException],
  ['vmemmap_fault_hook', hook],
];
