/** Entries that were made valid and whose barriers are missing. */

import type { Observation } from './walk/observation';
import type { Walk } from './walk/walker';

export type Unpublished = Extract<Observation, { readonly kind: 'unpublished' }>;

/** One for each make: an access that needs the missing step, or else the first place where it shows. */
export function unpublished(walk: Walk, next: Unpublished['next']): readonly Unpublished[] {
  const first = new Map<string, Unpublished>();
  for (const one of walk.observations) {
    if (one.kind !== 'unpublished' || one.next !== next) continue;
    const key = `${one.since} ${one.word}`;
    if (!first.has(key) || (one.because === 'access' && first.get(key)?.because !== 'access')) first.set(key, one);
  }
  return [...first.values()];
}
