/**
 * The second machine: slow, and meant to be obviously right. It executes the same programs as the simulator's machine, by
 * the rules of docs/model.md read literally: a window of instructions in program order, one effect at a time in any order
 * that the rules allow, TLBs with entries. No reductions, nothing learned, nothing cut off but what is of the past.
 */

import type { Program } from '../../../simulator/machine/program';
import type { Step, TransitionSystem } from '../explore';
import { isCoherent } from './coherence';
import { type Effect, effectsOf, isUnprivileged, spontaneousEffects } from './effects';
import {
  dueInterrupts,
  fetchOne,
  guess,
  isSentTo,
  mayBeInterrupted,
  mayGuess,
  mayGuessTaken,
  sentInterrupts,
  takeSent,
} from './fetch';
import { kernelEffects } from './kernel';
import { version } from './memory';
import { asksInVain, isOver, type View, walkIsOpen } from './order';
import { remember } from './outcome';
import { type Context, contextOf, direct, word } from './program';
import { endWithProgram, mayHaveBegun, noteSections, noteStep, passBorder } from './readSections';
import {
  copyOf,
  type Instance,
  keyOf,
  type Lack,
  type Reservation,
  type TwinCpu,
  type TwinState,
  type Word,
} from './state';
import { fillAll, fillable, insert } from './tlb';
import { addressOf, instructionOf, operandValue } from './values';

export function twinSystem(
  program: Program,
  tlb: Context['tlb'],
): TransitionSystem<TwinState, string> & { context: Context } {
  const context = contextOf(program, tlb);
  return {
    context,
    initial: initialState(context),
    successors: (state) => successors(context, state),
    key: keyOf,
    assertions: [],
  };
}

function initialState(context: Context): TwinState {
  const { program } = context;
  const state: TwinState = {
    memory: {},
    locks: program.locks.map(() => ({ exclusive: false, holders: [], queue: [] })),
    cpus: program.cpus.map((cpu) => {
      const registers: Word[] = Array(cpu.registers).fill(0);
      for (const [register, value] of cpu.initial) registers[register] = word(value);
      return {
        pc: 0,
        exceptions: [],
        masks: { irq: cpu.irqsMasked === true, nmi: false, preempt: 0, rcu: 0 },
        pending: [],
        section: null,
        grace: null,
        back: 0,
        reservation: null,
        interrupts: cpu.interrupts.map(({ times }) => times),
        taking: null,
        undisturbed: false,
        registers,
        window: [],
        tlb: [],
        lacks: 'nowhere',
        told: [],
      };
    }),
    freePages: program.freePages.map(word).sort((a, b) => a - b),
  };
  if (!settle(context, state)) throw new Error('the first state is none');
  return state;
}

function successors(context: Context, state: TwinState): Step<TwinState, string>[] {
  const steps: Step<TwinState, string>[] = [];
  const decisions = interruptDecisions(context, state);
  for (const { name, apply } of decisions ?? [...cpuSteps(context, state), ...tlbSteps(context, state)]) {
    const next = copyOf(state);
    apply(next);
    if (settle(context, next)) steps.push({ action: name, next });
  }
  return steps;
}

/**
 * Whether an interrupt comes before an instruction concerns its CPU alone and has no effect before the handler's
 * instructions do, so that it may be decided as soon as the question arises. Undefined when it does not.
 */
function interruptDecisions(context: Context, state: TwinState): Effect[] | undefined {
  const t = state.cpus.findIndex((_, u) => mayBeInterrupted(context, state, u));
  if (t < 0) return undefined;
  const { name: cpuName, interrupts } = context.program.cpus[t]!;
  return [
    {
      name: `${cpuName} ${state.cpus[t]!.pc}: no interrupt`,
      apply: (next) => {
        next.cpus[t]!.undisturbed = true;
      },
    },
    ...dueInterrupts(context, state, t).map((n) => ({
      name: `${cpuName} ${state.cpus[t]!.pc}: ${interrupts[n]!.name}`,
      apply: (next: TwinState) => {
        next.cpus[t]!.taking = n;
      },
    })),
  ];
}

/** What CPUs may do: effects of instructions, guesses. Not all of it belongs to an execution. */
function cpuSteps(context: Context, state: TwinState): Effect[] {
  return state.cpus.flatMap((cpu, t) => {
    const v: View = { context, state, cpu: t };
    const cpuName = context.program.cpus[t]!.name;
    const steps: Effect[] = cpu.window.flatMap((instance, k) =>
      effectsOf(v, k).map(({ name, apply }) => ({ name: `${cpuName} ${instance.ip}: ${name}`, apply })),
    );
    for (const { name, apply } of [...kernelEffects(v), ...spontaneousEffects(v)])
      steps.push({ name: `${cpuName}: ${name}`, apply });
    if (mayHaveBegun(context, state, t))
      steps.push({ name: `${cpuName}: its section has begun`, apply: (next) => noteStep(next.cpus[t]!) });
    if (isSentTo(context, t) && fetchOne(context, copyOf(state), t))
      steps.push({ name: `${cpuName}: fetch ${cpu.pc}`, apply: (next) => void fetchOne(context, next, t) });
    for (const { n, k } of sentInterrupts(context, state, t))
      steps.push({
        name: `${cpuName} ${cpu.window[k]?.ip ?? cpu.pc}: ${context.program.cpus[t]!.interrupts[n]!.name}`,
        apply: (next) => takeSent(context, next, t, n, k),
      });
    if (mayGuess(context, state, t))
      for (const taken of mayGuessTaken(context, state, t) ? [false, true] : [false])
        steps.push({
          name: `${cpuName} ${cpu.pc}: guess ${taken ? 'taken' : 'not taken'}`,
          apply: (next) => guess(context, next, t, taken),
        });
    return steps;
  });
}

/** No CPU can do anything any more, whatever its TLB is filled with. */
export function isStuck(context: Context, state: TwinState): boolean {
  const filled = copyOf(state);
  fillAll(context, filled);
  return cpuSteps(context, filled).length === 0;
}

/** Filling and evicting, where they are steps of their own. */
function tlbSteps(context: Context, state: TwinState): Effect[] {
  if (context.tlb === 'full') return [];
  return state.cpus.flatMap((cpu, t) => [
    ...fillable(context, state, t).map((entry) => ({
      name: `${context.program.cpus[t]!.name}: fill ${entry.name}`,
      apply: (next: TwinState) => {
        next.cpus[t]!.tlb = insert(next.cpus[t]!.tlb, entry);
      },
    })),
    ...cpu.tlb.map((entry, e) => ({
      name: `${context.program.cpus[t]!.name}: evict ${entry.name}`,
      apply: (next: TwinState) => {
        next.cpus[t]!.tlb = next.cpus[t]!.tlb.filter((_, n) => n !== e);
      },
    })),
  ]);
}

/** What follows from a state without a choice. False when the state belongs to no execution. */
function settle(context: Context, state: TwinState): boolean {
  noteSections(state);
  for (let changed = true; changed; ) {
    changed = false;
    state.cpus.forEach((_, t) => {
      while (!isSentTo(context, t) && fetchOne(context, state, t)) changed = true;
      if (translateDirect(context, state, t)) changed = true;
    });
    if (state.cpus.some((_, t) => guessedWrong(context, state, t) || asksTooMuch(context, state, t))) return false;
    if (state.cpus.some(({ back }) => back > (context.program.switches.unroll ?? 0))) return false;
    if (state.cpus.some((_, t) => !isCoherent(context, state, t) || isTooLate(context, state, t))) return false;
    state.cpus.forEach((_, t) => {
      if (retire(context, state, t)) changed = true;
      endWithProgram(context, state, t);
    });
  }
  if (context.tlb === 'full') fillAll(context, state);
  renumberVersions(state);
  return true;
}

/** Addresses that are not walked are known as soon as their operands are. */
function translateDirect(context: Context, state: TwinState, t: number): boolean {
  let changed = false;
  const v: View = { context, state, cpu: t };
  state.cpus[t]!.window.forEach((instance, k) => {
    if (!walkIsOpen(v, k) || instructionOf(context, t, instance).kind === 'translate' || isUnprivileged(v, k)) return;
    const address = addressOf(context, state, t, k);
    const physical = address === null ? undefined : direct(context.program, address);
    if (physical === undefined) return;
    instance.physical = physical;
    changed = true;
  });
  return changed;
}

/** The oldest instructions of a window are of the past when they are over. */
function retire(context: Context, state: TwinState, t: number): boolean {
  const cpu = state.cpus[t]!;
  let changed = false;
  while (cpu.window.length > 0 && isOver({ context, state, cpu: t }, 0)) {
    remember(context, state, t, cpu.window[0]!, 0);
    keepReservations(cpu);
    passBorder(state, t);
    cpu.lacks = worse(cpu.lacks, lackOf(context, t, cpu.window[0]!));
    cpu.window.shift();
    for (const instance of cpu.window) {
      instance.serial--;
      const { read } = instance;
      if (read !== null && 'store' in read.source)
        instance.read = { value: read.value, source: { store: read.source.store - 1 } };
    }
    for (const other of state.cpus)
      for (const o of other.window)
        o.awaits = o.awaits.map((a) => (a.cpu === t ? { ...a, serial: a.serial - 1 } : a)).filter((a) => a.serial >= 0);
    changed = true;
  }
  return changed;
}

/** The oldest instruction leaves: what it marked as a load-exclusive is kept as the version that it has read. */
function keepReservations(cpu: TwinCpu): void {
  const { read, physical } = cpu.window[0]!;
  const later = (r: Reservation | null): Reservation | null => {
    if (r === null || !('serial' in r)) return r;
    if (r.serial > 0) return { serial: r.serial - 1 };
    return read === null || physical === null || 'store' in read.source
      ? null
      : { physical, version: read.source.version };
  };
  cpu.reservation = later(cpu.reservation);
  for (const instance of cpu.window) instance.reservation = later(instance.reservation);
}

/** Where a TLBI that was performed has not happened. */
function lackOf(context: Context, t: number, instance: Instance): Lack {
  const i = instructionOf(context, t, instance);
  if (instance.synchronises || i.kind !== 'tlbi') return 'nowhere';
  if (instance.performed.own === 'never') return 'everywhere';
  return i.innerShareable && instance.performed.others === 'never' ? 'elsewhere' : 'nowhere';
}

const rank: Readonly<Record<Lack, number>> = { nowhere: 0, elsewhere: 1, everywhere: 2 };

function worse(a: Lack, b: Lack): Lack {
  return rank[a] > rank[b] ? a : b;
}

function guessedWrong(context: Context, state: TwinState, t: number): boolean {
  return state.cpus[t]!.window.some((instance, k) => {
    const i = instructionOf(context, t, instance);
    if (instance.guess === null || i.kind !== 'branch') return false;
    const condition = operandValue(context, state, t, k, i.condition);
    return condition !== null && ((condition === 0) === i.whenZero) !== instance.guess;
  });
}

/**
 * Somebody has written between the read and the write of an atomic, or between a walk and its hardware update. Should an
 * older fault squash it after all, the same happens in an execution in which it had not begun.
 */
function isTooLate(context: Context, state: TwinState, t: number): boolean {
  return state.cpus[t]!.window.some(({ update, physical, read, written, fault, ip }) => {
    if (update !== null && update.version !== version(state, update.cell)) return true;
    if (physical === null || read === null || written !== null || fault !== null) return false;
    const i = context.program.cpus[t]!.code[ip]!;
    const isAtomic = i.kind === 'access' && i.access === 'atomic';
    return isAtomic && 'version' in read.source && read.source.version !== version(state, physical);
  });
}

/** A DSB that can no longer be squashed asks for a TLBI that has not happened where it should: it is never over. */
function asksTooMuch(context: Context, state: TwinState, t: number): boolean {
  const v: View = { context, state, cpu: t };
  let { lacks } = state.cpus[t]!;
  for (const [j, instance] of state.cpus[t]!.window.entries()) {
    if (walkIsOpen(v, j) || instance.guess !== null) return false;
    const i = instructionOf(context, t, instance);
    const isDsb = !instance.synchronises && i.kind === 'dsb' && i.type === 'full';
    if (isDsb && asksInVain(lacks, i.domain !== 'nonShareable')) return true;
    lacks = worse(lacks, lackOf(context, t, instance));
  }
  return false;
}

/** Only the order of versions counts, so those that nobody refers to are left out. */
function renumberVersions(state: TwinState): void {
  const instances = state.cpus.flatMap((cpu) => cpu.window);
  const holders = [...state.cpus, ...instances];
  for (const [key, cell] of Object.entries(state.memory)) {
    const address = Number(key);
    const here = instances.filter((instance) => instance.physical === address);
    const updates = instances.filter(({ update }) => update?.cell === address);
    const marking = holders.filter(({ reservation: r }) => r !== null && 'version' in r && r.physical === address);
    const versions = new Set([cell.version]);
    for (const { update } of updates) versions.add(update!.version);
    for (const { read, written } of here) {
      if (written) versions.add(written);
      if (read !== null && 'version' in read.source) versions.add(read.source.version);
    }
    const ranks = new Map([...versions].sort((a, b) => a - b).map((n, r) => [n, r + 1]));
    for (const instance of here) {
      const { read, written } = instance;
      if (written) instance.written = ranks.get(written)!;
      if (read !== null && 'version' in read.source)
        instance.read = { value: read.value, source: { version: ranks.get(read.source.version)! } };
    }
    for (const instance of updates)
      instance.update = { ...instance.update!, version: ranks.get(instance.update!.version)! };
    for (const holder of marking) {
      const r = holder.reservation as { physical: Word; version: number };
      holder.reservation = r.version === cell.version ? { ...r, version: ranks.get(r.version)! } : null;
    }
    state.memory[address] = { value: cell.value, version: ranks.get(cell.version)! };
  }
}
