import { describe, expect, it } from 'vitest';
import type { Item } from '../../server/language/ast';
import { openFile, sourceOf } from '../../server/verdict/fileCheck';

/** How often an item of the file is looked at while a file of so many scenarios is opened. */
function looks(scenarios: number): number {
  const text = Array.from(
    { length: scenarios },
    (_, i) => `scenario "s${i}" { cpu 0 { r0 = ${i}; } always r0 == ${i} }\n`,
  );
  const source = sourceOf('a.hvo', text.join(''));
  const { parsed } = source;
  let count = 0;
  const items = new Proxy(parsed.file.items, {
    get(list: readonly Item[], key) {
      if (typeof key === 'string' && /^[0-9]+$/.test(key)) count++;
      return Reflect.get(list, key);
    },
  });
  const file = openFile({ ...source, parsed: { ...parsed, file: { ...parsed.file, items } } }, () => undefined);
  expect(file.scenarios).toHaveLength(scenarios);
  return count;
}

describe('a file of many scenarios', () => {
  it('is opened with work that grows as they do', () => {
    const [few, many] = [looks(50), looks(100)];
    expect(many).toBeLessThan(2.2 * few);
  });

  it('tells of those that are wanted alone', () => {
    const texts = ['a', 'b', 'c'].map(
      (name, i) => `scenario "${name}" { cpu 0 { ${i === 0 ? 'r0 = 1' : 'laod(1)'}; } }\n`,
    );
    const source = sourceOf('a.hvo', texts.join(''));
    const opened = (wanted: number) => {
      const { scenarios, diagnostics } = openFile(source, () => undefined, { only: (_, place) => place === wanted });
      return [scenarios.map(({ name, place }) => `${place} ${name}`), diagnostics.map(({ place }) => place.line)];
    };
    expect([0, 1, 2].map(opened)).toEqual([
      [['0 a'], []],
      [['1 b'], [2]],
      [['2 c'], [3]],
    ]);
  });
});
