import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CodeAction,
  CodeLens,
  CompletionItem,
  DocumentSymbol,
  Hover,
  Location,
  LocationLink,
  SemanticTokens,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { Method, type Report } from '../../server/lsp/protocol';
import { hvo } from '../cli/strings';
import { Editor } from './editor';

const fixture = (name: string): string => readFileSync(`test/vscode/fixtures/${name}`, 'utf8');

const reader = 'file:///texts/reader.hvo';
const remap = 'file:///texts/missingBarrier.hvo';

let editor: Editor;
beforeAll(async () => {
  editor = await Editor.start();
  await editor.open(reader, fixture('reader.hvo'));
  await editor.open(remap, fixture('missingBarrier.hvo'));
  await editor.fresh(reader);
  await editor.fresh(remap);
});
afterAll(() => editor.stop());

async function hover(uri: string, at: string): Promise<string> {
  const answer = await editor.request<Hover | null>('textDocument/hover', uri, at);
  return answer === null ? '' : JSON.stringify(answer.contents).replaceAll('\\n', '\n');
}

describe('hover', () => {
  it('on an address shows its walk, and what TLBs may hold there', async () => {
    const text = await hover(reader, 'H.tail(1)');
    expect(text).toMatch(/\| L3 PTE \| 1 \| `0x[0-9a-f]{16}` \| page 0x[0-9a-f]+ RW NX SHD AF/);
    expect(text).toMatch(/memory has .*page .* \*or\* `0x0` none/);
    expect(text).toMatch(/CPU1's TLB may hold/);
    expect(text).toMatch(/leads to physical address/);
  });

  it('takes the whole name, wherever in it the cursor is', async () => {
    for (const at of ['H.page(64)', 'page(64).fl', 'flags'])
      expect(await hover(reader, at)).toMatch(/\| L3 PTE \| 1 \|/);
  });

  it('on a parameter tells its value, with the call that gives it', async () => {
    const text = await hover(remap, 'pmd_off_k(addr), addr');
    expect(text).toMatch(/\*\*addr\*\*|level 2 entry/);
    expect(text).toContain('remap(H.tail(1)');
  });

  it('on a step shows the library’s text and the instructions', async () => {
    const text = await hover(reader, 'vmemmap_update_pte');
    expect(text).toContain('fn vmemmap_update_pte(addr, ptep, entry)');
    expect(text).toMatch(/lock\(&init_mm.page_table_lock\)\npte_clear.*\ndsb\(ishst\)\ntlbi\(vaale1is/);
  });

  it('on a TLBI tells its reach and its operand', async () => {
    const text = await hover(remap, 'vaale1is');
    expect(text).toMatch(/inner shareable/);
    expect(text).toMatch(/last level only/);
    expect(text).toMatch(/operand `0x[0-9a-f]+` for H/);
  });

  it('on a barrier names its domain', async () => {
    const text = await hover(remap, 'dsb(ish)');
    expect(text).toMatch(/inner shareable/i);
  });

  it('on a descriptor decodes it', async () => {
    expect(await hover(reader, 'PAGE_KERNEL_RO')).toMatch(/level 3 descriptor .*page 0x[0-9a-f]+ ro NX/);
  });
});

describe('the language', () => {
  it('completes words, members and functions', async () => {
    const labels = async (uri: string, at: string): Promise<readonly string[]> => {
      const place = editor.place(uri, at);
      const position = { line: place.line, character: place.character };
      const params = { textDocument: { uri }, position };
      const items = await editor.connection.sendRequest<CompletionItem[]>('textDocument/completion', params);
      return items.map(({ label }) => label);
    };
    expect(await labels(remap, 'spin_lock')).toContain('spin_unlock');
    expect(await labels(reader, 'H.head')).toContain('tail(i)');
    expect(await labels(remap, 'ishst')).toContain('ish');
  });

  it('leads to definitions, into the library too, whose text it gives', async () => {
    const [link] = await editor.request<LocationLink[]>('textDocument/definition', reader, 'vmemmap_update_pte');
    expect(link?.targetUri).toBe('hvo-library:/v6.7/vmemmapFault.hvo');
    const { text, language } = await editor.connection.sendRequest<Report>(Method.libraryText, {
      uri: link?.targetUri,
    });
    expect(language).toBe('hvo');
    expect(text.split('\n')[link?.targetSelectionRange.start.line ?? 0]).toMatch(/^fn vmemmap_update_pte/);
    const gone = editor.connection.sendRequest(Method.libraryText, { uri: 'hvo-library:/none.hvo' });
    await expect(gone).rejects.toThrow(/no hvo-library/);
  });

  it('finds references, and renames them together', async () => {
    const context = { includeDeclaration: true };
    const found = await editor.request<Location[]>('textDocument/references', remap, 'remap(addr', { context });
    expect(found.length).toBe(2);
    const edit = await editor.request<WorkspaceEdit>('textDocument/rename', remap, 'remap(addr', { newName: 'move' });
    expect(edit.changes?.[remap]?.map(({ newText }) => newText)).toEqual(['move', 'move']);
    const highlights = await editor.request<unknown[]>('textDocument/documentHighlight', remap, 'ptep');
    expect(highlights.length).toBe(3);
    const bad = editor.request('textDocument/rename', remap, 'spin_lock', { newName: 'move' });
    await expect(bad).rejects.toThrow(/standard library|language/);
  });

  it('has an outline, folds, colours and one form', async () => {
    const textDocument = { uri: remap };
    const symbols = await editor.connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument,
    });
    expect(symbols.map(({ name }) => name)).toEqual([
      'machine',
      'H',
      'remap',
      'the reader may go through the stale entry',
    ]);
    const folds = await editor.connection.sendRequest<unknown[]>('textDocument/foldingRange', { textDocument });
    expect(folds.length).toBe(2);
    const tokens = await editor.connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/full', {
      textDocument,
    });
    expect(tokens.data.length % 5).toBe(0);
    expect(tokens.data.length).toBeGreaterThan(100);
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await editor.connection.sendRequest<TextEdit[]>('textDocument/formatting', { textDocument, options });
    expect(edits).toEqual([]);
  });

  it('knows who calls whom', async () => {
    const [item] = await editor.request<CallHierarchyItem[]>('textDocument/prepareCallHierarchy', remap, 'remap(addr');
    const callers = await editor.connection.sendRequest<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', {
      item,
    });
    expect(callers.map(({ from }) => from.name)).toEqual(['cpu 0 of “the reader may go through the stale entry”']);
  });

  it('offers Run and Explore above each scenario', async () => {
    const lenses = await editor.connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
      textDocument: { uri: reader },
    });
    const commands = lenses.map(({ command }) => command?.command);
    expect(commands).toEqual(['hvo.run', 'hvo.explore', '', 'hvo.run', 'hvo.explore', '']);
    expect(lenses[2]?.command?.title).toMatch(/^ok: \d+ states$/);
    expect(lenses[0]?.command?.arguments).toEqual([{ uri: reader, scenario: 'the reader waits and goes on' }]);
  });
});

describe('a comparison of approaches', () => {
  const folder = 'test/vscode/fixtures/compare';
  const files = readdirSync(folder).map((name) => ({
    path: `${folder}/${name}`,
    text: readFileSync(`${folder}/${name}`, 'utf8'),
  }));
  const uri = 'file:///texts/compare';

  it('is the table that the command line prints', async () => {
    const report = await editor.connection.sendRequest<Report>(Method.compare, { uri, title: 'Compared', files });
    const printed = await hvo(['compare', folder], Object.fromEntries(files.map(({ path, text }) => [path, text])));
    expect(report).toMatchObject({ title: 'Compared', language: 'plaintext', text: printed.stdout });
    expect(report.text).toMatch(/in-place +.*2/);
  });

  it('says what it lacks, and when cancelled shows what there is', async () => {
    const without = files.filter(({ path }) => !/readers|sizes/.test(path));
    await expect(editor.connection.sendRequest(Method.compare, { uri, title: 'x', files: without })).rejects.toThrow(
      'There is neither readers.hvo nor sizes.hvo in the folder.',
    );
    const explodes = { path: 'readers.hvo', text: fixture('explodes.hvo') };
    const cancellation = new CancellationTokenSource();
    const asked = editor.connection.sendRequest<Report>(
      Method.compare,
      { uri, title: 'Compared', files: [...without, explodes] },
      cancellation.token,
    );
    await editor.until('progress', () => editor.progress.find((one) => one.uri === uri));
    cancellation.cancel();
    const report = await asked;
    expect(report.text).toMatch(/^Stopped: what is missing was not explored\.\n\napproaches\n/);
    expect(report.text).toMatch(/unknown up to [\d,]+ states \(cancelled\)/);
  });
});

describe('actions', () => {
  async function actionsAt(uri: string, at: string): Promise<readonly CodeAction[]> {
    const position = editor.place(uri, at);
    const range = { start: position, end: position };
    const all = await editor.problems(uri);
    const diagnostics = all.filter(
      ({ range: { start, end } }) => start.line <= position.line && end.line >= position.line,
    );
    return editor.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics },
    });
  }

  it('mend a misspelt word, and the problem is gone', async () => {
    const uri = 'file:///texts/misspelt.hvo';
    await editor.open(uri, fixture('reader.hvo').replace('machine {', 'machne {'));
    expect((await editor.problems(uri)).map(({ code }) => code)).toContain('HVO014');
    const fix = (await actionsAt(uri, 'machne')).find(({ edit }) => edit !== undefined);
    expect(fix).toMatchObject({ kind: 'quickfix', isPreferred: true });
    await editor.apply(fix?.edit);
    expect((await editor.problems(uri)).map(({ code }) => code)).not.toContain('HVO014');
    await editor.close(uri);
  });

  it('insert the barrier that a rule misses; then the rule is kept, and the scenario is ok', async () => {
    const uri = 'file:///texts/mend.hvo';
    await editor.open(uri, fixture('missingBarrier.hvo'));
    const [problem] = await editor.problems(uri, (problems) => problems.some(({ code }) => code === 'HVO104'));
    expect(problem).toMatchObject({ source: 'hvo', severity: 1, message: expect.stringContaining('dsb(ishst)') });
    const before = await editor.fresh(uri);
    expect(before.scenarios[0]?.verdict).toBe('failed');
    const fix = (await actionsAt(uri, 'tlbi(vaale1is')).find(({ edit }) => edit !== undefined);
    await editor.apply(fix?.edit);
    expect(editor.text(uri)).toMatch(/none\);\n {2}dsb\(ishst\);\n {2}tlbi/);
    expect((await editor.fresh(uri)).scenarios[0]?.verdict).toBe('ok');
    expect(await editor.problems(uri)).toEqual([]);
    const page = await editor.connection.sendRequest<Report>(Method.explain, { code: 'HVO104' });
    expect(page.text).toMatch(/^# HVO104: .*\n[\s\S]*## Wrong[\s\S]*## Right/);
    await editor.close(uri);
    const word = await editor.connection.sendRequest<Report>(Method.explain, { code: 'dsb' });
    expect(word.text).toMatch(/^# dsb: primitive\n\n```hvo\ndsb\(option\)\n```/);
    await expect(editor.connection.sendRequest(Method.explain, { code: 'HVO999' })).rejects.toThrow(
      '“HVO999” is no code, such as HVO101, and no word of the language, such as dsb.',
    );
  });

  it('write down the outcomes that an access has, and bring them up to date', async () => {
    await editor.fresh(reader);
    const write = (await actionsAt(reader, 'load(')).find(({ title }) => title.startsWith('Write down'));
    expect(write?.kind).toBe('refactor.rewrite');
    await editor.apply(write?.edit);
    expect(editor.text(reader)).toMatch(/flags\); {2}=> ok \| fixed-up.* }/);
    const { scenarios } = await editor.fresh(reader);
    expect(scenarios[0]?.verdict).toBe('ok');

    await editor.edit(reader, 'ok | fixed-up', 'ok');
    expect((await editor.fresh(reader)).scenarios[0]?.verdict).toBe('failed');
    const update = (await actionsAt(reader, '=> ok')).find(({ title }) => title.startsWith('Update'));
    await editor.apply(update?.edit);
    expect((await editor.fresh(reader)).scenarios[0]?.verdict).toBe('ok');
  });
});

it('a file that another one uses is read through the editor, and its changes are seen', async () => {
  const main = 'file:///texts/main.hvo';
  const shared = 'file:///texts/shared.hvo';
  const files: Record<string, string> = { [shared]: 'hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }\n' };
  const other = await Editor.start({ files });
  await other.open(main, 'use "shared.hvo"\n\nscenario "s" {\n  cpu 0 { load(H.start); }\n}\n');
  expect(await other.problems(main, (problems) => problems.length === 0)).toEqual([]);
  expect((await other.fresh(main)).scenarios[0]?.verdict).toBe('ok');
  files[shared] = 'hugepage G { size 2M  at 0x1_0000_0000  vmemmap pages }\n';
  await other.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: shared, type: 2 }] });
  const problems = await other.problems(main, (found) => found.length > 0);
  expect(problems[0]).toMatchObject({ code: 'HVO030', message: expect.stringContaining('H') });
  await other.stop();
});

it('an editor that does not draw outcomes gets them as inlay hints', async () => {
  const other = await Editor.start({ abilities: { outcomes: 'inlayHints' } });
  expect(other.initialized.capabilities.inlayHintProvider).toBe(true);
  expect(editor.initialized.capabilities.inlayHintProvider).toBeUndefined();
  await other.open(reader, fixture('reader.hvo'));
  const range = { start: { line: 0, character: 0 }, end: { line: 100, character: 0 } };
  const params = { textDocument: { uri: reader }, range };
  let hints: readonly { label: string }[] = [];
  for (let i = 0; i < 100 && hints.length === 0; i++) {
    await new Promise((done) => setTimeout(done, 50));
    hints = await other.connection.sendRequest('textDocument/inlayHint', params);
  }
  expect(hints.map(({ label }) => label).join('\n')).toMatch(/fixed-up/);
  await other.stop();
});

it('a scenario with more states than the setting allows is unknown up to that many', async () => {
  const other = await Editor.start({ settings: { maxStates: 1000 } });
  const uri = 'file:///texts/explodes.hvo';
  await other.open(uri, fixture('explodes.hvo'));
  const { scenarios } = await other.fresh(uri);
  expect(scenarios[0]).toMatchObject({ verdict: 'unknown', text: expect.stringContaining('hvo.maxStates') });
  expect(scenarios[0]?.states).toBeGreaterThanOrEqual(1000);
  const report = await other.connection.sendRequest<Report>(Method.explore, { uri });
  expect(report.text).toMatch(/Fewer CPUs, pages or accesses help most.*or raise the bound\./);
  await other.stop();
});

it('the lens above a scenario that is explored tells how far it is, and stops it', async () => {
  const other = await Editor.start();
  const uri = 'file:///texts/explodes.hvo';
  await other.open(uri, fixture('explodes.hvo'));
  await other.until('progress', () =>
    other.results.find(({ state, scenarios: [first] }) => state === 'running' && (first?.states ?? 0) > 0),
  );
  const lenses = await other.connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  expect(lenses.map(({ command }) => command?.command)).toEqual(['hvo.run', 'hvo.explore', 'hvo.cancel', '']);
  expect(lenses.at(-1)?.command?.title).toMatch(/^exploring: [\d,]+ states, frontier [\d,]+; /);
  await other.connection.sendNotification(Method.cancel, { uri });
  expect((await other.fresh(uri)).scenarios[0]?.text).toMatch(/^unknown.*stopped/);
  await other.stop();
});

it('exploring while typing can be turned off; then only the command explores', async () => {
  const other = await Editor.start({ settings: { explore: { whileTyping: false } } });
  await other.open(reader, fixture('reader.hvo'));
  const { scenarios } = await other.fresh(reader);
  expect(scenarios[0]).toMatchObject({ verdict: 'unknown', text: expect.stringContaining('whileTyping') });
  await other.connection.sendRequest<Report>(Method.explore, { uri: reader });
  await other.until('verdicts', () =>
    other.results.findLast(({ scenarios: [first] }) => first?.verdict === 'ok' && first.states > 0),
  );
  await other.stop();
});
