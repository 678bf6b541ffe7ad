import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatFile } from '../../server/language/format';
import { parse } from '../../server/language/parse';
import { explanationByCode } from '../../server/verdict/explanations';
import type { FileReport } from '../../server/verdict/report';
import { check } from '../check';
import { breakBeforeMakeClasses } from './breakBeforeMake';
import type { Row } from './classRow';
import { dataClasses } from './data';
import { handlerClasses } from './handlers';
import { lockingClasses } from './locking';
import { tlbClasses } from './tlb';

const rows: readonly Row[] = [
  ...tlbClasses,
  ...breakBeforeMakeClasses,
  ...handlerClasses,
  ...lockingClasses,
  ...dataClasses,
];
const folder = join(import.meta.dirname, 'scenarios');
const textOf = (name: string): string => readFileSync(join(folder, `${name}.hvo`), 'utf8');

/** Lines of the printed table. */
const table: string[] = [];
afterAll(() => console.log(['class  rule in the text  the bad one shows', ...table].join('\n')));

describe.each(rows)('$id $title', (row) => {
  if ('outside' in row) {
    it('lies outside, for a reason', () => expect(row.outside).not.toBe(''));
    table.push(`${row.id.padEnd(7)}${row.title}: outside, ${row.outside}`);
    return;
  }
  const [bad, good] = [textOf(`${row.id}_bad`), textOf(`${row.id}_good`)];
  const both = row.both ?? [];

  it('the bad scenario is told, in the text and by the exploration', { timeout: 60_000 }, () => {
    const report = checked(bad);
    expect(report.verdict).toBe('failed');
    expect(rulesOf(report)).toEqual([...row.text].sort());
    expect(row.hidden === undefined, 'what the text shows has no reason not to show it').toBe(row.text.length > 0);
    const shown = shownBy(report);
    expect(shown.filter((word) => !both.includes(word))).toEqual([...row.shows].sort());
    expect(row.shows).not.toEqual([]);
    const codes = new Set(report.scenarios.flatMap((one) => one.findings.map(({ code }) => code)));
    if (row.text.length > 0 && codes.size > 0)
      expect(
        row.text.some((code) => codes.has(code)),
        `a finding has the code of the text: ${[...codes]}`,
      ).toBe(true);
    for (const code of [...codes, ...row.text]) expect(explanationByCode.has(code), code).toBe(true);
    const rule = row.text.join(' ') || '-';
    table.push(`${row.id.padEnd(7)}${rule.padEnd(18)}${shown.join(', ')}  (${row.title})`);
  });

  it('the good scenario is silent', { timeout: 60_000 }, () => {
    const report = checked(good);
    const said = report.diagnostics.filter((one) => one.expected !== true);
    expect(said.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    const found = report.scenarios.flatMap((one) => one.findings.filter(({ severity }) => severity !== 'note'));
    expect(found.map(({ message }) => message)).toEqual([]);
    expect(report.verdict).toBe('ok');
    expect(shownBy(report).filter((word) => !both.includes(word))).toEqual([]);
  });

  it('the two differ by the fix', () => {
    expect(bad).toMatch(/^\/\/ /);
    for (const text of [bad, good]) expect(formatFile(parse(text))).toBe(text);
    const changed = differingLines(codeOf(bad), codeOf(good));
    expect(changed, `${changed} lines differ`).toBeGreaterThan(0);
    expect(changed, `${changed} lines differ`).toBeLessThanOrEqual(8);
  });
});

it('every class has its row, and every scenario its class', () => {
  const ids = rows.map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
  const files = rows.flatMap((row) => ('outside' in row ? [] : [`${row.id}_bad.hvo`, `${row.id}_good.hvo`]));
  expect(readdirSync(folder).sort()).toEqual(files.sort());
});

/** The report of a text whose scenarios can all be explored to the end. */
function checked(text: string): FileReport {
  const report = check(text, { maxStates: 300_000 });
  const errors = report.diagnostics.filter((one) => one.of === 'text' && one.severity === 'error');
  expect(errors.map(({ place, message }) => `${place.line}:${place.column} ${message}`)).toEqual([]);
  expect(report.scenarios.flatMap((one) => one.bound ?? [])).toEqual([]);
  return report;
}

/** Rules that a text breaks; remarks of reviewers are no mistakes. */
function rulesOf(report: FileReport): readonly string[] {
  const broken = report.diagnostics.filter((one) => one.of === 'rule' && one.severity !== 'hint');
  return [...new Set(broken.map(({ code }) => code))].sort();
}

/** The words of a report: findings, and how accesses ended where that is worth a look. */
function shownBy({ scenarios }: FileReport): readonly string[] {
  const labels = scenarios.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ items }) => items.flatMap((one) => (one.severity === 'good' ? [] : one.outcome))),
  );
  const ends = labels.filter((label) => !/-fault( at|$)/.test(label));
  const found = scenarios.flatMap(({ findings }) => findings.map(({ outcome }) => outcome));
  const words = found.filter((word) => !ends.some((label) => label.startsWith(`${word} at `)));
  return [...new Set([...ends, ...words])].sort();
}

function codeOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !/^\s*\/\//.test(line));
}

/** Lines of either text that the other one does not have, in order. */
function differingLines(a: readonly string[], b: readonly string[]): number {
  let common = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    b.forEach((other, j) => {
      next.push(line === other ? (common[j] as number) + 1 : Math.max(common[j + 1] as number, next[j] as number));
    });
    common = next;
  }
  return a.length + b.length - 2 * (common.at(-1) as number);
}
