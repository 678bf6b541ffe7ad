import { describe, expect, it } from 'vitest';
import { parse } from '../../server/language/parse';
import { checkRules } from '../../server/rules/check';
import type { Rule } from '../../server/rules/rule';
import { rules } from '../../server/rules/table';

const sourceOf = (parsed: ReturnType<typeof parse>) => ({ uri: 'file:///a.hvo', parsed, origin: 'user' as const });

function said(parsed: ReturnType<typeof parse>): unknown {
  const { diagnostics } = checkRules([sourceOf(parsed)], []);
  return diagnostics.map(({ source: _, others, ...one }) => ({ ...one, others: others.map(({ span }) => span) }));
}

describe('a rule about items', () => {
  const ofItems = rules.filter((rule): rule is Rule => rule.checkItem !== undefined);

  it('is there', () => expect(ofItems.map(({ code }) => code)).toEqual(['HVO601', 'HVO603']));

  it.each(ofItems)('$code finds the same in an item that has moved', ({ bad, code }) => {
    const first = parse(bad);
    said(first);
    const moved = parse(`// One line more.\n\n${bad}`, first);
    expect(moved.itemsRead).toBeLessThanOrEqual(1);
    expect(said(moved)).toEqual(said(parse(moved.text)));
    expect(JSON.stringify(said(moved))).toContain(code);
  });
});
