import { strict as assert } from 'node:assert';
import { type CodeLens, commands, Selection, window } from 'vscode';
import type { ScenarioTarget } from '../../../server/lsp/protocol';
import { freshResults, openFixture, placeOf, reportWith } from './workspace';

const SCENARIO = 'the reader waits and goes on';

describe('lenses', () => {
  it('above each scenario run it and explore it', async () => {
    const { document } = await openFixture('reader.hvo');
    const lenses = await commands.executeCommand<readonly CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      100,
    );
    for (const { name, span } of (await freshResults(document)).scenarios) {
      const here = lenses.filter((lens) => lens.range.start.line === span.start.line);
      assert.deepEqual(
        here
          .map((lens) => lens.command?.command)
          .filter(isRunOrExplore)
          .sort(),
        ['hvo.explore', 'hvo.run'],
      );
      for (const { command } of here.filter((lens) => isRunOrExplore(lens.command?.command))) {
        const target: ScenarioTarget | undefined = command?.arguments?.[0];
        assert.equal(target?.scenario, name);
        assert.equal(target?.uri, document.uri.toString());
      }
    }
  });

  it('Run shows one execution as a timeline of its CPUs', async () => {
    const { document } = await openFixture('reader.hvo');
    await freshResults(document);
    await commands.executeCommand('hvo.run', { uri: document.uri.toString(), scenario: SCENARIO });
    const report = await reportWith(SCENARIO, /cpu ?0/i, /cpu ?1/i);
    assert.ok(
      window.visibleTextEditors.some((editor) => editor.document === document),
      'the source is still shown',
    );
    assert.equal(report.isDirty, false);
  });

  it('Explore says what all executions are, with their number', async () => {
    const { document } = await openFixture('reader.hvo');
    await commands.executeCommand('hvo.explore', { uri: document.uri.toString(), scenario: SCENARIO });
    await reportWith(SCENARIO, /\bok\b/, /[\d,]+ states/);
  });
});

describe('commands from the palette', () => {
  it('Run takes the scenario that the cursor is in', async () => {
    const editor = await openFixture('reader.hvo');
    await freshResults(editor.document);
    const place = placeOf(editor.document, 'sometimes oops');
    editor.selection = new Selection(place, place);
    await commands.executeCommand('hvo.run');
    await reportWith('without the hook the reader dies', /oops|Unable to handle kernel paging request/);
  });

  it('Show Page Tables shows the walk at the cursor', async () => {
    const editor = await openFixture('reader.hvo');
    await freshResults(editor.document);
    const place = placeOf(editor.document, 'H.tail(1)');
    editor.selection = new Selection(place, place);
    await commands.executeCommand('hvo.showPageTables');
    await reportWith(/level|L3/, /0x[0-9a-f]{6,}/, 'TLB');
  });

  it('Compare Approaches shows the table of the folder that the file is in', async () => {
    await openFixture('compare/readers.hvo');
    await commands.executeCommand('hvo.compare');
    await reportWith(/in-place +The live entry is written over/, /hazards, by reader/, /one entry\n/);
  });

  it('Restart brings the results back', async () => {
    const { document } = await openFixture('reader.hvo');
    await freshResults(document);
    await commands.executeCommand('hvo.restartServer');
    await freshResults(document);
  });
});

function isRunOrExplore(command: string | undefined): boolean {
  return command === 'hvo.run' || command === 'hvo.explore';
}
