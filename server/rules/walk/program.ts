/** All codes of a program, each walked by itself with what the others store. */

import type { LockId, Program } from '../../../simulator/machine/program';
import { type CodeContext, contextsOf } from './context';
import { type Landmarks, noLandmarks } from './landmarks';
import { liveAtJoins } from './liveRegisters';
import { type Others, walkCode } from './sequence';
import { type Tables, tablesOf } from './tables';
import { type Stores, WALK_LIMITS, type Walk } from './walker';

export interface ProgramWalks {
  readonly program: Program;
  readonly tables: Tables;
  readonly walks: readonly Walk[];
  /** Locks that the fault path waits for: who breaks an entry must hold one of them until it is whole again. */
  readonly hookLocks: ReadonlySet<LockId>;
}

/** Rounds of walks in which codes learn what the others store. */
const MAX_ROUNDS = 6;

/** Walks every code, and again with what the others store, until that is what it was before. */
export function walkProgram(program: Program, landmarks: Landmarks = noLandmarks): ProgramWalks {
  const tables = tablesOf(program);
  const contexts = distinct(contextsOf(program));
  const joins = new Map(program.cpus.map((cpu) => [cpu.code, liveAtJoins(cpu)]));
  const walk = (context: CodeContext, others: Others) =>
    walkCode(program, tables, landmarks, context, joins.get(context.code.code) ?? new Map(), others);
  let known: readonly Others[] = contexts.map(() => ({ stores: new Map(), offsets: new Set() }));
  let walks = contexts.map((context, i) => walk(context, known[i] as Others));
  for (let round = 1; round < MAX_ROUNDS; round++) {
    const before = known;
    const last = walks;
    known = contexts.map((context) => othersOf(program, context, last));
    walks = contexts.map((context, i) => {
      const [old, now, done] = [before[i], known[i], last[i]] as [Others, Others, Walk];
      return isSame(done, old, now) ? done : walk(context, now);
    });
    if (walks.every((one, i) => one === last[i])) break;
  }
  const hookLocks = new Set(
    walks
      .filter(({ context }) => context.kind === 'fault')
      .flatMap(({ takings }) => takings.flatMap(({ lock, waits }) => (waits ? [lock] : []))),
  );
  return { program, tables, walks, hookLocks };
}

function othersOf(program: Program, context: CodeContext, walks: readonly Walk[]): Others {
  const inPage = program.pageBytes - 1n;
  const others = walks.filter((one) => one.context !== context || isShared(program, context));
  const touched = walks.flatMap(({ touches }) => touches.map(({ address }) => address & inPage & ~7n));
  return { stores: merge(others), offsets: new Set(touched) };
}

/** Whether a walk with other knowledge would be the same. */
function isSame(walk: Walk, before: Others, now: Others): boolean {
  return sameStores(before.stores, now.stores) && (!walk.comparesPages || sameOffsets(before.offsets, now.offsets));
}

function sameOffsets(before: ReadonlySet<bigint>, now: ReadonlySet<bigint>): boolean {
  return before.size === now.size && [...before].every((offset) => now.has(offset));
}

function sameStores(before: Stores, now: Stores): boolean {
  return before.size === now.size && [...before].every(([word, values]) => sameValues(values, now.get(word)));
}

type Values = readonly bigint[] | 'unknown';

function sameValues(before: Values, now: Values | undefined): boolean {
  if (before === 'unknown' || now === 'unknown' || now === undefined) return before === now;
  return before.length === now.length && before.every((value) => now.includes(value));
}

/** Equal CPUs have one code, and the fault path is the same on all of them. */
function distinct(contexts: readonly CodeContext[]): readonly CodeContext[] {
  return contexts.filter((context, i) => {
    const earlier = contexts.slice(0, i);
    if (context.kind === 'fault') return !earlier.some(({ kind }) => kind === 'fault');
    return !earlier.some(({ code, entry }) => code.code === context.code.code && entry === context.entry);
  });
}

/** Whether other CPUs run the same code. */
export function isShared(program: Program, context: CodeContext): boolean {
  return program.cpus.some((other, cpu) => cpu !== context.cpu && other.code === context.code.code);
}

function merge(walks: readonly Walk[]): Stores {
  const all = new Map<bigint, readonly bigint[] | 'unknown'>();
  for (const { stores } of walks) {
    for (const [word, values] of stores) {
      const known = all.get(word);
      if (known === undefined) all.set(word, values);
      else if (known === 'unknown' || values === 'unknown') all.set(word, 'unknown');
      else {
        const together = [...new Set([...known, ...values])];
        all.set(word, together.length > WALK_LIMITS.storedValues ? 'unknown' : together);
      }
    }
  }
  return all;
}
