/**
 * A walk through one code by itself: every way through it, in program order, as if nobody else did anything but what it
 * waits for. It sees through calls, because the code is inlined, and follows each entry's automaton, locks, masks, pages.
 * What it finds is there in that CPU's own text; what takes another CPU's timing is the explorer's.
 */

import { mayClose, type SectionKind, sectionKinds } from '../../../simulator/explore/openSections';
import type {
  BarrierInstruction,
  CodeIndex,
  Instruction,
  Program,
  Site,
  TlbiInstruction,
} from '../../../simulator/machine/program';
import type { TlbiReach } from '../../../simulator/machine/tlbiReach';
import { access, operandWord, waitFor } from './accesses';
import type { CodeContext } from './context';
import { noticeUnfinished } from './finish';
import { stepActive, stepDsb, stepTlbi } from './flushing';
import { noticeMended, noticeRetry } from './hook';
import type { Landmarks } from './landmarks';
import type { LiveAtJoins } from './liveRegisters';
import { changeMask, noticeSleep, releaseLock, takeLock } from './locks';
import { allocatePage, freePage, noticeLeaks } from './pages';
import { Path } from './path';
import type { Tables } from './tables';
import { type Stores, WALK_LIMITS, type Walk, Walker } from './walker';
import { isKnown, Symbols, type Word } from './word';

/** What is known of the codes that run beside one. */
export interface Others {
  readonly stores: Stores;
  /** Offsets in a page of the words of vmemmap that some code accesses, this one included. */
  readonly offsets: ReadonlySet<bigint>;
}

/** Goes all ways through a code. `joins`: of its CPU. */
export function walkCode(
  program: Program,
  tables: Tables,
  landmarks: Landmarks,
  context: CodeContext,
  joins: LiveAtJoins,
  others: Others,
): Walk {
  const walker = new Walker(program, tables, landmarks, context, new Symbols(), others.stores, others.offsets);
  const { code } = context.code;
  const seen = new Set<string>();
  const reached = new Set<Site>();
  const waiting: Path[] = [start(walker)];
  let steps = 0;
  let incomplete = false;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (let current: Path | undefined = path; current !== undefined; ) {
      const instruction: Instruction | undefined = code[current.at];
      if (instruction === undefined) break;
      if (++steps > WALK_LIMITS.steps) {
        incomplete = true;
        waiting.length = 0;
        break;
      }
      const live = joins.get(current.at);
      if (live !== undefined) {
        const key = current.key(live);
        if (seen.has(key)) break;
        seen.add(key);
      }
      reached.add(instruction.site);
      const [next, ...others] = step(walker, current, instruction);
      if (waiting.length + others.length > WALK_LIMITS.ways) incomplete = true;
      else waiting.push(...others.reverse());
      current = next;
    }
  }
  return {
    context,
    reached,
    incomplete,
    observations: walker.observations,
    touches: walker.touches,
    takings: walker.takings,
    stores: walker.stores,
    reads: walker.reads,
    entryStores: walker.entryStores,
    changes: walker.changes,
    keptPages: walker.keptPages,
    soundFrees: walker.soundFrees,
    freedPages: walker.freedPages,
    usefulTlbis: walker.usefulTlbis,
    comparesPages: walker.comparesPages,
  };
}

function start(walker: Walker): Path {
  const { context } = walker;
  const path = new Path(context.entry);
  const isProgram = context.kind === 'program';
  path.irqsMasked = isProgram ? context.code.irqsMasked === true : true;
  path.nmisMasked = !isProgram;
  for (const [register, value] of context.code.initial) path.registers.set(register, value);
  // What is in registers when a handler begins is the interrupted code's.
  if (!isProgram) for (let r = 0; r < context.code.registers; r++) path.registers.set(r, walker.symbols.fresh());
  return path;
}

/** Executes one instruction; gives the ways on. */
function step(walker: Walker, path: Path, i: Instruction): readonly Path[] {
  const set = (register: number | undefined, value: Word): readonly Path[] => {
    if (register !== undefined) path.registers.set(register, value);
    path.at++;
    return [path];
  };
  switch (i.kind) {
    case 'access':
      return access(walker, path, i);
    case 'arithmetic': {
      const sources = i.sources.map((source) => operandWord(path, source));
      return set(i.destination, path.resolve(walker.symbols.compute(i.operation, sources)));
    }
    case 'branch':
      return branch(walker, path, operandWord(path, i.condition), i.whenZero, i.target);
    case 'jump':
      path.at = i.target;
      return [path];
    case 'choose':
      return choose(path, i.targets);
    case 'dmb':
      orderContents(path, i);
      return set(undefined, 0n);
    case 'dsb':
      orderContents(path, i);
      stepDsb(walker, path, { kind: 'dsb', at: path.at, cpu: walker.context.cpu, domain: i.domain, type: i.type });
      return set(undefined, 0n);
    case 'isb':
      stepActive(walker, path, { kind: 'isb', at: path.at, cpu: walker.context.cpu });
      return set(undefined, 0n);
    case 'tlbi':
      stepTlbi(walker, path, path.at, reachOfTlbi(path, i));
      return set(undefined, 0n);
    case 'lock':
      return takeLock(walker, path, i);
    case 'unlock':
      releaseLock(walker, path, i);
      return [path];
    case 'assertHeld':
      if (!path.held.some(({ lock }) => lock === i.lock))
        walker.notice({ kind: 'assertFails', at: path.at, lock: i.lock, held: path.held });
      return set(undefined, 0n);
    case 'mask':
      changeMask(walker, path, i);
      return [path];
    case 'rcu':
      return rcu(walker, path, i.operation);
    case 'allocate':
      if (i.sleeps) noticeSleep(walker, path, 'alloc_page');
      allocatePage(walker, path, i);
      return [path];
    case 'free':
      freePage(walker, path, i);
      return [path];
    case 'wait':
      return waitFor(walker, path, operandWord(path, i.address), i.bytes, i.comparison, operandWord(path, i.value));
    case 'sendInterrupt':
      path.sent = true;
      return set(undefined, 0n);
    case 'report':
      if (i.outcome === 'fixed-up') noticeMended(walker, path, i.about);
      return report(path, i.fatal === true || i.panic === true, i.unless && operandWord(path, i.unless));
    case 'systemRegister':
      return set(i.read, walker.symbols.fresh());
    case 'translate':
      return set(i.destination, walker.symbols.fresh());
    case 'cpuNumber':
      return set(i.destination, BigInt(walker.context.cpu));
    case 'svc':
      return set(undefined, 0n);
    case 'end':
    case 'eret':
      noticeRetry(walker, path);
      finish(walker, path);
      return [];
  }
}

function branch(walker: Walker, path: Path, condition: Word, whenZero: boolean, target: number): readonly Path[] {
  const { at } = path;
  const truth = path.truth(condition);
  if (truth !== undefined) {
    path.at = truth === whenZero ? at + 1 : target;
    return [path];
  }
  const symbol = condition as number;
  const zero = path.fork(whenZero ? target : at + 1);
  path.at = whenZero ? at + 1 : target;
  learn(walker, zero, symbol, true);
  learn(walker, path, symbol, false);
  return [zero, path];
}

function choose(path: Path, targets: readonly CodeIndex[]): readonly Path[] {
  const [first = path.at + 1, ...rest] = targets;
  const others = rest.map((target) => path.fork(target));
  path.at = first;
  return [path, ...others];
}

function learn(walker: Walker, path: Path, symbol: number, isZero: boolean): void {
  path.facts.set(symbol, isZero ? 0n : 'nonzero');
  const implied = walker.symbols.implied(symbol, isZero);
  if (implied) path.facts.set(implied.symbol, implied.value);
}

/** Stores that are older are seen before those that are younger, by every CPU. */
function orderContents(path: Path, { type, domain }: BarrierInstruction): void {
  if (type !== 'load' && domain !== 'nonShareable') path.contents.clear();
}

/** Bits 43:0 of an operand are VA[55:12]; kernel addresses have ones above. An unknown operand may mean any address. */
function reachOfTlbi(path: Path, i: TlbiInstruction): TlbiReach {
  const base = {
    regime: 'el1',
    invalidates: 'stage1',
    leafOnly: i.leafOnly,
    broadcast: i.innerShareable,
    ...(i.level === undefined ? {} : { level: i.level }),
  } as const;
  if (i.scope === 'all') return base;
  const first = operandWord(path, i.operand);
  const last = i.lastOperand === undefined ? first : operandWord(path, i.lastOperand);
  if (!isKnown(first) || !isKnown(last)) return base;
  return { ...base, addresses: { first: addressOf(first), last: addressOf(last) + 0xfffn } };
}

function addressOf(operand: bigint): bigint {
  const va = (operand & ((1n << 44n) - 1n)) << 12n;
  return (va >> 55n) & 1n ? va | (0xffn << 56n) : va;
}

function rcu(walker: Walker, path: Path, operation: 'readLock' | 'readUnlock' | 'synchronize'): readonly Path[] {
  switch (operation) {
    case 'readLock':
      path.readSections = [...path.readSections, path.at];
      break;
    case 'readUnlock':
      if (path.readSections.length === 0) walker.notice({ kind: 'sectionNotOpen', at: path.at, section: 'rcu' });
      path.readSections = path.readSections.slice(0, -1);
      break;
    case 'synchronize':
      noticeSleep(walker, path, 'synchronize_rcu');
      break;
  }
  path.at++;
  return [path];
}

/** A report without effect goes on; a death ends the way, with everything as it is. */
function report(path: Path, ends: boolean, unless: Word | undefined): readonly Path[] {
  if (ends && (unless === undefined || path.truth(unless) === false)) return [];
  if (ends && unless !== undefined && !isKnown(unless)) path.facts.set(unless, 'nonzero');
  path.at++;
  return [path];
}

/** Interrupts stay masked behind the last lock that was given back. */
function noticeMasks(walker: Walker, path: Path): void {
  const releasedAt = Math.max(...path.lastRelease.values());
  const since = path.irqsMaskedSince;
  if (walker.context.kind !== 'program' || !path.irqsMasked || since === undefined || releasedAt < since) return;
  if (path.held.length === 0) walker.notice({ kind: 'masksLeft', at: path.at, since, releasedAt });
}

/** What the code closes somewhere and has not closed on this way. */
function noticeSections(walker: Walker, path: Path): void {
  if (walker.context.kind !== 'program' || path.held.length > 0) return;
  const open: Readonly<Record<SectionKind, CodeIndex | undefined>> = {
    interrupts: path.irqsMasked ? path.irqsMaskedSince : undefined,
    preemption: path.preemptionOff.at(-1),
    rcu: path.readSections.at(-1),
  };
  for (const section of sectionKinds) {
    const since = open[section];
    if (since !== undefined && mayClose(walker.context.code, section))
      walker.notice({ kind: 'sectionLeft', at: path.at, since, section });
  }
}

function finish(walker: Walker, path: Path): void {
  for (const { lock, since } of path.held) walker.notice({ kind: 'lockLeft', at: path.at, lock, since });
  noticeMasks(walker, path);
  noticeSections(walker, path);
  noticeUnfinished(walker, path, path.at);
  noticeLeaks(walker, path);
}
