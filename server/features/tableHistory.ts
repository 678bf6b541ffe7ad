/**
 * Translation tables that change step by step, with what a TLB may still hold of them: for each descriptor the values
 * that it had since the last invalidation that covers it. A walk may use any mix of such values and current ones.
 */

import { decodeDescriptor } from '../../simulator/machine/descriptor';
import type { Level } from '../../simulator/machine/granule';
import { inUpperHalf, translationControl } from '../../simulator/machine/translationControl';
import { type Access, type WalkContext, type WalkResult, walk } from '../../simulator/machine/walk';
import { nextDescriptor, startWalk, stepWalk, type WalkPosition } from '../../simulator/machine/walkSteps';
import { answers, readFrom } from './tableMemory';

/** Most combinations of old and current descriptors that are tried for one access. */
export const maximumMixes = 256;

export interface TableHistory {
  readonly registers: Omit<WalkContext, 'readDescriptor' | 'answers'>;
  readonly words: Map<bigint, bigint>;
  /** Earlier values of a descriptor that some TLB may hold. */
  readonly older: Map<bigint, Set<bigint>>;
  /** Addresses through which tables are reached: what they reach may be cached at any time. */
  readonly watched: readonly bigint[];
  /** Descriptors whose current value a walk of a watched address can reach, so that it may be cached. */
  readonly exposed: Set<bigint>;
}

export function tableHistory(
  registers: TableHistory['registers'],
  words: Map<bigint, bigint>,
  watched: readonly bigint[],
): TableHistory {
  const history = { registers, words, older: new Map(), watched, exposed: new Set<bigint>() };
  expose(history);
  return history;
}

/** What a write did to a descriptor that walks could reach. */
export type ChangeKind = 'break' | 'make' | 'liveChange' | 'makeWithoutInvalidation' | 'unlinked' | 'same';

/** Stores a descriptor. Its previous value stays usable if a TLB could have taken it up. */
export function writeDescriptor(history: TableHistory, address: bigint, value: bigint): ChangeKind {
  const before = history.words.get(address) ?? 0n;
  const reachable = history.exposed.has(address);
  const cached = history.older.get(address) ?? new Set<bigint>();
  const kind = changeKind(before, value, reachable, cached.size > 0);
  if (kind === 'same') return kind;
  if (reachable && (before & 1n) === 1n) {
    cached.add(before);
    history.older.set(address, cached);
  }
  history.words.set(address, value);
  if (reachable) expose(history);
  return kind;
}

function changeKind(before: bigint, after: bigint, reachable: boolean, mayBeCached: boolean): ChangeKind {
  if (before === after) return 'same';
  if (!reachable) return 'unlinked';
  if ((after & 1n) === 0n) return 'break';
  if ((before & 1n) === 1n) return 'liveChange';
  return mayBeCached ? 'makeWithoutInvalidation' : 'make';
}

/** One way through the tables: the descriptors on it, with the values that were used. */
interface Path {
  readonly cells: readonly { readonly address: bigint; readonly level: Level; readonly value: bigint }[];
}

/** Every way that a walk of an address may take, current values first. */
function paths(history: TableHistory, va: bigint): readonly Path[] {
  const { registers } = history;
  const control = translationControl(registers.tcr, inUpperHalf(va), registers.cpu);
  const found: Path[] = [];
  const follow = (position: WalkPosition, cells: Path['cells']): void => {
    const { address } = nextDescriptor(control, position, va);
    const current = readFrom(history.words, address);
    if (current === 'external-abort') {
      found.push({ cells });
      return;
    }
    for (const value of new Set([current, ...(history.older.get(address) ?? [])])) {
      const descriptor = decodeDescriptor(control.format, position.level, value);
      const next = stepWalk(control, position, descriptor);
      const cacheable = next.kind === 'position' || (next.kind === 'leaf' && next.af);
      if ((value !== current && !cacheable) || found.length >= maximumMixes) continue;
      const extended = [...cells, { address, level: position.level, value }];
      if (next.kind === 'position') follow(next, extended);
      else found.push({ cells: extended });
    }
  };
  const start = startWalk(control, control.upper ? registers.ttbr1 : registers.ttbr0, va, 'load', registers.el);
  if (start.kind === 'position') follow(start, []);
  return found;
}

/** Marks the descriptors whose current value a TLB may take up from now on. */
function expose(history: TableHistory): void {
  history.exposed.clear();
  for (const va of history.watched) {
    for (const path of paths(history, va)) {
      for (const cell of path.cells) history.exposed.add(cell.address);
    }
  }
}

/** The walk that reads memory only. */
export function freshWalk(history: TableHistory, va: bigint, access: Access): WalkResult {
  return walkWith(history, va, access, new Map());
}

/** Every result that a CPU with stale TLB entries may give, the fresh walk first. */
export function allowedWalks(history: TableHistory, va: bigint, access: Access): readonly WalkResult[] {
  const mixes = paths(history, va).map((path) => new Map(path.cells.map((cell) => [cell.address, cell.value])));
  return [freshWalk(history, va, access), ...mixes.map((mix) => walkWith(history, va, access, mix))];
}

function walkWith(history: TableHistory, va: bigint, access: Access, values: ReadonlyMap<bigint, bigint>): WalkResult {
  const readDescriptor = (pa: bigint) => values.get(pa) ?? readFrom(history.words, pa);
  return walk({ ...history.registers, readDescriptor, answers }, va, access);
}

/** TLBI VMALLE1: nothing old is left. */
export function invalidateAll(history: TableHistory): void {
  history.older.clear();
  expose(history);
}

/**
 * TLBI by address: old values of every descriptor on a way to the address go, with `leafOnly` only those that are
 * leaves. A block is one entry, whichever of its addresses is named.
 */
export function invalidateAddress(history: TableHistory, va: bigint, leafOnly: boolean): void {
  const { registers } = history;
  const { format } = translationControl(registers.tcr, inUpperHalf(va), registers.cpu);
  for (const path of paths(history, va)) {
    for (const { address, level } of path.cells) {
      const older = history.older.get(address);
      if (older === undefined) continue;
      for (const value of older) {
        if (!leafOnly || decodeDescriptor(format, level, value).kind === 'leaf') older.delete(value);
      }
      if (older.size === 0) history.older.delete(address);
    }
  }
  expose(history);
}
