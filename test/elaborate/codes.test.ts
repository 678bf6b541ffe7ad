import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { elaborationCodeRows } from '../../server/language/elaborate/codes';
import { explanationByCode } from '../../server/verdict/explanations';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';
import type { ReportDiagnostic } from '../../server/verdict/report';
import { marksOf } from '../language/annotated';

function said(text: string): readonly ReportDiagnostic[] {
  return openFile(sourceOf('main.hvo', text), () => undefined).diagnostics.filter((one) => one.severity !== 'hint');
}

describe('each code of what the elaboration notices', () => {
  for (const { code, title, bad, good } of elaborationCodeRows) {
    it(`${code} ${title}: the bad text has it at its place, and nothing else`, () => {
      const marks = marksOf(bad).map(({ line, columns, code: marked }) => [
        line + 1,
        (columns?.[0] ?? 0) + 1,
        marked,
        (columns?.[1] ?? 0) - (columns?.[0] ?? 0),
      ]);
      expect(marks.map((mark) => mark[2])).toEqual([code]);
      expect(said(bad).map(({ place, code: told }) => [place.line, place.column, told, place.text.length])).toEqual(
        marks,
      );
    });

    it(`${code}: the good text has no problem`, () => {
      expect(said(good).map((one) => `${one.code} ${one.message}`)).toEqual([]);
    });
  }

  it('every code that is written anywhere in the sources is explained', () => {
    const files = ['server', 'cli', 'client', 'simulator'].flatMap((room) =>
      readdirSync(room, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|hvo)$/.test(name))
        .map((name) => `${room}/${name}`),
    );
    const codes = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bHVO\d{3}\b/g)].map(([code]) => `${code} in ${file}`),
    );
    expect(codes.length).toBeGreaterThan(200);
    expect(codes.filter((one) => !explanationByCode.has(one.slice(0, 6)))).toEqual([]);
  });
});
