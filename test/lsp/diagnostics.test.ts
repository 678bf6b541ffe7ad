import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor } from './editor';

const uri = 'file:///texts/test.hvo';

const text = `machine { kernel v6.7  granule 4K  va_bits 48 }
hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "one load" {
  cpu 0 { r0 = load(H.page(1).flags); }
  never oops
}
`;

let editor: Editor;
beforeAll(async () => {
  editor = await Editor.start();
});
afterAll(() => editor.stop());

describe('diagnostics', () => {
  it('of a good file are none', async () => {
    await editor.open(uri, text);
    expect(await editor.problems(uri)).toEqual([]);
  });

  it('follow an edit, with code, source and place, and go with it', async () => {
    await editor.edit(uri, 'load(H', 'laod(H');
    const [problem, ...others] = await editor.problems(uri);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ source: 'hvo', code: 'HVO030', severity: 1 });
    expect(problem?.range.start).toEqual({ line: 4, character: 15 });
    await editor.edit(uri, 'laod(H', 'load(H');
    expect(await editor.problems(uri)).toEqual([]);
  });

  it('carry the version of the text that they speak of', async () => {
    const first = editor.diagnostics.length;
    for (let i = 0; i < 20; i++) {
      await editor.edit(uri, 'flags', 'flagss');
      await editor.edit(uri, 'flagss', 'flags');
    }
    expect(await editor.problems(uri)).toEqual([]);
    for (const { version, diagnostics } of editor.diagnostics.slice(first)) {
      expect(diagnostics.length).toBe(1 - (Number(version) % 2));
    }
  });

  it('are taken back when the file is closed', async () => {
    await editor.close(uri);
    await editor.until('an empty list', () =>
      editor.diagnostics.at(-1)?.version === undefined ? editor.diagnostics.at(-1) : undefined,
    );
    expect(editor.diagnostics.at(-1)).toMatchObject({ uri, diagnostics: [] });
  });
});
