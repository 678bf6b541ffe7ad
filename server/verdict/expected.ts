/** What a scenario says that happens: by `sometimes` and `always`, and behind a statement by `=>`. */

import type { ClaimCondition } from '../language/elaborate/claims';
import { toldAs } from '../language/elaborate/claims';
import type { ElaboratedScenario } from '../language/elaborate/scenario';
import { covers } from './vocabulary';

/** Whether some `sometimes` or `always` names it, not under a `!`. */
export function anyPositive({ claims }: ElaboratedScenario, names: (leaf: ClaimCondition) => boolean): boolean {
  const within = (condition: ClaimCondition): boolean => {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return within(condition.left) || within(condition.right);
      case 'not':
        return false;
      case 'event':
      case 'end':
      case 'rule':
      case 'value':
        return names(condition);
    }
  };
  return claims.some(({ quantifier, condition }) => quantifier !== 'never' && within(condition));
}

export function expectsCode(scenario: ElaboratedScenario, code: string): boolean {
  return anyPositive(scenario, (leaf) => leaf.kind === 'rule' && leaf.code === code);
}

/** Whether a word of the vocabulary is expected at all, wherever that is. */
export function expectsOutcome(scenario: ElaboratedScenario, word: string): boolean {
  const told = toldAs(word);
  return (
    scenario.expected.some(({ outcomes }) => outcomes.some((one) => covers(one.word, word))) ||
    anyPositive(
      scenario,
      (leaf) =>
        (leaf.kind === 'end' && covers(leaf.word, word)) ||
        (leaf.kind === 'event' && leaf.patterns.some((pattern) => told.includes(pattern.outcome))),
    )
  );
}
