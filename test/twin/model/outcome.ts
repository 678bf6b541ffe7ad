/** How an execution ended: its observed values, or a deadlock. */

import { isAtEnd } from './fetch';
import { current } from './memory';
import { isOver, readIsOpen, type View, writeIsOpen } from './order';
import { type Context, destination, word } from './program';
import { copyOf, type Instance, type TwinState } from './state';
import { instructionOf, resultOf } from './values';

/** The instruction at place `k` is of the past: its result is a register's, its fault has been seen. */
export function remember(context: Context, state: TwinState, t: number, instance: Instance, k: number): void {
  const cpu = state.cpus[t]!;
  if (instance.synchronises) return;
  const i = instructionOf(context, t, instance);
  if (instance.fault !== null) {
    tell(state, t, `${instance.fault.kind}-fault`, i.site);
    return;
  }
  const register = destination(i);
  if (register !== undefined) cpu.registers[register] = resultOf(context, state, t, k)!;
}

/** Notes for good what has happened at a site. */
export function tell(state: TwinState, t: number, what: string, site: number): void {
  const cpu = state.cpus[t]!;
  const told = `${what} ${site}`;
  if (!cpu.told.includes(told)) cpu.told = [...cpu.told, told].sort();
}

/** Everything is over: the execution is complete. */
export function isFinal(context: Context, state: TwinState): boolean {
  return state.cpus.every(
    (cpu, t) => isAtEnd(context, state, t) && cpu.window.every((_, k) => isOver({ context, state, cpu: t }, k)),
  );
}

/** A state that is not final and in which no CPU can do anything: whether that is because they wait for each other. */
export function isDeadlock(context: Context, state: TwinState): boolean {
  if (isFinal(context, state)) return false;
  return state.cpus.every((cpu, t) => {
    if (isAtEnd(context, state, t) && cpu.window.length === 0) return true;
    const v: View = { context, state, cpu: t };
    return cpu.window.some((instance, k) => {
      const i = instructionOf(context, t, instance);
      if (instance.synchronises) return false;
      if (i.kind === 'wait') return readIsOpen(v, k);
      return i.kind === 'lock' && writeIsOpen(v, k) && state.locks[i.lock]!.holders.length > 0;
    });
  });
}

/** The observed values of a final state, in the order of `program.observe`. */
export function observed(context: Context, final: TwinState): bigint[] {
  const state = copyOf(final);
  state.cpus.forEach((cpu, t) => {
    cpu.window.forEach((instance, k) => {
      remember(context, state, t, instance, k);
    });
  });
  return context.program.observe.map((o) => {
    if (o.kind === 'register') return BigInt(state.cpus[o.cpu]!.registers[o.register]!);
    if (o.kind === 'word') return BigInt(current(context, state, word(o.physicalAddress)));
    if (o.kind === 'translatedWord') throw new Error('the second machine observes no translated words');
    const told = state.cpus.flatMap((cpu, t) => (o.cpu === undefined || o.cpu === t ? cpu.told : []));
    return (o.sites ?? []).some((site) => told.includes(`${o.outcome} ${site}`)) ? 1n : 0n;
  });
}
