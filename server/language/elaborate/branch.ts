/** Going on in two ways. */

import { type Compiler, type Frame, operandOf } from './compiler';
import { learn, withoutNegation } from './operators';
import { fork, type State } from './state';
import type { Numeric } from './value';

/** Ends the state's block with a branch on a value that is not known; gives what is known on both sides. */
export function branch(
  compiler: Compiler,
  frame: Frame,
  state: State,
  condition: Numeric,
): { readonly whenTrue: State; readonly whenFalse: State } {
  const { graph } = compiler;
  const [ifTrue, ifFalse] = [graph.block(), graph.block()];
  const whenTrue = fork(state, ifTrue);
  const whenFalse = fork(state, ifFalse);
  learn(compiler, condition, whenTrue, whenFalse);
  const { value, exchanged } = withoutNegation(compiler, condition);
  const operand = operandOf(compiler, frame, state, value);
  graph.end(state.block, {
    kind: 'branch',
    condition: operand,
    ifTrue: exchanged ? ifFalse : ifTrue,
    ifFalse: exchanged ? ifTrue : ifFalse,
    site: frame.site,
  });
  if (exchanged) learn(compiler, value, whenFalse, whenTrue);
  return { whenTrue, whenFalse };
}
