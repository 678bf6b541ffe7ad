import { strict as assert } from 'node:assert';
import {
  type CodeAction,
  CodeActionKind,
  commands,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Uri,
  workspace,
} from 'vscode';
import { codeOf, freshResults, openFixture, placeOf, problems, reportWith, waitFor } from './workspace';

const MISSING_BARRIER = /dsb ?\(?ishst/;

describe('diagnostics', () => {
  it('a missing barrier is found as text, with its code and place', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    const problem = await firstProblem(document.uri, MISSING_BARRIER);
    assert.match(codeOf(problem), /^HVO\d+$/);
    const line = document.lineAt(problem.range.start.line).text;
    assert.match(line, /tlbi|WRITE_ONCE\(\*ptep, none\)/, `the problem stands at: ${line}`);
  });

  it('its quick fix inserts the barrier, and nothing is left to say', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    const problem = await firstProblem(document.uri, MISSING_BARRIER);
    const actions = await commands.executeCommand<readonly CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      problem.range,
      CodeActionKind.QuickFix.value,
    );
    const fix = actions.find((action) => action.edit?.has(document.uri));
    assert.ok(fix?.edit, `no quick fix among: ${actions.map((action) => action.title).join(', ')}`);
    assert.equal(await workspace.applyEdit(fix.edit), true);
    assert.match(document.getText(), /none\);\s*dsb\(ishst\);\s*tlbi/);
    const { scenarios } = await freshResults(document);
    await waitFor('a text without problems', () => (problems(document.uri).length === 0 ? true : undefined));
    assert.equal(scenarios[0]?.verdict, 'ok');
  });

  it('a problem is explained with its rule', async () => {
    const { document } = await openFixture('missingBarrier.hvo');
    const code = codeOf(await firstProblem(document.uri, MISSING_BARRIER));
    await commands.executeCommand('hvo.explain', code);
    await reportWith(code, 'dsb');
  });

  it('a half-typed statement gives one message, and the rest of the file is understood', async () => {
    const { document } = await openFixture('halfTyped.hvo');
    const problem = await firstProblem(document.uri);
    const line = placeOf(document, 'pte_clear(').line;
    assert.ok(
      [line, line + 1].includes(problem.range.start.line),
      `the problem stands on line ${problem.range.start.line}`,
    );
    assert.equal(problems(document.uri).length, 1);
    const symbols = await commands.executeCommand<readonly DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.ok(symbols.some(({ name }) => name.includes('still here')));
  });

  it('a correct file has no problems', async () => {
    const { document } = await openFixture('reader.hvo');
    await freshResults(document);
    const errors = problems(document.uri).filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
    assert.deepEqual(
      errors.map(({ message }) => message),
      [],
    );
  });
});

async function firstProblem(uri: Uri, message = /./): Promise<Diagnostic> {
  return waitFor(`a problem like ${message} in ${uri.path}`, () =>
    problems(uri).find((problem) => message.test(problem.message)),
  );
}
