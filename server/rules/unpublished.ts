/** Entries that were made valid and whose barriers are missing. */

import type { Observation } from './walk/observation';
import type { Walk } from './walk/walker';

export type Unpublished = Extract<Observation, { readonly kind: 'unpublished' }>;

/** One for each make: the first place where the missing step shows. */
export function unpublished(walk: Walk, next: Unpublished['next']): readonly Unpublished[] {
  const first = new Map<string, Unpublished>();
  for (const one of walk.observations) {
    if (one.kind !== 'unpublished' || one.next !== next) continue;
    const key = `${one.since} ${one.word}`;
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}
