import { describe, expect, it } from 'vitest';
import { limits } from '../../server/language/limits';
import type { Source } from '../../server/language/names/symbol';
import { parse } from '../../server/language/parse';
import { usedFiles } from '../../server/language/used';

/** What a file brings in, given the texts of a folder. */
function used(files: Readonly<Record<string, string>>) {
  const sources = new Map(
    Object.entries(files).map(([uri, text]) => [uri, { uri, parsed: parse(text) } satisfies Source]),
  );
  const main = sources.get('main');
  if (main === undefined) throw new Error('the folder has no main');
  const { sources: found, diagnostics } = usedFiles(main, (_, path) => sources.get(path));
  return { uris: found.map((source) => source.uri), messages: diagnostics.map((one) => one.message) };
}

describe('use', () => {
  it('brings in files of files, nearest first, each once, circles included', () => {
    const files = { main: 'use "a"\nuse "b"', a: 'use "c"', b: 'use "a"\nuse "main"', c: 'use "b"' };
    expect(used(files)).toEqual({ uris: ['a', 'b', 'c'], messages: [] });
  });

  it('says which file cannot be read, of this file only', () => {
    expect(used({ main: 'use "none"\nuse "a"', a: 'use "other"' })).toEqual({
      uris: ['a'],
      messages: ['The file `none` cannot be read; its path counts from this file.'],
    });
  });

  it('stops at its bound', () => {
    const names = Array.from({ length: limits.usedFiles + 2 }, (_, i) => `f${i}`);
    const files = {
      main: names.map((name) => `use "${name}"`).join('\n'),
      ...Object.fromEntries(names.map((name) => [name, ''])),
    };
    const { uris, messages } = used(files);
    expect(uris).toHaveLength(limits.usedFiles);
    expect(messages).toHaveLength(2);
  });
});
