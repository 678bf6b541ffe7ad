import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surroundingsOf } from '../../server/language/kernelLibrary';
import { type Names, resolveNames } from '../../server/language/names';
import type { Source } from '../../server/language/names/symbol';
import { parse } from '../../server/language/parse';
import { edit, edited, renaming } from './edits';

const sourceOf = (text: string, before?: Names) => ({
  uri: 'file:///a.hvo',
  parsed: parse(text, before?.source.parsed),
  origin: 'user' as const,
});

function namesOf(text: string, before?: Names): Names {
  const source = sourceOf(text, before);
  return resolveNames(source, surroundingsOf(source, []), before);
}

/** Everything that names say about a text. */
function seen({ diagnostics, occurrences, symbols }: Names): unknown {
  const plain = (key: string, value: unknown) =>
    key === 'fn' ? undefined : typeof value === 'bigint' ? `${value}n` : value;
  return JSON.parse(JSON.stringify({ diagnostics, occurrences, symbols }, plain));
}

const text = `// One.
const N = 2
var V = 0
lock l : spin

fn one(a) { return a + N; }
fn two(a) { return one(a); }
fn three(a) {
  spin_lock(l);
  let b = two(a);
  spin_unlock(l);
  return b;
}

scenario "first" {
  const M = 3
  cpu 0 { r0 = three(M); }
  always r0 == 3
}

scenario "second" {
  cpu 0 { WRITE_ONCE(V, two(1)); }
}
`;

/** The items that are looked at after an edit, with the same result as all of them. */
function lookedAt(before: string, after: string, from = text): number {
  const names = namesOf(from);
  const next = namesOf(from.replace(before, after), names);
  const anew = resolveNames(next.source as Source, next.surroundings);
  expect(seen(next)).toEqual(seen(anew));
  return next.itemsResolved;
}

describe('the names of a text that has changed', () => {
  it.each([
    ['its own body', 'a + N', 'a + 2', 1],
    ['what stands in its line', 'const N = 2', '// Two.\nconst N = 2', 1],
    ['nothing but the place', '// One', '// Two', 0],
    ['a function that two others call gets a parameter', 'fn one(a)', 'fn one(a, b)', 2],
    ['a constant that it names is gone', 'var V = 0', 'var W = 0', 2],
    ['a lock that it names is another kind', 'l : spin', 'l : raw', 2],
    ['a name appears that a local hides', '\nfn one', '\nvar b = 0\nfn one', 4],
    ['a function of a scenario that nobody else names', '  const M = 3', '  fn four() { }\n  const M = 3', 1],
    ['a function is called for the first time', 'two(1)', 'three(1)', 1],
    ['a machine may bring another library', 'const N', 'machine { kernel v7.2 }\nconst N', 9],
  ])('are looked at again where %s', (_, before, after, items) => {
    expect(lookedAt(before, after)).toBe(items);
  });

  it('lead back to a function', () => {
    expect(lookedAt('a + N', 'three(a)')).toBe(8);
  });

  const examples = readdirSync('examples')
    .filter((name) => name.endsWith('.hvo'))
    .map((name) => readFileSync(`examples/${name}`, 'utf8'));

  it('are those that looking at it anew gives', () => {
    const change = fc.oneof(
      renaming.map((one) => ({ kind: 'rename' as const, one })),
      edit.map((one) => ({ kind: 'edit' as const, one })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(text, ...examples),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        (first, list) => {
          let names = namesOf(first);
          for (const each of list) {
            const now = names.source.parsed.text;
            names = namesOf(each.kind === 'edit' ? edited(now, each.one) : each.one(now), names);
            expect(seen(names)).toEqual(seen(resolveNames(names.source as Source, names.surroundings)));
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});
