/** Findings put together: the place that the user sees, the library text behind it, and other places that matter. */

import type { CodeIndex } from '../../simulator/machine/program';
import type { Fix } from '../language/diagnostic';
import type { RelatedPlace, RuleFinding } from './rule';
import { libraryPlace, placeAt, type RuleScenario } from './scenario';
import type { Walk } from './walk/walker';

/** Another instruction of the same code that a finding speaks of. */
export interface Other {
  readonly at: CodeIndex;
  readonly message: string;
}

/** One finding at an instruction; none when it is reached from no text of the user. */
export function found(
  scenario: RuleScenario,
  walk: Walk,
  at: CodeIndex,
  message: string,
  more: { readonly others?: readonly Other[]; readonly fix?: Fix } = {},
): readonly RuleFinding[] {
  const place = placeAt(scenario, walk, at);
  if (place === undefined) return [];
  const others: RelatedPlace[] = libraryPlace(scenario, walk, at, 'here, in library text');
  for (const other of more.others ?? []) {
    const related = placeAt(scenario, walk, other.at);
    if (related && (related.source !== place.source || related.span !== place.span))
      others.push({ ...related, message: other.message });
  }
  return [{ place, message, ...(others.length > 0 ? { others } : {}), ...(more.fix ? { fix: more.fix } : {}) }];
}
