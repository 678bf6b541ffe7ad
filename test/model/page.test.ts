import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { modelRules } from '../../simulator/machine/modelRules';
import { reductions } from '../../simulator/machine/reductions';
import { textOf } from '../tidy/imports';
import { changesPath, readChanges } from './changes';
import { withTables } from './page';

const path = new URL('../../docs/model.md', import.meta.url);

function madeAnew(page: string): string {
  return withTables(page, readChanges(readFileSync(changesPath, 'utf8')));
}

if (process.env.UPDATE !== undefined) writeFileSync(path, madeAnew(readFileSync(path, 'utf8')));
const page = readFileSync(path, 'utf8');

it('docs/model.md has the tables of rules and reductions as they are (UPDATE=1 writes them)', () => {
  expect(page).toBe(madeAnew(page));
});

it('docs/model.md names every rule and reduction in one row, and no other', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, id]) => id);
  expect(rows).toEqual([...modelRules, ...reductions].map(({ id }) => id));
});

it('docs/model.md speaks of files that are there', () => {
  const files = [...page.matchAll(/`((?:machine|steps|explore)\/\w+\.ts)`/g)].map(([, file]) => file as string);
  for (const file of files) expect(textOf(join('simulator', file)).length, file).toBeGreaterThan(0);
});
