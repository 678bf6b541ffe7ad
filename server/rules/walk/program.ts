/** All codes of a program, each walked by itself with what the others store. */

import type { LockId, Program } from '../../../simulator/machine/program';
import { type CodeContext, contextsOf } from './context';
import { liveAtJoins } from './liveRegisters';
import { walkCode } from './sequence';
import { type Tables, tablesOf } from './tables';
import { type Stores, WALK_LIMITS, type Walk } from './walker';

export interface ProgramWalks {
  readonly program: Program;
  readonly tables: Tables;
  readonly walks: readonly Walk[];
  /** Locks that the fault path waits for: who breaks an entry must hold one of them until it is whole again. */
  readonly hookLocks: ReadonlySet<LockId>;
}

/** Walks every code twice: first to learn what each stores, then with what the others may have stored. */
export function walkProgram(program: Program): ProgramWalks {
  const tables = tablesOf(program);
  const contexts = distinct(contextsOf(program));
  const joins = new Map(program.cpus.map((cpu) => [cpu.code, liveAtJoins(cpu)]));
  const walk = (context: CodeContext, foreign: Stores) =>
    walkCode(program, tables, context, joins.get(context.code.code) ?? new Map(), foreign);
  const first = contexts.map((context) => walk(context, new Map()));
  const walks = contexts.map((context) => {
    const foreign = merge(first.filter((one) => one.context !== context || isShared(program, context)));
    return walk(context, foreign);
  });
  const hookLocks = new Set(
    walks.filter(({ context }) => context.kind === 'fault').flatMap(({ takings }) => takings.map(({ lock }) => lock)),
  );
  return { program, tables, walks, hookLocks };
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
function isShared(program: Program, context: CodeContext): boolean {
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
