import { describe, expect, it } from 'vitest';
import { lineStarts, positionAt } from '../../server/language/lines';
import { rules } from '../../server/rules/table';
import { marksOf } from '../language/annotated';
import { applyFix, type CheckedText, checkRuleText } from './checkRuleText';

/** `line:from-to code` of each finding, for comparison with the marks in the text. */
function placesOf({ text, diagnostics }: CheckedText): readonly string[] {
  const lines = lineStarts(text);
  return diagnostics.map(({ code, span }) => {
    const { line, character } = positionAt(lines, span.start);
    return `${line}:${character}-${character + span.end - span.start} ${code}`;
  });
}

const marked = (text: string): readonly string[] =>
  marksOf(text).map(({ code, line, columns }) => `${line}:${columns?.join('-')} ${code}`);

describe('each rule', () => {
  for (const { code, title, bad, good } of rules) {
    it(`${code} ${title}: the bad example has it where it is marked, and nothing else`, () => {
      const checked = checkRuleText(bad);
      expect(checked.problems).toEqual([]);
      expect(placesOf(checked), checked.diagnostics.map(({ message }) => message).join('\n')).toEqual(marked(bad));
      expect(new Set(checked.diagnostics.map((one) => one.code))).toEqual(new Set([code]));
    });

    it(`${code}: the good example has no problem`, () => {
      const checked = checkRuleText(good);
      expect(checked.problems).toEqual([]);
      expect(checked.diagnostics.map((one) => `${one.code} ${one.message}`)).toEqual([]);
    });

    it(`${code}: each fix takes its finding away and brings no other`, () => {
      const { diagnostics } = checkRuleText(bad);
      for (const diagnostic of diagnostics) {
        if (diagnostic.fix === undefined) continue;
        const after = checkRuleText(applyFix(bad, diagnostic));
        expect(after.problems).toEqual([]);
        expect(after.diagnostics.length, after.text).toBe(diagnostics.length - 1);
      }
    });
  }
});
