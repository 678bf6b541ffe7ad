import { describe, expect, it } from 'vitest';
import { outcomes } from '../../server/language/outcomes';
import { explanationByCode, explanations } from '../../server/verdict/explanations';
import { codeOfFinding } from '../../server/verdict/findingCode';
import { outcomeRules } from '../../server/verdict/outcomeRules';
import { check } from '../check';

describe('codes of what only an execution shows', () => {
  for (const rule of outcomeRules) {
    it(`${rule.code}: the bad example fails by it, the good one does not fail`, () => {
      const bad = check(rule.bad).scenarios;
      expect(bad.flatMap((one) => one.findings.map((finding) => finding.code))).toContain(rule.code);
      expect(bad.map((one) => one.verdict)).toContain('failed');
      const good = check(rule.good).scenarios;
      expect(good.map((one) => one.verdict)).toEqual(good.map(() => 'ok'));
    });
  }

  it('every outcome that can fail a scenario has a code that can be explained', () => {
    const words = outcomes.filter((one) => one.safety).map((one) => one.word);
    const machine = ['freed-page-reachable', 'double-free', 'unlock-not-held', 'lock-never-released'];
    for (const word of [...words, ...machine]) expect(explanationByCode.has(codeOfFinding(word, new Set()))).toBe(true);
  });

  it('no code is given twice', () => {
    expect(new Set(explanations.map((one) => one.code)).size).toBe(explanations.length);
  });
});
