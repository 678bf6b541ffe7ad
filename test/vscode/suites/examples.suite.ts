import { strict as assert } from 'node:assert';
import { DiagnosticSeverity, workspace } from 'vscode';
import { file, freshResults, open, problems } from './workspace';

describe('the shipped examples', () => {
  it('are as expected, every scenario of them, and without errors', async function everyExample() {
    this.timeout(240_000);
    const names = (await workspace.fs.readDirectory(file('examples'))).map(([name]) => name).filter(isScenarioFile);
    assert.ok(names.includes('seed.hvo'), `examples/ has ${names.join(', ') || 'nothing'}`);
    for (const name of names) {
      const { document } = await open(file(`examples/${name}`));
      const { scenarios } = await freshResults(document);
      assert.ok(scenarios.length > 0, `${name} has no scenario`);
      for (const scenario of scenarios)
        assert.equal(scenario.verdict, 'ok', `${name}, ${scenario.name}: ${scenario.text}`);
      const errors = problems(document.uri).filter(({ severity }) => severity === DiagnosticSeverity.Error);
      assert.deepEqual(
        errors.map(({ message }) => message),
        [],
        name,
      );
    }
  });
});

function isScenarioFile(name: string): boolean {
  return name.endsWith('.hvo');
}
