/** One execution, step by step: what each choice was, what it told, and the state after it. */

import type { Event } from '../machine/events';
import type { Machine } from '../machine/machine';
import type { Instruction, Site } from '../machine/program';
import { type Choices, EFFECT } from '../steps/choices';
import { settle } from '../steps/closure';
import { offerAll, take } from '../steps/next';
import { type Snapshot, snapshot } from './snapshot';

/** What a step was. `decide`: a guess, a choice of the scenario, an interrupt taken or not. */
export type Effect =
  | 'walk'
  | 'hardware-update'
  | 'read'
  | 'write'
  | 'exclusive-fail'
  | 'tlbi'
  | 'acquire'
  | 'rcu'
  | 'guess'
  | 'decide'
  | 'interrupt'
  | 'no-interrupt'
  | 'spontaneous-access-flag';

export interface TraceStep {
  /** -1: the hardware by itself. */
  readonly cpu: number;
  readonly effect: Effect;
  /** The instruction whose effect it is; absent for an interrupt at the end of the code. */
  readonly instruction?: Instruction;
  readonly site?: Site;
  /** A walk's result: physical address, or the fault. */
  readonly walk?: { readonly physicalAddress: bigint } | { readonly fault: number; readonly level: number };
  /** Ordinal of the choice, and how many there were. */
  readonly choice: number;
  readonly choices: number;
  readonly events: readonly Event[];
  readonly after: Snapshot;
}

export interface Trace {
  readonly initial: Snapshot;
  /** Told before the first choice. */
  readonly events: readonly Event[];
  readonly steps: readonly TraceStep[];
  /** The path named a choice that does not exist there: it belongs to another program or other options. */
  readonly brokenAt?: number;
}

const names: Readonly<Record<number, Effect>> = {
  [EFFECT.WALK]: 'walk',
  [EFFECT.UPDATE]: 'hardware-update',
  [EFFECT.READ]: 'read',
  [EFFECT.WRITE]: 'write',
  [EFFECT.EXCLUSIVE_FAIL]: 'exclusive-fail',
  [EFFECT.INVALIDATE]: 'tlbi',
  [EFFECT.ACQUIRE]: 'acquire',
  [EFFECT.RCU]: 'rcu',
  [EFFECT.GUESS]: 'guess',
  [EFFECT.FETCH]: 'decide',
  [EFFECT.SPONTANEOUS]: 'spontaneous-access-flag',
};

/** Replays a path on a machine whose layout is the exploration's. */
export function replay(m: Machine, choices: Choices, path: readonly number[]): Trace {
  m.reset();
  m.dropped = false;
  m.events.clear();
  settle(m);
  const initial = snapshot(m);
  const events = [...m.events.told];
  const steps: TraceStep[] = [];
  for (const [index, choice] of path.entries()) {
    offerAll(m, choices);
    if (choice >= choices.count) return { initial, events, steps, brokenAt: index };
    const cpu = choices.cpu[choice] as number;
    const k = choices.slot[choice] as number;
    const effect = choices.effect[choice] as number;
    const payload = choices.payload[choice] as number;
    const instruction = instructionOf(m, cpu, k);
    const result = effect === EFFECT.WALK ? choices.walks[payload] : undefined;
    const count = choices.count;
    take(m, choices, choice);
    if (m.dropped) return { initial, events, steps, brokenAt: index };
    steps.push({
      cpu,
      effect: effect === EFFECT.INTERRUPT ? (payload < 0 ? 'no-interrupt' : 'interrupt') : (names[effect] as Effect),
      ...(instruction === undefined ? {} : { instruction, site: instruction.site }),
      ...(result === undefined
        ? {}
        : {
            walk:
              result.physical >= 0
                ? { physicalAddress: m.values.get(result.physical) }
                : { fault: result.fault, level: result.level },
          }),
      choice,
      choices: count,
      events: [...m.events.told],
      after: snapshot(m),
    });
  }
  return { initial, events, steps };
}

function instructionOf(m: Machine, cpu: number, k: number): Instruction | undefined {
  if (cpu < 0) return undefined;
  const ip = k < 0 ? (m.w[m.base(cpu)] as number) : (m.w[m.slot(cpu, k)] as number);
  return m.cpus[cpu]?.code[ip]?.instruction;
}
