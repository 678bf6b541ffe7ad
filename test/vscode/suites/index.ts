/** What VS Code calls inside its extension host: runs every suite of this folder with mocha. */
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** Above the wait for one thing, so that what was waited for is told. */
const TEST_MILLISECONDS = 150_000;

/**
 * Environment: `HVO_TEST_FOLDER`, where `report.txt` grows with each test and `results.json` says at the end how many
 * passed and failed (an extension host has no standard output of its own); `HVO_TEST_GREP`, which tests to run.
 */
export async function run(): Promise<void> {
  const folder = process.env.HVO_TEST_FOLDER ?? __dirname;
  Mocha.reporters.Base.consoleLog = (...parts) => appendFileSync(join(folder, 'report.txt'), `${format(...parts)}\n`);
  const grep = process.env.HVO_TEST_GREP ?? '';
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: TEST_MILLISECONDS, grep });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.suite.js')) mocha.addFile(join(__dirname, name));
  }
  let passed = 0;
  const failed = await new Promise<number>((done) => {
    mocha.run(done).on('pass', () => {
      passed += 1;
    });
  });
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ passed, failed }));
  if (failed > 0) throw new Error(`${failed} of ${passed + failed} tests failed`);
}
