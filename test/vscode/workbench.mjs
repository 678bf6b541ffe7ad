// A running VS Code server, and a headless Chromium page with its workbench.
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS } from './chromium.mjs';
import { writeSettings } from './settings.mjs';

const START_MILLISECONDS = 120_000;
const STOP_MILLISECONDS = 5_000;
/** The only extensions of VS Code itself that the tests need; fewer start sooner. */
const BUILT_IN = ['theme-defaults'];

/**
 * @param {object} options
 * @param {{ vscode: string, node: string, chromium: string }} options.server
 * @param {string} options.folder a folder for everything that the run writes
 * @param {string} [options.extensionsDir] where extensions are installed
 * @returns a page, the URL of a workspace in the workbench, and how to stop it all
 */
export async function openWorkbench({ server, folder, extensionsDir = join(folder, 'extensions') }) {
  const userData = join(folder, 'user-data');
  const builtIn = join(folder, 'built-in');
  writeSettings(userData);
  mkdirSync(builtIn, { recursive: true });
  for (const name of BUILT_IN) symlinkSync(join(server.vscode, 'extensions', name), join(builtIn, name));
  const directories = {
    'server-data-dir': join(folder, 'server-data'),
    'user-data-dir': userData,
    'extensions-dir': extensionsDir,
    'builtin-extensions-dir': builtIn,
  };
  const { host, stop } = await startServer(server, directories);
  try {
    const context = await chromium.launchPersistentContext(join(folder, 'chromium'), {
      executablePath: server.chromium,
      headless: true,
      viewport: { width: 1400, height: 900 },
      args: CHROMIUM_FLAGS,
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const close = async () => {
      await context.close();
      await stop();
    };
    return { page, remote: (path) => `vscode-remote://${host}${resolve(path)}`, url: workbenchUrl(host), close };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs the server's own command line, such as `--install-extension`, and returns the process's result. */
export function serverArguments(server, directories, args) {
  const options = Object.entries(directories).flatMap(([name, path]) => [`--${name}`, path]);
  return [join(server.vscode, 'out/server-main.js'), '--accept-server-license-terms', ...options, ...args];
}

/** No gallery: nothing is looked up, and no extension is recommended. */
export function serverEnvironment() {
  return { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

async function startServer(server, directories) {
  const args = serverArguments(server, directories, [
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--telemetry-level', 'off'],
    // Without the driver the workbench ignores the payload that names the tests.
    ...['--disable-workspace-trust', '--enable-smoke-test-driver'],
  ]);
  const child = spawn(server.node, args, { stdio: ['ignore', 'pipe', 'pipe'], env: serverEnvironment() });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([exited, new Promise((done) => setTimeout(done, STOP_MILLISECONDS).unref())]);
    kill();
    process.removeListener('exit', kill);
  };
  let output = '';
  const port = await new Promise((found, failed) => {
    const fail = (why) => failed(new Error(`the VS Code server ${why}:\n${output}`));
    const read = (text) => {
      output += text;
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (match) found(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(`cannot be run (${error.message})`));
    child.once('exit', (code) => fail(`ended with code ${code}`));
    setTimeout(() => fail(`did not start within ${START_MILLISECONDS / 1000} s`), START_MILLISECONDS).unref();
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return { host: `127.0.0.1:${port}`, stop };
}

/** `payload`: pairs that the workbench takes as its environment, such as where the extension and its tests are. */
function workbenchUrl(host) {
  return (workspace, payload = []) => {
    const pairs = JSON.stringify([...payload, ['skipWelcome', 'true']]);
    return `http://${host}/?folder=${encodeURIComponent(resolve(workspace))}&payload=${encodeURIComponent(pairs)}`;
  };
}
