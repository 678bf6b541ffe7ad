import { strict as assert } from 'node:assert';
import { commands, type Hover, Position, type TextDocument, workspace } from 'vscode';
import { extension, freshResults, openFixture, placeOf, waitFor } from './workspace';

describe('inline outcomes', () => {
  it('stand behind the access, over all executions', async () => {
    const { document } = await openFixture('reader.hvo');
    await freshResults(document);
    const row = await drawnAt(document, placeOf(document, 'load(H.page(64)').line);
    assert.match(row.text, /\bok\b/);
    assert.match(row.text, /\bfixed-up\b/);
    assert.equal(row.look, 'note');
  });

  it('show a failure as bad, with an execution that ends in it', async () => {
    const { document } = await openFixture('reader.hvo');
    const { scenarios } = await freshResults(document);
    const [, second] = scenarios;
    assert.ok(second);
    const access = document.getText().indexOf('load(', document.offsetAt(new Position(second.span.start.line, 0)));
    const row = await drawnAt(document, document.positionAt(access).line);
    assert.match(row.text, /\boops/);
    assert.equal(row.look, 'bad');
    const witness = row.outcomes.flatMap(({ witnesses }) => witnesses).find(({ label }) => label.startsWith('oops'));
    assert.ok(witness && witness.schedule.length > 0);
  });

  it('of an older text are never drawn as fresh, and move with their lines', async () => {
    const editor = await openFixture('reader.hvo');
    const { document } = editor;
    await freshResults(document);
    const { drawn, results } = await extension();
    const line = placeOf(document, 'load(H.page(64)').line;
    const before = document.version;
    await editor.edit((edit) => edit.insert(new Position(0, 0), '// One line more.\n'));
    assert.ok(document.version > before);
    await waitFor('fresh outcomes one line below', () => {
      const rows = drawn(document.uri);
      if (results(document.uri)?.version !== document.version) {
        assert.ok(
          rows.every(({ look }) => look === 'stale'),
          'an outcome of an older text is drawn as fresh',
        );
      }
      return rows.find((row) => row.line === line + 1 && row.look !== 'stale');
    });
  });

  it('of a scenario that cannot be explored any more are gone or stale', async () => {
    const editor = await openFixture('reader.hvo');
    const { document } = editor;
    await freshResults(document);
    const access = placeOf(document, 'load(H.page(64)');
    const endOfLine = document.lineAt(access.line).range.end;
    await editor.edit((edit) => edit.insert(endOfLine, '\n  cpu 2 { r1 = load('));
    const { drawn, results } = await extension();
    await waitFor('results of the broken text', () => {
      const now = results(document.uri);
      return now?.version === document.version && now.state !== 'running' ? now : undefined;
    });
    const rows = drawn(document.uri).filter(({ line }) => line === access.line);
    assert.ok(
      rows.every(({ look }) => look === 'stale'),
      `drawn: ${rows.map(({ text }) => text).join(', ')}`,
    );
  });

  it('go with their switch', async () => {
    const { document } = await openFixture('reader.hvo');
    await freshResults(document);
    const { drawn } = await extension();
    assert.ok(drawn(document.uri).length > 0);
    await commands.executeCommand('hvo.toggleOutcomes');
    try {
      await waitFor('no outcome at all', () => (drawn(document.uri).length === 0 ? true : undefined));
    } finally {
      await workspace.getConfiguration('hvo.outcomes').update('enabled', undefined, true);
    }
  });
});

describe('verdicts', () => {
  it('of both scenarios are proofs over all executions', async () => {
    const { document } = await openFixture('reader.hvo');
    const { scenarios } = await freshResults(document);
    assert.deepEqual(
      scenarios.map(({ name, verdict }) => [name, verdict]),
      [
        ['the reader waits and goes on', 'ok'],
        ['without the hook the reader dies', 'ok'],
      ],
    );
    for (const { states } of scenarios) assert.ok(states > 0);
  });

  it('never block typing: hovers are answered while a scenario explodes, and it can be stopped', async () => {
    const { document } = await openFixture('explodes.hvo');
    const { results } = await extension();
    await waitFor('a running exploration', () => (results(document.uri)?.state === 'running' ? true : undefined));
    await commands.executeCommand<readonly Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      placeOf(document, 'stadd'),
    );
    assert.equal(results(document.uri)?.state, 'running', 'the hover was answered after the exploration');
    await commands.executeCommand('hvo.cancel');
    const stopped = await freshResults(document);
    assert.equal(stopped.scenarios[0]?.verdict, 'unknown');
  });
});

async function drawnAt(document: TextDocument, line: number) {
  const { drawn } = await extension();
  return waitFor(`an outcome behind line ${line + 1}`, () =>
    drawn(document.uri).find((row) => row.line === line && row.look !== 'stale'),
  );
}
