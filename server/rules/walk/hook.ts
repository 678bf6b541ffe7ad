/** What a fault handler knows when it says that a fault is mended: whether it has looked at the entry, when, and how. */

import type { CodeIndex, LockId } from '../../../simulator/machine/program';
import type { Path } from './path';
import type { Walker } from './walker';
import { isKnown, type Word } from './word';

/** A handler reads something. */
export function noteLook(walker: Walker, path: Path, at: CodeIndex, value: Word): void {
  if (walker.context.kind !== 'fault') return;
  if (path.held.length === 0) path.lookedBefore = at;
  else path.looks = [...path.looks, { at, value }].slice(-MAX_LOOKS);
}

const MAX_LOOKS = 16;

/** A handler is left, and the access that faulted is done again: the handler has waited for a lock, so it has to know. */
export function noticeRetry(walker: Walker, path: Path): void {
  const [taken] = path.lastRelease;
  if (walker.context.kind !== 'fault' || taken === undefined) return;
  const [lock, at]: [LockId, CodeIndex] = taken;
  const last = path.looks.at(-1);
  if (last === undefined) {
    const before = path.lookedBefore === undefined ? {} : { lookedBefore: path.lookedBefore };
    walker.notice({ kind: 'blindRetry', at, lock, ...before });
    return;
  }
  if (!isKnown(last.value) && !asksForType(walker, path, last.value)) walker.notice({ kind: 'noneTest', at: last.at });
}

/** Whether a condition on this way has to do with the type bits of a descriptor, and not only with its being none. */
function asksForType({ symbols }: Walker, path: Path, descriptor: number): boolean {
  const isOfType = (mask: Word) => !isKnown(mask) || (mask & 3n) !== 0n;
  if (isKnown(path.resolve(descriptor))) return true;
  let asked = false;
  for (const symbol of path.facts.keys()) {
    if (!symbols.comesFrom(symbol, descriptor)) continue;
    asked = true;
    if (symbols.isMasked(symbol, descriptor, isOfType)) return true;
  }
  // Nothing was asked of what was read last: it was read for something else.
  return !asked;
}
