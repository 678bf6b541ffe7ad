import { strict as assert } from 'node:assert';
import {
  type CompletionList,
  commands,
  type DocumentSymbol,
  type Hover,
  type Location,
  type LocationLink,
  MarkdownString,
  type SemanticTokens,
  type TextDocument,
  type TextEdit,
  type Uri,
  WorkspaceEdit,
  workspace,
} from 'vscode';
import { openFixture, placeOf, waitFor } from './workspace';

describe('hover', () => {
  it('on an address shows the walk: level, index, descriptor, and what TLBs may hold', async () => {
    const { document } = await openFixture('reader.hvo');
    const text = await hoverAt(document, 'H.tail(1)');
    assert.match(text, /level|L3/i);
    assert.match(text, /index/i);
    assert.match(text, /0x[0-9a-f]{6,}/);
    assert.match(text, /TLB/);
  });

  it('on a step shows what it expands to', async () => {
    const { document } = await openFixture('reader.hvo');
    const text = await hoverAt(document, 'vmemmap_update_pte');
    assert.match(text, /vmemmap_update_pte/);
    assert.match(text, /spin_lock|flush_tlb|pte_clear/);
  });

  it('on a TLBI decodes it', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    assert.match(await hoverAt(document, 'vaale1is'), /inner shareable/i);
  });
});

describe('language comforts', () => {
  it('completion offers what the language knows', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    const place = document.positionAt(document.getText().indexOf('spin_lock(') + 'spin_'.length);
    const list = await commands.executeCommand<CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      place,
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok(
      labels.some((label) => label.startsWith('spin_unlock')),
      labels.slice(0, 20).join(', '),
    );
  });

  it('go to definition leads into the standard library', async () => {
    const { document } = await openFixture('reader.hvo');
    const uri = await definitionOf(document, 'vmemmap_update_pte');
    const library = await workspace.openTextDocument(uri);
    assert.equal(library.languageId, 'hvo');
    assert.match(library.getText(), /fn vmemmap_update_pte\s*\(/);
  });

  it('the outline lists huge pages, functions and scenarios', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    const symbols = await commands.executeCommand<readonly DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    const names = symbols.map(({ name }) => name);
    for (const wanted of ['H', 'remap', 'the reader may go through the stale entry']) {
      assert.ok(
        names.some((name) => name.includes(wanted)),
        `${wanted} is not among ${names.join(', ')}`,
      );
    }
  });

  it('formatting is stable, and changes no word', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    const words = document.getText().replaceAll(/\s+/g, ' ');
    await format(document);
    const once = document.getText();
    assert.equal(once.replaceAll(/\s+/g, ' ').trim(), words.trim());
    await format(document);
    assert.equal(document.getText(), once);
  });

  it('semantic colours cover the file', async () => {
    const { document } = await openFixture('reader.hvo');
    const tokens = await commands.executeCommand<SemanticTokens>('vscode.provideDocumentSemanticTokens', document.uri);
    assert.ok(tokens.data.length >= 5 * 10, `${tokens.data.length / 5} tokens`);
  });
});

async function hoverAt(document: TextDocument, text: string): Promise<string> {
  return waitFor(`a hover on ${text}`, async () => {
    const place = placeOf(document, text);
    const hovers = await commands.executeCommand<readonly Hover[]>('vscode.executeHoverProvider', document.uri, place);
    const contents = hovers.flatMap((hover) => hover.contents);
    const words = contents.map((content) => (content instanceof MarkdownString ? content.value : String(content)));
    return words.join('\n') || undefined;
  });
}

async function definitionOf(document: TextDocument, text: string): Promise<Uri> {
  const found = await commands.executeCommand<readonly (Location | LocationLink)[]>(
    'vscode.executeDefinitionProvider',
    document.uri,
    placeOf(document, text),
  );
  const [first] = found;
  assert.ok(first, `no definition of ${text}`);
  return 'targetUri' in first ? first.targetUri : first.uri;
}

async function format(document: TextDocument): Promise<void> {
  const options = { tabSize: 2, insertSpaces: true };
  const edits = await commands.executeCommand<readonly TextEdit[] | undefined>(
    'vscode.executeFormatDocumentProvider',
    document.uri,
    options,
  );
  const edit = new WorkspaceEdit();
  edit.set(document.uri, [...(edits ?? [])]);
  await workspace.applyEdit(edit);
}
