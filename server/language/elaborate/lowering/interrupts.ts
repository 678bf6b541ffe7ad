/** Interrupt masks, interrupts between CPUs, and waiting. */

import { elaborationCodes } from '../codes';
import { type Compiler, complain, emit, type Frame, operandOf } from '../compiler';
import type { State } from '../state';
import { inRegister, number, zero } from '../value';
import { bare, type Lowering, numbers, withNothing, withNumbers, wordOf } from './call';
import { restoreInterrupts } from './locks';

type Masking = { readonly irq?: 'mask' | 'unmask' | 'inherit'; readonly nmi?: 'mask' | 'unmask' | 'inherit' };

const mask = (change: Masking): Lowering =>
  withNothing((compiler, frame, state) => {
    // Whether the fault path may sleep depends on what it inherits, on every CPU.
    if (change.irq !== 'inherit' && !mattersHere(compiler, frame)) return undefined;
    emit(compiler, frame, state, { kind: 'mask', ...change });
    return undefined;
  });

/** The fault path of a CPU that nothing interrupts need not see to its masks. */
function mattersHere(compiler: Compiler, frame: Frame): boolean {
  return compiler.interruptible || compiler.fromStart || frame.source.origin !== 'library';
}

const saveInterrupts: Lowering = withNothing((compiler, frame, state) => {
  if (!mattersHere(compiler, frame)) return zero;
  const save = compiler.graph.register();
  emit(compiler, frame, state, { kind: 'mask', irq: 'mask', save });
  return inRegister(save);
});

/** Sends to one CPU, or to every other CPU that has a handler of the name. */
function send(compiler: Compiler, frame: Frame, state: State, name: string, target: number | undefined): void {
  for (const { name: other, cpu, index } of compiler.world.interrupts) {
    if (other !== name || cpu === compiler.cpu) continue;
    if (target === undefined || target === compiler.world.cpuNumbers[cpu])
      emit(compiler, frame, state, { kind: 'sendInterrupt', cpu, interrupt: index });
  }
}

const sendTo: Lowering = ({ compiler, frame, state, call }) => {
  const [target, name] = call.arguments;
  if (target === undefined) return [{ state, value: zero }];
  return numbers(compiler, frame, state, [target]).map((way) => {
    const cpu = way.value[0] ?? zero;
    if (cpu.kind === 'number') send(compiler, frame, way.state, wordOf(name), Number(cpu.value));
    else complain(compiler, frame, elaborationCodes.notConstant, target.span, 'the CPU of send_ipi must be known here');
    return { state: way.state, value: zero };
  });
};

const sendToOthers: Lowering = ({ compiler, frame, state, call }) => {
  send(compiler, frame, state, wordOf(call.arguments[0]), undefined);
  return [{ state, value: zero }];
};

const cpuNumber: Lowering = withNothing((compiler, frame, state) => {
  if (!compiler.shared) return number(BigInt(compiler.cpuNumber));
  const destination = compiler.graph.register();
  emit(compiler, frame, state, { kind: 'cpuNumber', destination });
  return inRegister(destination);
});

/** `wait(*p == v)`: one step instead of a loop. */
const waiting =
  (acquire: boolean): Lowering =>
  ({ compiler, frame, state, call }) => {
    const condition = call.arguments[0] && bare(call.arguments[0]);
    if (condition?.kind !== 'binary' || (condition.operator !== '==' && condition.operator !== '!='))
      return [{ state, value: zero }];
    const target = bare(condition.left);
    const address = target.kind === 'unary' && target.operator === '*' ? target.operand : target;
    const comparison = condition.operator === '==' ? 'equal' : 'notEqual';
    return numbers(compiler, frame, state, [address, condition.right]).map((way) => {
      const [at = zero, value = zero] = way.value;
      emit(compiler, frame, way.state, {
        kind: 'wait',
        address: operandOf(compiler, frame, way.state, at),
        bytes: at.bytes ?? 8,
        comparison,
        value: operandOf(compiler, frame, way.state, value),
        ...(acquire ? { acquire } : {}),
      });
      return { state: way.state, value: zero };
    });
  };

export const interruptLowerings: readonly (readonly [string, Lowering])[] = [
  ['local_irq_disable', mask({ irq: 'mask' })],
  ['local_irq_enable', mask({ irq: 'unmask' })],
  ['local_irq_save', saveInterrupts],
  [
    'local_irq_restore',
    withNumbers((compiler, frame, state, [flags = zero]) => {
      if (mattersHere(compiler, frame)) restoreInterrupts(compiler, frame, state, flags);
      return undefined;
    }, 1),
  ],
  ['local_nmi_disable', mask({ irq: 'mask', nmi: 'mask' })],
  ['local_nmi_enable', mask({ nmi: 'unmask' })],
  ['local_daif_inherit', mask({ irq: 'inherit', nmi: 'inherit' })],
  ['local_daif_mask', mask({ irq: 'mask', nmi: 'mask' })],
  ['send_ipi', sendTo],
  ['send_ipi_others', sendToOthers],
  ['smp_processor_id', cpuNumber],
  ['cpu_relax', withNothing(() => undefined)],
  ['wait', waiting(false)],
  ['wait_acquire', waiting(true)],
];
