import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from '../../server/language/parse';
import { referencePage } from '../../server/language/referencePage';
import { standardLibrary } from '../../server/language/stdlib/library';
import { checkText } from './annotated';

const reference = new URL('../../docs/reference.md', import.meta.url);
const guide = new URL('../../docs/language.md', import.meta.url);
if (process.env.UPDATE !== undefined) writeFileSync(reference, referencePage());

describe('documentation', () => {
  it('docs/reference.md is what the tables say (UPDATE=1 writes it)', () => {
    expect(readFileSync(reference, 'utf8')).toBe(referencePage());
  });

  it('the example of docs/language.md has no mistake', () => {
    const [, example = ''] = /```hvo\n([\s\S]*?)```/.exec(readFileSync(guide, 'utf8')) ?? [];
    expect(parse(example).file.items).toHaveLength(4);
    expect(checkText(example, standardLibrary('v6.7')).diagnostics.map((one) => one.message)).toEqual([]);
  });
});
