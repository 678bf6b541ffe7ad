import { describe, expect, it } from 'vitest';
import { Method } from '../../server/lsp/protocol';
import { Editor } from './editor';

const uri = 'file:///project/a.hvo';
const text = 'var x = 0\nscenario "s" { cpu 0 { store(x, 1); } }\n';

describe('a client that errs', () => {
  it('is told what is wrong with the parameters of each request, in a sentence, and served on', async () => {
    const editor = await Editor.start();
    await editor.open(uri, text);
    const refusal = async (method: string, params?: object) => {
      const answer = editor.connection.sendRequest(method, params);
      const { code, message } = await answer.then(
        () => ({ code: 0, message: 'an answer' }),
        (error: { code: number; message: string }) => error,
      );
      return `${code} ${message}`;
    };
    const textDocument = { uri };
    expect(await refusal('textDocument/hover', { textDocument })).toBe(
      '-32602 textDocument/hover: `position`: expected an object with `line` and `character`, found nothing.',
    );
    expect(await refusal('textDocument/hover', { textDocument, position: { line: '1', character: 0 } })).toBe(
      '-32602 textDocument/hover: `position.line`: expected a whole number from 0, found "1".',
    );
    expect(await refusal('textDocument/rename', { textDocument, position: { line: 0, character: 4 } })).toBe(
      '-32602 textDocument/rename: `newName`: expected a string, found nothing.',
    );
    const methods = [
      ...['completion', 'hover', 'signatureHelp', 'definition', 'references', 'documentHighlight', 'prepareRename'],
      ...['rename', 'documentSymbol', 'foldingRange', 'formatting', 'semanticTokens/full', 'codeAction', 'codeLens'],
      ...['prepareCallHierarchy'],
    ].map((name) => `textDocument/${name}`);
    const more = ['workspace/symbol', 'callHierarchy/incomingCalls', 'callHierarchy/outgoingCalls'];
    const own = [Method.run, Method.explore, Method.pageTables, Method.explain, Method.libraryText];
    for (const method of [...methods, ...more, ...own]) {
      for (const params of [{}, { textDocument: 7, position: [], uri: 7, query: 7, item: 'x', code: {} }, undefined])
        expect(await refusal(method, params), method).toMatch(/^-32602 [\w/]+: `[\w.[\]]+`: expected .*, found .*\.$/);
    }
    await editor.connection.sendNotification('textDocument/didChange', { textDocument, contentChanges: [{}] });
    expect(await editor.request('textDocument/hover', uri, 'store(x')).toMatchObject({
      contents: { kind: 'markdown' },
    });
    await editor.stop();
  });

  it.each([
    ['standard input ended', (editor: Editor) => editor.server.stdin?.end()],
    ['`exit` came', (editor: Editor) => editor.connection.sendNotification('exit')],
  ])('that goes away without `shutdown`: exit code 1, and why (%s)', async (why, leave) => {
    const editor = await Editor.start({ readsErrors: true });
    let stderr = '';
    editor.server.stderr?.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    const closed = new Promise((done) => editor.server.once('close', done));
    await leave(editor);
    expect(await closed).toBe(1);
    expect(stderr).toBe(`hvo lsp: ${why} without a \`shutdown\` request before it\n`);
  });

  it('that says `shutdown` first ends it with exit code 0 and no word', async () => {
    const editor = await Editor.start({ readsErrors: true });
    let stderr = '';
    editor.server.stderr?.on('data', (part) => {
      stderr += part;
    });
    const closed = new Promise((done) => editor.server.once('close', done));
    await editor.stop();
    expect(await closed).toBe(0);
    expect(stderr).toBe('');
  });
});
