import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParsedFile, parse } from '../../server/language/parse';
import { edit, edited } from './edits';
import { fileText } from './generate';

/** Everything that a reader of the tree can see. */
function seen({ text, lines, file: tree, diagnostics }: ParsedFile): unknown {
  return plain({ text, lines, tree, diagnostics });
}

/** Members that are computed when they are looked at are members too. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const found: Record<string, unknown> = {};
  for (const key in value) found[key] = plain((value as Record<string, unknown>)[key]);
  return found;
}

const examples = readdirSync('examples')
  .filter((name) => name.endsWith('.hvo'))
  .map((name) => readFileSync(`examples/${name}`, 'utf8'));

const text = `// What it is about.
const N = 2

fn one(a) {
  return a + N;
}

fn two(a) { return one(a); }
fn three(a) { return two(a); }

scenario "first" {
  cpu 0 { r0 = three(1); }
  always r0 == 3
}

// The last.
scenario "second" {
  cpu 0 { r0 = two(1); }
}
`;

/** The items that are read after an edit: \`before\` becomes \`after\` at its first place. */
function readAfter(before: string, after: string, from = text): number {
  const parsed = parse(from);
  const next = parse(from.replace(before, after), parsed);
  expect(seen(next)).toEqual(seen(parse(next.text)));
  return next.itemsRead;
}

describe('a text that has changed', () => {
  it.each([
    ['in one function', 'a + N', 'a + 2', 1],
    ['to one with a mistake', 'a + N', 'a + ', 1],
    ['by a line more in a function', 'return a + N', '\n  return a + N', 1],
    ['by a line more at the top', '// What', '\n// What', 0],
    ['by a brace too few', 'a + N;\n}', 'a + N;\n', 1],
    ['by a brace too many', 'a + N;\n}', 'a + N;\n}}', 2],
    ['in a scenario', 'r0 == 3', 'r0 == 4', 1],
    ['by an item less', 'fn two(a) { return one(a); }\n', '', 1],
    ['between two items of one line', 'fn two', 'fn four() { } fn two', 2],
    ['by a comment that begins, and has no end', 'fn two', '/* fn two', 2],
  ])('%s is read only there', (_, before, after, items) => {
    expect(readAfter(before, after)).toBe(items);
  });

  it('and has mistakes elsewhere is read there too, and nowhere else', () => {
    const broken = text.replace('return one(a)', 'return one(');
    expect(readAfter('r0 == 3', 'r0 == 4', broken)).toBe(2);
  });

  it('not at all is the same text', () => {
    const parsed = parse(text);
    expect(parse(text, parsed)).toBe(parsed);
  });

  it('keeps the pieces of items that have only moved', () => {
    const parsed = parse(text);
    const next = parse(text.replace('const N = 2', 'const N = 1234'), parsed);
    expect(next.pieces.slice(2)).toEqual(parsed.pieces.slice(2));
    expect(next.pieces.slice(2).every((piece, i) => piece === parsed.pieces[i + 2])).toBe(true);
  });

  it('of C that was pasted has the tree that reading it anew gives', () => {
    const pasted =
      '#include <a>\n#define N 4\nconst M = 3\nfn f(a) { return a; }\nstatic DEFINE_SPINLOCK(L);\n#define K \\\n 5\nscenario "s" { cpu 0 { f(N); } }\n';
    const before = parse(pasted);
    for (let at = 0; at <= pasted.length; at++) {
      for (const [length, inserted] of [
        [1, ''],
        [0, '\n'],
        [0, '#'],
        [1, 'x'],
      ] as const) {
        const next = pasted.slice(0, at) + inserted + pasted.slice(at + length);
        expect(seen(parse(next, before)), JSON.stringify(next)).toEqual(seen(parse(next)));
      }
    }
  });

  it('from a file that was no text has the tree that reading it anew gives', () => {
    const binary = parse(`${text}\0`);
    expect(binary.diagnostics.map((one) => one.code)).toEqual(['HVO007']);
    expect(seen(parse(text, binary))).toEqual(seen(parse(text)));
    expect(seen(parse(`${text}\0`, parse(text)))).toEqual(seen(binary));
  });

  it('has the tree that reading it anew gives', () => {
    const start = fc.oneof(fc.constantFrom(text, ...examples), fileText);
    fc.assert(
      fc.property(start, fc.array(edit, { minLength: 1, maxLength: 6 }), (first, edits) => {
        let parsed = parse(first);
        for (const one of edits) {
          parsed = parse(edited(parsed.text, one), parsed);
          expect(seen(parsed)).toEqual(seen(parse(parsed.text)));
        }
      }),
      { numRuns: 400 },
    );
  }, 120_000);
});
