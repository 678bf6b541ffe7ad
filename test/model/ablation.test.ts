/**
 * No rule of the model is there for nothing, and each says what depends on it: the machine without a rule, and without any
 * reduction, gives other verdicts or other final states on exactly the litmus tests and scenarios that changes.txt names.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelRules, type RuleGroup } from '../../simulator/machine/modelRules';
import { textOf } from '../tidy/imports';
import { changesPath, type RuleChanges, readChanges, writeChanges } from './changes';
import { litmusTests, type Subject, scenarios } from './subjects';

const bare = { reductions: false, symmetry: false, remembers: false };
const subjects: readonly Subject[] = [...litmusTests, ...scenarios];
const withAllRules = new Map(subjects.map((s) => [s, s.found(bare)]));

/** Litmus tests have no step of the kernel and ask for no finding. */
const onlyScenarios: ReadonlySet<RuleGroup> = new Set(['kernel', 'findings']);

function changesWithout({ id: rule, group }: { readonly id: string; readonly group: RuleGroup }): RuleChanges {
  const without = new Set([rule]);
  const changes: RuleChanges['changes'][number][] = [];
  for (const subject of subjects) {
    if (subject.isLitmus && onlyScenarios.has(group)) continue;
    const before = withAllRules.get(subject) as string;
    const after = subject.found({ ...bare, without });
    if (after === before) continue;
    changes.push(subject.isLitmus ? { name: subject.name, how: `${before} → ${after}` } : { name: subject.name });
  }
  return { rule, changes };
}

describe('the machine without a rule of the model', { timeout: 600_000 }, () => {
  const found: RuleChanges[] = [];
  const expected = new Map(
    process.env.UPDATE === undefined ? readChanges(readFileSync(changesPath, 'utf8')).map((r) => [r.rule, r]) : [],
  );

  for (const rule of modelRules)
    it(rule.id, () => {
      const changes = changesWithout(rule);
      found.push(changes);
      expect(changes.changes.length, 'tests that need the rule').toBeGreaterThan(0);
      if (process.env.UPDATE === undefined) expect(changes).toEqual(expected.get(rule.id));
    });

  it('changes.txt speaks of every rule and of no other (UPDATE=1 writes it)', () => {
    if (process.env.UPDATE !== undefined) writeFileSync(changesPath, writeChanges(found));
    expect(readChanges(readFileSync(changesPath, 'utf8')).map((r) => r.rule)).toEqual(modelRules.map((r) => r.id));
  });
});

describe('the table of rules', () => {
  it('names each rule once, and the file that asks for it', () => {
    expect(new Set(modelRules.map((r) => r.id)).size).toBe(modelRules.length);
    for (const { id, file } of modelRules)
      expect(textOf(join('simulator', file)), `${file} asks for ${id}`).toMatch(new RegExp(`\\b${id}\\b`));
  });
});
