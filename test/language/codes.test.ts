import { describe, expect, it } from 'vitest';
import { languageCodes } from '../../server/language/codes';
import { checkText, marksOf, placesOf } from './annotated';

describe('each code of syntax and names', () => {
  for (const { code, title, bad, good } of languageCodes) {
    it(`${code} ${title}: the bad text has it at its place, and nothing else`, () => {
      const checked = checkText(bad);
      const marks = marksOf(bad);
      expect(marks.map((mark) => mark.code)).toEqual([code]);
      const [mark] = marks;
      const places = placesOf(checked);
      if (mark?.columns !== undefined) {
        expect(places).toEqual([`${mark.line}:${mark.columns[0]}-${mark.columns[1]} ${code}`]);
      } else {
        expect(checked.diagnostics.at(-1)?.code).toBe(code);
        expect(places.at(-1)).toMatch(new RegExp(`^${mark?.line}:`));
      }
    });

    it(`${code}: the good text has no problem`, () => {
      expect(checkText(good).diagnostics.map((one) => `${one.code} ${one.message}`)).toEqual([]);
    });
  }

  it('has one row each, in order', () => {
    const codes = languageCodes.map((row) => row.code);
    expect(codes).toEqual([...new Set(codes)].sort());
  });
});
