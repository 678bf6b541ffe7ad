/** How an execution ended: its observed values, or a deadlock. */

import { isAtEnd, sentInterrupts } from './fetch';
import { current } from './memory';
import { isFree, isOver, readIsOpen, type View, walkIsOpen, writeIsOpen } from './order';
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
  if (i.kind === 'svc') tell(state, t, 'supervisor-call', i.site);
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
    (cpu, t) =>
      isAtEnd(context, state, t) &&
      sentInterrupts(context, state, t).length === 0 &&
      cpu.window.every((_, k) => isOver({ context, state, cpu: t }, k)),
  );
}

/** A state that is not final and in which no CPU can do anything: whether that is because they wait for each other. */
export function isDeadlock(context: Context, state: TwinState): boolean {
  if (isFinal(context, state)) return false;
  return state.cpus.every(
    (cpu, t) =>
      hasEnded(context, state, t) || cpu.grace !== null || cpu.window.some((_, k) => waits(context, state, t, k)),
  );
}

function hasEnded(context: Context, state: TwinState, t: number): boolean {
  const isOver = isAtEnd(context, state, t) && state.cpus[t]!.window.length === 0;
  return isOver && sentInterrupts(context, state, t).length === 0;
}

/** The instruction at place `k` waits for a word or a lock. */
function waits(context: Context, state: TwinState, t: number, k: number): boolean {
  const v: View = { context, state, cpu: t };
  const instance = state.cpus[t]!.window[k]!;
  const i = instructionOf(context, t, instance);
  if (instance.synchronises) return false;
  if (i.kind === 'wait') return readIsOpen(v, k);
  return i.kind === 'lock' && i.taken === undefined && writeIsOpen(v, k) && !isFree(v, i);
}

/**
 * Some CPU waits for a lock that nobody will release, whatever the others still do: some holder has ended, or waits so too.
 * What may turn out not to have begun is no wait.
 */
export function someWaitForEver(context: Context, state: TwinState): boolean {
  const next = state.cpus.map((cpu, t) => {
    const v: View = { context, state, cpu: t };
    const k = cpu.window.findIndex((instance, j) => {
      const one = instructionOf(context, t, instance);
      const isLock = (one.kind === 'unlock' || (one.kind === 'lock' && one.taken === undefined)) && writeIsOpen(v, j);
      return walkIsOpen(v, j) || instance.guess !== null || isLock || waits(context, state, t, j);
    });
    const i = k < 0 || walkIsOpen(v, k) ? undefined : instructionOf(context, t, cpu.window[k]!);
    return i?.kind === 'lock' && i.taken === undefined ? { lock: i, isFree: isFree(v, i) } : undefined;
  });
  const holdersAwaited = next.map((wanted): readonly number[] => {
    if (wanted === undefined) return [];
    const { lock, mode } = wanted.lock;
    const { holders } = state.locks[lock]!;
    if (!wanted.isFree) return holders;
    // A reader waits behind a writer that may have come before it.
    const isRead = mode === 'shared' && holders.length > 0;
    return next.flatMap((other, u) =>
      isRead && other?.lock.lock === lock && other.lock.mode === 'exclusive' && !other.isFree ? [u] : [],
    );
  });
  const ended = state.cpus.map((_, t) => hasEnded(context, state, t));
  const goesOn = state.cpus.map(() => false);
  for (let changed = true; changed; ) {
    changed = false;
    for (const t of state.cpus.keys()) {
      if (goesOn[t] || ended[t] || !holdersAwaited[t]!.every((u) => goesOn[u])) continue;
      goesOn[t] = true;
      changed = true;
    }
  }
  return goesOn.some((goes, t) => !goes && !ended[t]);
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
