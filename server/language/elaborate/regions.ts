/** Blocks with an entry and an exit: `irqs_off`, `rcu`, and `stop_machine`, whose two ends are library text. */

import type { RegionStatement } from '../ast';
import { type Compiler, type Exit, emit, type Frame } from './compiler';
import { inline } from './inline';
import { restoreInterrupts } from './lowering/locks';
import type { State } from './state';
import { inRegister, zero } from './value';

/** Library functions at both ends of `stop_machine`, and what the other CPUs run meanwhile. */
export const stopperFunctions = {
  begin: 'stop_machine_begin',
  end: 'stop_machine_end',
  wait: 'multi_cpu_stop',
} as const;

/** Name of the interrupt by which stop_machine reaches the other CPUs. */
export const stopperInterrupt = 'cpu_stopper';

export function executeRegion(
  compiler: Compiler,
  frame: Frame,
  state: State,
  statement: RegionStatement,
): readonly Exit[] {
  const site = compiler.sites.site(frame.stack, frame.source, statement.keyword);
  const here: Frame = { ...frame, span: statement.keyword, site };
  switch (statement.region) {
    case 'irqs_off': {
      const save = compiler.graph.register();
      emit(compiler, here, state, { kind: 'mask', irq: 'mask', save });
      return leave(compiler.execute(frame, state, statement.body), (at) =>
        restoreInterrupts(compiler, here, at, inRegister(save)),
      );
    }
    case 'rcu':
      emit(compiler, here, state, { kind: 'rcu', operation: 'readLock' });
      return leave(compiler.execute(frame, state, statement.body), (at) =>
        emit(compiler, here, at, { kind: 'rcu', operation: 'readUnlock' }),
      );
    case 'stop_machine':
      return callText(compiler, here, state, stopperFunctions.begin, statement).flatMap((begun) =>
        compiler
          .execute(frame, begun, statement.body)
          .flatMap((exit) =>
            callText(compiler, here, exit.state, stopperFunctions.end, statement).map(
              (ended): Exit => ({ ...exit, state: ended }),
            ),
          ),
      );
  }
}

/** What happens when a block is left, whichever way. */
function leave(exits: readonly Exit[], emitExit: (state: State) => void): readonly Exit[] {
  for (const exit of exits) emitExit(exit.state);
  return exits;
}

function callText(
  compiler: Compiler,
  frame: Frame,
  state: State,
  name: string,
  statement: RegionStatement,
): readonly State[] {
  const declared = compiler.world.declarations.functions.get(name);
  if (declared === undefined) return [state];
  return inline(compiler, frame, state, declared, [zero], statement.keyword).map((way) => way.state);
}
