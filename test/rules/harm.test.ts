import { describe, expect, it } from 'vitest';
import { elaborate } from '../../server/language/elaborate/elaborate';
import { parse } from '../../server/language/parse';
import { rules } from '../../server/rules/table';
import { explore } from '../../simulator/explore/explore';

/** Every word that the machine has for what happens in the executions of a text. */
function outcomesOf(text: string): ReadonlySet<string> {
  const { scenarios } = elaborate({ uri: 'file:///example.hvo', parsed: parse(text), origin: 'user' });
  const words = new Set<string>();
  for (const { program } of scenarios) {
    const result = explore(program, { maxStates: 100_000 });
    expect(result.complete).toBe(true);
    for (const { event } of result.events) words.add(event.outcome);
    for (const { kind } of result.deadlocks) words.add(kind);
    if (result.livelock !== undefined) words.add('livelock');
  }
  return words;
}

describe('what a rule says comes of it, comes of it', () => {
  for (const { code, outcomes, bad, good } of rules) {
    if (outcomes === undefined) continue;
    it(`${code}: an execution of the bad example shows it, none of the good one does`, () => {
      const seen = outcomesOf(bad);
      expect(
        outcomes.filter((one) => seen.has(one)),
        `seen: ${[...seen].join(' ')}`,
      ).not.toEqual([]);
      const good_ = outcomesOf(good);
      expect(outcomes.filter((one) => good_.has(one))).toEqual([]);
    });
  }
});
