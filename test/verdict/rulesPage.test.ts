import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rules } from '../../server/rules/table';
import { rulesPage } from '../../server/verdict/rulesPage';

const page = new URL('../../docs/rules.md', import.meta.url);
if (process.env.UPDATE !== undefined) writeFileSync(page, rulesPage());

it('docs/rules.md is what the table says (UPDATE=1 writes it)', () => {
  expect(readFileSync(page, 'utf8')).toBe(rulesPage());
});

it('codes are in order, one rule each', () => {
  const codes = rules.map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)].sort());
});
