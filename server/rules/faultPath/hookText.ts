/** The text of a fault handler: what stands between its lock and its unlock, and whether anything there reads an entry. */

import type { CodeIndex } from '../../../simulator/machine/program';
import type { Statement } from '../../language/ast';
import type { Place } from '../../language/elaborate/source';
import { visitBlock } from '../../language/walk';
import { calleeName, statementAt, textOf } from '../fixes';
import { givingCall } from '../lockText';
import { placeAt, type RuleScenario, siteAt } from '../scenario';
import type { Walk } from '../walk/walker';

/** The statements between the unlock at a place and its lock, where both stand in one block of the user's text. */
export function lockedStatements(unlock: Place): readonly Statement[] | undefined {
  const standing = statementAt(unlock);
  const call = givingCall(unlock);
  if (standing === undefined || call === undefined) return undefined;
  const { block, index, source } = standing;
  const lock = call.arguments[0] && textOf(source, call.arguments[0]);
  for (let i = index - 1; i >= 0; i--) {
    const statement = block.statements[i] as Statement;
    if (statement.kind !== 'call' || statement.expression.kind !== 'call') continue;
    const [argument] = statement.expression.arguments;
    if (!/_lock|^down/.test(calleeName(statement.expression)) || argument === undefined) continue;
    if (textOf(source, argument) === lock) return block.statements.slice(i + 1, index);
  }
  return undefined;
}

/**
 * Whether statements read memory, in the functions that they call too. The program does not tell: a read of what nobody
 * writes is known when the program is made, and leaves no instruction.
 */
export function readsMemory({ elaborated }: RuleScenario, statements: readonly Statement[]): boolean {
  const { functions } = elaborated.world.declarations;
  const seen = new Set<string>();
  let reads = false;
  const look = (some: readonly Statement[]): void => {
    const [first, last] = [some[0], some.at(-1)];
    if (first === undefined || last === undefined) return;
    visitBlock({ statements: some, braced: true, span: { start: first.span.start, end: last.span.end } }, (one) => {
      if (one.kind === 'unary' && one.operator === '*') reads = true;
      if (one.kind !== 'call') return;
      const name = calleeName(one);
      if (/^(READ_ONCE|load\w*|ldx?a?x?r\w*|nofault_load\w*|at_s1e1\w)$/.test(name)) reads = true;
      if (seen.has(name)) return;
      seen.add(name);
      const called = functions.get(name);
      if (called !== undefined) look(called.item.body.statements);
    });
  };
  look(statements);
  return reads;
}

/** Whether nothing is read between the unlock of a handler and its lock, as the user's text says it. */
export function isBlind(scenario: RuleScenario, walk: Walk, unlockAt: CodeIndex): boolean {
  const place =
    siteAt(scenario, walk, unlockAt)?.source.origin === 'user' ? placeAt(scenario, walk, unlockAt) : undefined;
  const statements = place && lockedStatements(place);
  return statements !== undefined && !readsMemory(scenario, statements);
}
