/** Reports, warnings and deaths. */

import type { ReportInstruction } from '../../../../simulator/machine/program';
import { type Compiler, emit, operandOf } from '../compiler';
import { negationOf, truthOf } from '../operators';
import type { Way } from '../state';
import { one, type Value, zero } from '../value';
import { type Lowering, numbers, wordOf } from './call';

type ReportOptions = Pick<ReportInstruction, 'fatal' | 'panic'>;

/** A report at this point. A death or a panic without a condition is the end of the way. */
const report =
  (options: ReportOptions): Lowering =>
  ({ compiler, frame, state, call }) => {
    const outcome = wordOf(call.arguments[0]);
    if (outcome === '') return [{ state, value: zero }];
    const about = state.faultAddress?.kind === 'number' ? { about: state.faultAddress.value } : {};
    emit(compiler, frame, state, { kind: 'report', outcome, ...options, ...about });
    if (options.fatal || options.panic) {
      compiler.graph.end(state.block, { kind: 'dead' });
      return [];
    }
    return [{ state, value: zero }];
  };

/** A report when a condition holds, or with `whenZero` when it does not; its value is the condition as 0 or 1. */
const conditional =
  (outcome: string, whenZero: boolean, optionsOf: (compiler: Compiler) => ReportOptions | undefined): Lowering =>
  ({ compiler, frame, state, call }) =>
    numbers(compiler, frame, state, call.arguments).flatMap((way): readonly Way<Value>[] => {
      const condition = way.value[0] ?? zero;
      const options = optionsOf(compiler);
      if (options === undefined) return [{ state: way.state, value: truthOf(compiler, frame, way.state, condition) }];
      const unless = whenZero ? condition : negationOf(compiler, frame, way.state, condition);
      if (unless.kind === 'number') {
        if (unless.value !== 0n) return [{ state: way.state, value: whenZero ? one : zero }];
        emit(compiler, frame, way.state, { kind: 'report', outcome, ...options });
        if (!options.fatal && !options.panic) return [{ state: way.state, value: whenZero ? zero : one }];
        compiler.graph.end(way.state.block, { kind: 'dead' });
        return [];
      }
      const operand = operandOf(compiler, frame, way.state, unless);
      emit(compiler, frame, way.state, { kind: 'report', outcome, unless: operand, ...options });
      return [{ state: way.state, value: truthOf(compiler, frame, way.state, condition) }];
    });

const warning = (compiler: Compiler): ReportOptions =>
  compiler.world.environment.configuration.panic_on_warn ? { panic: true } : {};
const debugOnly =
  (options: (compiler: Compiler) => ReportOptions) =>
  (compiler: Compiler): ReportOptions | undefined =>
    compiler.world.environment.configuration.debug_vm ? options(compiler) : undefined;
const bug = (): ReportOptions => ({ fatal: true });

export const reportLowerings: readonly (readonly [string, Lowering])[] = [
  ['report', report({})],
  ['die', report({ fatal: true })],
  ['panic', report({ panic: true })],
  ['assert', conditional('assert', true, () => ({}))],
  ['WARN_ON', conditional('WARN', false, warning)],
  ['BUG_ON', conditional('BUG', false, bug)],
  ['VM_BUG_ON', conditional('BUG', false, debugOnly(bug))],
  ['VM_WARN_ON', conditional('WARN', false, debugOnly(warning))],
];
