/**
 * What program order tells of the entries that one code writes: a pass over its ways that follows, for each entry, its value,
 * the old values that TLBs may hold, and how far they are flushed. Where it is not sure that all is well, the entry is suspect.
 */

import { successorsOf } from '../machine/code';
import { COMPLETED } from '../machine/completion';
import type { Entry } from '../machine/entries';
import type { Level } from '../machine/granule';
import type { Machine } from '../machine/machine';
import type { AccessInstruction, CodeIndex, CpuProgram, Instruction } from '../machine/program';
import type { ValueId } from '../machine/values';
import { changeNeedsBreak } from '../steps/descriptorConflict';
import { covers, removesLevel } from '../steps/tlbi';
import type { UnwalkedEntry } from './unwalkedEntries';

/** A program, or a handler: what control may reach from an entry point without an exception. */
export interface Context {
  readonly cpu: number;
  readonly entry: CodeIndex;
  readonly code: ReadonlySet<CodeIndex>;
}

export function contextsOf(m: Machine): readonly Context[] {
  return m.cpus.flatMap(({ program }, cpu) => {
    const handlers = program.faults.kind === 'handler' ? program.faults.entries : [];
    const entries = [0, ...handlers, ...program.interrupts.flatMap((one) => one.entries)];
    return [...new Set(entries)].map((entry) => ({ cpu, entry, code: reachableFrom(program, entry) }));
  });
}

function reachableFrom({ code }: CpuProgram, entry: CodeIndex): ReadonlySet<CodeIndex> {
  const seen = new Set([entry]);
  // A set's iteration also visits what is added meanwhile.
  for (const ip of seen)
    for (const next of successorsOf(code[ip] as Instruction, ip)) if (next < code.length) seen.add(next);
  return seen;
}

/** Whether an entry leads to a page: maps it, or has it as a table. */
export function leadsTo(m: Machine, entry: Entry, level: Level, frame: ValueId): boolean {
  if (entry.kind === 'invalid') return false;
  const page = m.values.get(frame);
  const bytes = entry.kind === 'table' ? m.program.pageBytes : m.entries.span(level);
  return page >= entry.output && page < entry.output + bytes;
}

/** How far old values of an entry are flushed. */
const FLUSH = { CHANGED: 1, VISIBLE: 2, INVALIDATED: 3 } as const;

interface EntryState {
  readonly value: ValueId;
  /** Values that TLBs may still hold beside it; none: all are flushed. */
  readonly olds: readonly ValueId[];
  readonly flushed: number;
}

/** States of the entries that the code has written; all others are as at the start. Copied when a fork of it is written to. */
class States {
  private constructor(
    private all: Map<ValueId, readonly EntryState[]>,
    /** Entries of which TLBs may hold old values. */
    private unflushed: Set<ValueId>,
    private isShared: boolean,
  ) {}

  static none(): States {
    return new States(new Map(), new Set(), false);
  }

  fork(): States {
    this.isShared = true;
    return new States(this.all, this.unflushed, true);
  }

  /** Nothing was written to either since one was forked from the other. */
  isForkOf(other: States): boolean {
    return this.all === other.all;
  }

  get(word: ValueId): readonly EntryState[] | undefined {
    return this.all.get(word);
  }

  set(word: ValueId, some: readonly EntryState[]): void {
    if (this.isShared) {
      this.all = new Map(this.all);
      this.unflushed = new Set(this.unflushed);
      this.isShared = false;
    }
    this.all.set(word, some);
    if (some.some(({ olds }) => olds.length > 0)) this.unflushed.add(word);
    else this.unflushed.delete(word);
  }

  get entries(): ReadonlyMap<ValueId, readonly EntryState[]> {
    return this.all;
  }

  get open(): readonly ValueId[] {
    return [...this.unflushed];
  }
}

/** How many states of one entry are told apart at one point. */
const MAX_STATES = 8;

export interface Watched {
  readonly entries: ReadonlyMap<ValueId, UnwalkedEntry>;
  /** Of the pages that somebody frees: the entries that may lead there. */
  readonly leadingTo: ReadonlyMap<ValueId, readonly ValueId[]>;
  readonly suspects: Set<ValueId>;
}

export class EntryFlow {
  private readonly before = new Map<CodeIndex, States>();
  private readonly joins = new Map<CodeIndex, number>();
  private readonly code: readonly Instruction[];

  constructor(
    private readonly m: Machine,
    private readonly context: Context,
    private readonly watched: Watched,
  ) {
    this.code = (m.program.cpus[context.cpu] as CpuProgram).code;
    for (const ip of context.code)
      for (const next of successorsOf(this.code[ip] as Instruction, ip))
        this.joins.set(next, (this.joins.get(next) ?? 0) + 1);
  }

  run(): void {
    const { entry } = this.context;
    this.before.set(entry, States.none());
    const queue = new Set([entry]);
    for (const start of queue) {
      queue.delete(start);
      for (const next of this.follow(start)) queue.add(next);
    }
  }

  /** Goes on from a point to where ways part or meet; the points whose states are more now. */
  private follow(start: CodeIndex): readonly CodeIndex[] {
    const states = (this.before.get(start) as States).fork();
    for (let ip = start; ; ) {
      this.step(ip, states);
      const after = successorsOf(this.code[ip] as Instruction, ip);
      const [next] = after;
      if (next === undefined || next >= this.code.length) {
        this.end(states);
        return [];
      }
      if (after.length > 1 || (this.joins.get(next) ?? 0) > 1) return after.filter((one) => this.merge(one, states));
      ip = next;
    }
  }

  /** Whether the states before an instruction are more than was known. */
  private merge(ip: CodeIndex, states: States): boolean {
    const known = this.before.get(ip);
    if (known === undefined) {
      this.before.set(ip, states.fork());
      return true;
    }
    if (known.isForkOf(states)) return false;
    let more = false;
    const add = (word: ValueId): void => {
      const [seen, some] = [known.get(word), states.get(word)];
      if (seen === some || this.watched.suspects.has(word)) return;
      const before = seen ?? this.atStart(word);
      const all = different([...before, ...(some ?? this.atStart(word))]);
      if (all.length === before.length && seen !== undefined) return;
      if (all.length > MAX_STATES) this.watched.suspects.add(word);
      known.set(word, all);
      more = true;
    };
    for (const word of states.entries.keys()) add(word);
    for (const word of known.entries.keys()) if (states.get(word) === undefined) add(word);
    return more;
  }

  private atStart(word: ValueId): readonly EntryState[] {
    return [{ value: this.m.initialWord(word), olds: [], flushed: 0 }];
  }

  private step(ip: CodeIndex, states: States): void {
    const i = this.code[ip] as Instruction;
    if (i.kind === 'access') this.store(ip, i, states);
    else if (i.kind === 'dsb' && i.domain !== 'nonShareable' && i.type !== 'load') {
      const isFull = i.type === 'full';
      this.change(states, (state) => {
        if (state.flushed === FLUSH.CHANGED) return { ...state, flushed: FLUSH.VISIBLE };
        return state.flushed === FLUSH.INVALIDATED && isFull ? { value: state.value, olds: [], flushed: 0 } : state;
      });
    } else if (i.kind === 'tlbi') this.invalidate(ip, i.innerShareable, states);
    else if (i.kind === 'free') this.free(ip, states);
  }

  private change(states: States, to: (state: EntryState, word: ValueId) => EntryState): void {
    for (const word of states.open) {
      const some = states.get(word) as readonly EntryState[];
      states.set(word, different(some.map((one) => to(one, word))));
    }
  }

  private store(ip: CodeIndex, i: AccessInstruction, states: States): void {
    const { stored } = this.m.footprint(this.context.cpu, ip);
    const maySkip = stored.size > 1 || i.exclusive === true || i.operation === 'compareAndSwap';
    for (const [word, values] of stored) {
      const entry = this.watched.entries.get(word);
      if (entry === undefined || this.watched.suspects.has(word)) continue;
      const before = states.get(word) ?? this.atStart(word);
      const after = before.flatMap((one) => [...values].map((value) => this.written(one, value, entry.level)));
      const all = different([...(maySkip ? before : []), ...after.flatMap((one) => one ?? [])]);
      if (after.includes(undefined) || all.length > MAX_STATES) this.watched.suspects.add(word);
      states.set(word, all);
    }
  }

  /** The state behind a write; undefined when an old value may live beside the new one that must not. */
  private written(state: EntryState, value: ValueId, level: Level): EntryState | undefined {
    if (value === state.value) return state;
    const { m } = this;
    const entryOf = (of: ValueId) => m.entries.describe(of, level);
    const olds = entryOf(state.value).cacheable ? different([...state.olds, state.value]) : state.olds;
    if (entryOf(value).cacheable)
      for (const old of olds) {
        if (old === value) continue;
        if (entryOf(old).kind !== entryOf(value).kind || entryOf(old).output !== entryOf(value).output)
          return undefined;
        if (changeNeedsBreak(m, old, value, level) !== undefined) return undefined;
      }
    return { value, olds, flushed: olds.length > 0 ? FLUSH.CHANGED : 0 };
  }

  private invalidate(ip: CodeIndex, broadcast: boolean, states: States): void {
    const { m, context } = this;
    const c = m.compiled(context.cpu, ip);
    const reaches = [...(m.reached.get(c)?.values() ?? [])].map(({ reach }) => reach);
    if (!broadcast || reaches.length === 0 || c.completes !== COMPLETED.EVERYWHERE) return;
    this.change(states, (state, word) => {
      const { level, base } = this.watched.entries.get(word) as UnwalkedEntry;
      const isTable = (value: ValueId) => m.entries.describe(value, level).kind === 'table';
      const removes = reaches.every(
        (reach) =>
          covers(reach, base, m.entries.span(level)) &&
          state.olds.every((old) => removesLevel(reach, level, isTable(old))),
      );
      return removes && state.flushed === FLUSH.VISIBLE ? { ...state, flushed: FLUSH.INVALIDATED } : state;
    });
  }

  private free(ip: CodeIndex, states: States): void {
    const { m, watched, context } = this;
    for (const frame of m.footprint(context.cpu, ip).frames)
      for (const word of watched.leadingTo.get(frame) ?? []) {
        const { level } = watched.entries.get(word) as UnwalkedEntry;
        const leads = (value: ValueId) => leadsTo(m, m.entries.describe(value, level), level, frame);
        const before = states.get(word) ?? this.atStart(word);
        if (before.some(({ value, olds }) => leads(value) || olds.some(leads))) watched.suspects.add(word);
      }
  }

  /** The code is over: an entry that was whole and is not may have been left broken. */
  private end(states: States): void {
    const { m, watched } = this;
    for (const [word, some] of states.entries) {
      const level = watched.entries.get(word)?.level as Level;
      if (some.some(({ value }) => m.entries.describe(value, level).kind === 'invalid')) watched.suspects.add(word);
    }
  }
}

function different<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
