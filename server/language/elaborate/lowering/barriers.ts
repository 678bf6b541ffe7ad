/** Barriers, TLB maintenance and address translation. */

import { pageShift } from '../../../../simulator/machine/granule';
import type { BarrierType, Domain, Operand } from '../../../../simulator/machine/program';
import { barrierOptions } from '../../primitives/barriers';
import { type TlbiOperation, tlbiOperations } from '../../primitives/tlb';
import { type Compiler, emit, type Frame, operandOf } from '../compiler';
import { applyBinary } from '../operators';
import type { State } from '../state';
import { inRegister, type Numeric, number, plus, zero } from '../value';
import { type Lowering, numbers, withNothing, withNumbers, wordOf } from './call';

const barrier =
  (kind: 'dmb' | 'dsb'): Lowering =>
  ({ compiler, frame, state, call }) => {
    const option = barrierOptions.find((one) => one.name === wordOf(call.arguments[0]));
    if (option !== undefined) emit(compiler, frame, state, { kind, type: option.type, domain: option.domain });
    return [{ state, value: zero }];
  };

const smp = (type: BarrierType, domain: Domain = 'innerShareable'): Lowering =>
  withNothing((compiler, frame, state) => {
    emit(compiler, frame, state, { kind: 'dmb', type, domain });
    return undefined;
  });

/** VA[55:12], the part of the operand that names a page (4 KiB units whatever the granule). */
const pageMask = (1n << 44n) - 1n;

const operationByName = new Map(tlbiOperations.map((one) => [one.name as string, one]));

const tlbi: Lowering = ({ compiler, frame, state, call }) => {
  const [name, ...rest] = call.arguments;
  const operation = operationByName.get(wordOf(name));
  return numbers(compiler, frame, state, rest).map((way) => {
    if (operation !== undefined) emitTlbi(compiler, frame, way.state, operation, way.value);
    return { state: way.state, value: zero };
  });
};

function emitTlbi(
  compiler: Compiler,
  frame: Frame,
  state: State,
  operation: TlbiOperation,
  values: readonly Numeric[],
): void {
  // Kernel entries are global: an operation on the non-global entries of an address space leaves them all.
  if (operation.scope === 'asid') return;
  const base = {
    kind: 'tlbi',
    innerShareable: operation.shareability !== 'nonShareable',
    leafOnly: operation.leafOnly,
  } as const;
  if (operation.scope === 'all') {
    emit(compiler, frame, state, { ...base, scope: 'all' });
    return;
  }
  const [va = zero, second, third] = values;
  const hint = operation.scope === 'range' ? third : second;
  const hinted = hint?.kind === 'number' && hint.value >= 1n && hint.value <= 3n ? Number(hint.value) : undefined;
  const operand = pageOperand(compiler, frame, state, va);
  if (operation.scope === 'address' && extendsLast(compiler, frame, state, operation, hinted, operand)) return;
  const level = hinted === undefined ? {} : { level: hinted };
  if (operation.scope === 'address') {
    emit(compiler, frame, state, { ...base, ...level, scope: 'address', operand });
    return;
  }
  const last = second === undefined ? zero : plus(second, -1n);
  emit(compiler, frame, state, {
    ...base,
    ...level,
    scope: 'range',
    operand,
    lastOperand: pageOperand(compiler, frame, state, last),
  });
}

function pageOperand(compiler: Compiler, frame: Frame, state: State, va: Numeric): Operand {
  if (va.kind === 'number') return { kind: 'value', value: (va.value >> 12n) & pageMask };
  const page = applyBinary(compiler, frame, state, '>>', va, number(12n));
  return operandOf(compiler, frame, state, applyBinary(compiler, frame, state, '&', page, number(pageMask)));
}

/**
 * A loop that invalidates page after page becomes one invalidation of the range. That changes nothing which can be
 * seen: the entries of a range may go at different times before the DSB, but only the DSB tells anyone that they went.
 */
function extendsLast(
  compiler: Compiler,
  frame: Frame,
  state: State,
  { leafOnly, shareability }: TlbiOperation,
  level: number | undefined,
  operand: Operand,
): boolean {
  if (compiler.world.oneRun) return false;
  const { instructions } = state.block;
  const last = instructions[instructions.length - 1];
  if (last?.kind !== 'tlbi' || last.site !== frame.site || last.scope === 'all') return false;
  if (last.leafOnly !== leafOnly || last.innerShareable !== (shareability !== 'nonShareable')) return false;
  const end = last.lastOperand ?? last.operand;
  if (end?.kind !== 'value' || last.operand?.kind !== 'value' || operand.kind !== 'value') return false;
  const step = 1n << BigInt(pageShift(compiler.world.environment.configuration.granule) - 12);
  if (last.level !== level || operand.value !== end.value + step) return false;
  instructions[instructions.length - 1] = { ...last, scope: 'range', lastOperand: operand };
  return true;
}

const translate = (write: boolean): Lowering =>
  withNumbers((compiler, frame, state, [va = zero]) => {
    const destination = compiler.graph.register();
    emit(compiler, frame, state, {
      kind: 'translate',
      address: operandOf(compiler, frame, state, va),
      write,
      destination,
    });
    return inRegister(destination);
  }, 1);

export const barrierLowerings: readonly (readonly [string, Lowering])[] = [
  ['dmb', barrier('dmb')],
  ['dsb', barrier('dsb')],
  [
    'isb',
    withNothing((compiler, frame, state) => {
      emit(compiler, frame, state, { kind: 'isb' });
      return undefined;
    }),
  ],
  ['smp_mb', smp('full')],
  ['smp_wmb', smp('store')],
  ['smp_rmb', smp('load')],
  ['tlbi', tlbi],
  ['at_s1e1r', translate(false)],
  ['at_s1e1w', translate(true)],
];
