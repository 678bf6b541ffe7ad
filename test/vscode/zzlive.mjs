import { mkdtempSync, mkdirSync, cpSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { obtainVSCode } from './obtain.mjs';
import { packageExtension } from './package.mjs';
import { Person } from './person.mjs';
import { openWorkbench, serverArguments, serverEnvironment } from './workbench.mjs';
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hvo-live-'));
const code = await obtainVSCode(root);
const server = await code.server();
const vsix = await packageExtension(root, join(folder, 'hvo.vsix'));
const extensionsDir = join(folder, 'extensions');
spawnSync(server.node, serverArguments(server, {'server-data-dir': join(folder,'server-data'),'extensions-dir': extensionsDir}, ['--install-extension', vsix]), { encoding:'utf8', env: serverEnvironment() });
const ws = join(folder, 'ws'); 
cpSync('/tmp/lead/ws', ws, { recursive: true });
const wb = await openWorkbench({ server, folder, extensionsDir });
const { page } = wb; page.setDefaultTimeout(60000);
try {
  await page.goto(wb.url(ws));
  const me = new Person(page);
  const { default: story } = await import('/tmp/lead/story.mjs');
  let n = 0;
  await story({ page, me, shot: async (name) => page.screenshot({ path: `/tmp/lead/shots/${String(++n).padStart(2,'0')}-${name}.png` }) });
} catch (e) { console.log(e.message); await page.screenshot({ path: '/tmp/lead/shots/failed.png' }); }
await wb.close();
