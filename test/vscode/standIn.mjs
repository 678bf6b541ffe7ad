#!/usr/bin/env node
// Stands in for the VS Code executable: takes the arguments with which @vscode/test-electron starts a test run, and runs
// the same tests in the extension host of a VS Code server, behind a workbench in headless Chromium.
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import { openWorkbench } from './workbench.mjs';

const RUN_MILLISECONDS = 600_000;
const TIMED_OUT = 99;
const { values, positionals } = parseArgs({
  options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
  // The rest are switches of the desktop program; the server has its own.
  strict: false,
  allowPositionals: true,
});
const [workspace] = positionals;
const { HVO_VSCODE_SERVER: vscode, HVO_VSCODE_NODE: node, HVO_CHROMIUM: chromium } = process.env;

const shots = join(import.meta.dirname, '../../test-results');
const log = createWriteStream(join(shots, 'workbench.log'));
const folder = mkdtempSync(join(tmpdir(), 'hvo-stand-in-'));
try {
  const workbench = await openWorkbench({ server: { vscode, node, chromium }, folder });
  const { page } = workbench;
  const exited = new Promise((done) => {
    page.exposeFunction('codeAutomationExit', done);
    setTimeout(() => done(TIMED_OUT), RUN_MILLISECONDS).unref();
  });
  await page.exposeFunction('codeAutomationLog', (_level, args) => {
    log.write(`${typeof args?.[0] === 'string' ? format(...args) : format(args)}\n`);
  });
  await page.goto(
    workbench.url(workspace, [
      ['extensionDevelopmentPath', workbench.remote(values.extensionDevelopmentPath)],
      ['extensionTestsPath', workbench.remote(values.extensionTestsPath)],
    ]),
  );
  process.exitCode = await exited;
  if (process.exitCode === TIMED_OUT) {
    console.error(
      `The tests did not end within ${RUN_MILLISECONDS / 1000} s; test-results/timeout.png shows the workbench.`,
    );
    await page.screenshot({ path: join(import.meta.dirname, '../../test-results/timeout.png') });
  }
  await workbench.close();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
