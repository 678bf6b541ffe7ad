// Every test in a real VS Code: the mocha suites inside the extension host, then the packaged .vsix driven through the page.
// usage: node test/vscode/run.mjs [suites] [page] [--grep TEXT]
//   HVO_VSCODE=desktop|server   which VS Code, where both could be had
//   HVO_VSCODE_CACHE=FOLDER     where it is kept (.vscode-test)
//   HVO_CHROMIUM=PATH           the browser for the server's workbench
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import { obtainVSCode } from './obtain.mjs';
import { packageExtension } from './package.mjs';
import { drivePage } from './page.mjs';
import { writeSettings } from './settings.mjs';

const root = resolve(import.meta.dirname, '../..');
const shots = join(root, 'test-results');

const { values, positionals } = parseArgs({ options: { grep: { type: 'string' } }, allowPositionals: true });
const wanted = positionals.length > 0 ? positionals : ['suites', 'page'];

let passed = 0;
let failed = 0;
try {
  for (const bundle of ['extension.js', 'languageClient.js', 'server.js', 'test/vscode/index.js']) {
    if (!existsSync(join(root, 'dist', bundle)))
      throw new Error(`there is no dist/${bundle}; build it with: npm run build`);
  }
  rmSync(shots, { recursive: true, force: true });
  mkdirSync(shots, { recursive: true });
  const code = await obtainVSCode(root);
  if (wanted.includes('suites')) await step('suites in the extension host', () => runSuites(code));
  if (wanted.includes('page')) await step('the packaged .vsix through the page', () => runPage(code));
} catch (error) {
  failed += 1;
  console.error(`\nVS Code tests: ${error instanceof Error ? error.message : error}`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Runs one part with a folder of its own, and adds its counts; a part that ends early counts as one failure. */
async function step(title, part) {
  const started = performance.now();
  console.log(`\n== ${title}`);
  const counts = await part();
  passed += counts.passed;
  failed += counts.failed;
  console.log(`== ${title}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function runSuites(code) {
  return inTemporaryFolder(async (folder) => {
    const userData = join(folder, 'user-data');
    writeSettings(userData);
    const crash = await runTests({
      vscodeExecutablePath: code.executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, 'dist/test/vscode/index.js'),
      launchArgs: [
        copyWorkspace(folder),
        `--user-data-dir=${userData}`,
        `--extensions-dir=${join(folder, 'extensions')}`,
      ],
      extensionTestsEnv: { ...code.environment, HVO_TEST_FOLDER: folder, HVO_TEST_GREP: values.grep ?? '' },
    }).then(
      () => undefined,
      (error) => error.message,
    );
    console.log(
      read(join(folder, 'report.txt')) ?? 'The suites reported nothing; test-results/workbench.log may say why.',
    );
    const results = read(join(folder, 'results.json'));
    if (results === undefined) throw new Error(`the suites ended before they had a result (${crash ?? 'exit code 0'})`);
    const counts = JSON.parse(results);
    // A launcher that fails after green suites (a crash on the way out) is a failure too.
    return crash !== undefined && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  });
}

async function runPage(code) {
  return inTemporaryFolder(async (folder) => {
    const vsix = await packageExtension(root, join(folder, 'hvo.vsix'));
    return drivePage({ server: await code.server(), vsix, folder, workspace: copyWorkspace(folder), shots });
  });
}

/** Tests edit files, and the web workbench saves by itself: they get a copy. */
function copyWorkspace(folder) {
  const workspace = join(folder, 'workspace');
  cpSync(join(root, 'examples'), join(workspace, 'examples'), { recursive: true });
  cpSync(join(root, 'test/vscode/fixtures'), join(workspace, 'fixtures'), { recursive: true });
  return workspace;
}

async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'hvo-vscode-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
