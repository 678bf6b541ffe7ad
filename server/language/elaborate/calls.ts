/** Calls: functions are inlined, primitives become instructions. */

import type { CallExpression, Expression } from '../ast';
import { argumentsFit, parametersOf } from './argumentKinds';
import { type Compiler, type Frame, notInThisKernel } from './compiler';
import { inline } from './inline';
import { builtinNames, builtinValue } from './lowering/builtins';
import { numbers } from './lowering/call';
import { lowerings } from './lowering/table';
import { memberValue } from './members';
import { settled } from './settled';
import type { State, Way } from './state';
import { isNumeric, type Value, zero } from './value';

export function evaluateCall(
  compiler: Compiler,
  frame: Frame,
  state: State,
  call: CallExpression,
): readonly Way<Value>[] {
  const { callee } = call;
  if (callee.kind === 'member') {
    return compiler.evaluate(frame, state, callee.object).flatMap((object) =>
      evaluateAll(compiler, frame, object.state, call.arguments).map((given) => ({
        state: given.state,
        value: memberValue(compiler, frame, object.value, callee.member, given.value.filter(isNumeric), given.state),
      })),
    );
  }
  if (callee.kind !== 'name') return [{ state, value: zero }];
  const declared = compiler.world.declarations.functions.get(callee.name);
  if (declared !== undefined) {
    const isLibrary = frame.source.origin !== 'library' && declared.source.origin === 'library';
    const parameters = isLibrary ? declared.item.parameters.map(({ name }) => name) : [];
    return evaluateAll(compiler, frame, state, call.arguments).flatMap((given): readonly Way<Value>[] =>
      argumentsFit(compiler, frame, call, callee.name, parameters, given.value)
        ? inline(compiler, frame, given.state, declared, given.value, call.span)
        : [{ state: given.state, value: zero }],
    );
  }
  const lowering = lowerings.get(callee.name);
  if (lowering !== undefined) return lowering({ compiler, frame, state, call });
  if (!builtinNames.includes(callee.name)) {
    notInThisKernel(compiler, frame, callee);
    return [{ state, value: zero }];
  }
  const parameters = frame.source.origin === 'library' ? [] : parametersOf(callee.name);
  return numbers(compiler, frame, state, call.arguments).map((given) => ({
    state: given.state,
    value: !argumentsFit(compiler, frame, call, callee.name, parameters, given.value)
      ? zero
      : (builtinValue(compiler, frame, given.state, callee.name, given.value) ?? zero),
  }));
}

/** Evaluates expressions from left to right. */
export function evaluateAll(
  compiler: Compiler,
  frame: Frame,
  state: State,
  expressions: readonly Expression[],
): readonly Way<readonly Value[]>[] {
  const quick: Value[] = [];
  for (const expression of expressions) {
    const value = settled(compiler, frame, state, expression);
    if (value === undefined) break;
    quick.push(value);
  }
  let ways: readonly Way<readonly Value[]>[] = [{ state, value: quick }];
  for (const expression of expressions.slice(quick.length)) {
    ways = ways.flatMap((way) =>
      compiler
        .evaluate(frame, way.state, expression)
        .map((next) => ({ state: next.state, value: [...way.value, next.value] })),
    );
  }
  return ways;
}
