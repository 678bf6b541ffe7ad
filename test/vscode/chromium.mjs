// A browser for the web workbench: the one that is installed, else Debian's.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const APT_OPTIONS = ['-q', '-o', 'DPkg::Lock::Timeout=180'];

/** Flags without which a browser in a container does not start, or looks for updates. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @returns {string} the path of a Chromium or Chrome, which root on Debian gets installed */
export function findChromium() {
  const given = process.env.HVO_CHROMIUM;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`HVO_CHROMIUM names ${given}, which does not exist`);
  }
  const found = CANDIDATES.find((path) => existsSync(path));
  if (found) return found;
  installFromDebian();
  const installed = CANDIDATES.find((path) => existsSync(path));
  if (installed) return installed;
  throw new Error('apt-get installed chromium, but there is no /usr/bin/chromium; set HVO_CHROMIUM to its path');
}

function installFromDebian() {
  const help = 'install Chromium (on Debian: apt-get install chromium) or set HVO_CHROMIUM to the path of a Chrome';
  if (!existsSync('/usr/bin/apt-get')) throw new Error(`there is no Chromium for the web workbench: ${help}`);
  if (process.getuid?.() !== 0) throw new Error(`there is no Chromium, and only root may install it: ${help}`);
  console.log('Installing chromium with apt-get');
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  if (aptGet(install).status === 0) return;
  // A new machine has no package lists, or old ones.
  aptGet(['update']);
  const second = aptGet(install);
  if (second.status !== 0) throw new Error(`apt-get could not install chromium: ${help}\n${second.stderr}`);
}

function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', [...APT_OPTIONS, ...args], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}
