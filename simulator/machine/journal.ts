/**
 * What happened, in the order in which it happened, in an execution that somebody looks at. Most effects are no choice
 * (they happen at once, because nobody else can tell), so that a path alone does not show them. Nothing is kept while
 * an exploration runs.
 */

import type { CodeIndex } from './program';
import type { ValueId } from './values';

/**
 * `fetch`: taken in; `lasts` when it stays in the window until its `end`, else this is all there is to it. `translate`:
 * an address was translated; `word` is the physical address, -1 for a fault. `read`, `write`, `update` (by hardware):
 * `word` now has `value`. `tlbi`: VA[55:12] of the first and the last page. `exception`: a fault of the instruction at `at`, with FAR in `word`, ESR in `value`; `interrupt`: number `value` was taken before
 * it; `return`: to `at`; `event`: number `value` of the step's events.
 */
export interface Note {
  readonly what:
    | 'fetch'
    | 'end'
    | 'translate'
    | 'read'
    | 'write'
    | 'update'
    | 'tlbi'
    | 'acquire'
    | 'release'
    | 'exception'
    | 'interrupt'
    | 'return'
    | 'event';
  readonly cpu: number;
  readonly at: CodeIndex;
  readonly lasts?: boolean;
  readonly word?: ValueId;
  readonly value?: ValueId;
  /** A `translate` or a fault by way of a translation that is no longer the one in memory. */
  readonly stale?: boolean;
}
