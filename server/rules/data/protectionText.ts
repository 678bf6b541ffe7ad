/** The protection in the statement that writes an entry, as a fix changes it. */

import type { CodeIndex } from '../../../simulator/machine/program';
import type { Edit } from '../../language/diagnostic';
import { replace, statementAt } from '../fixes';
import { placeAt, type RuleScenario } from '../scenario';
import type { Walk } from '../walk/walker';

/** Puts one protection in place of another where the statement says it, as a word of its own. */
export function changeProtection(
  scenario: RuleScenario,
  walk: Walk,
  at: CodeIndex,
  from: string,
  to: string,
): readonly Edit[] {
  const place = placeAt(scenario, walk, at);
  const standing = place && statementAt(place);
  if (standing === undefined) return [];
  const { start, end } = standing.statement.span;
  const found = new RegExp(`\\b${from}\\b`).exec(standing.source.parsed.text.slice(start, end));
  if (found === null) return [];
  const first = start + found.index;
  return [replace({ start: first, end: first + from.length }, to)];
}
