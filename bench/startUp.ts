/** What it takes to begin: the command line on one small file, the extension until it is active, and its language client. */

import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commandSeconds, cpuSeconds, type Figures, measuredAlone } from './measure';
import type { Rows, Table } from './table';

const RUNS = 5;

const small = `hugepage H { size 2M  at 0x1_0000_0000  vmemmap pages }

scenario "the first reader waits" {
  on fault vmemmap_handle_page_fault
  cpu 0 { vmemmap_update_pte(H.tail(1), virt_to_kpte(H.tail(1)), mk_pte(H.head, PAGE_KERNEL_RO)); }
  cpu 1 { r0 = load(H.page(64).flags); }
  never oops
}
`;

const dist = dirname(process.argv[1] ?? '');

export const startUp: Table = {
  name: 'start-up',
  title: 'Start-up',
  how:
    `CPU ms (user and system) of whole processes, the mean of ${RUNS} runs. The extension is loaded and activated in a new process ` +
    'with a VS Code that does nothing, and so is the language client that it loads when it is active; Node, which is there before, is not counted.',
  measure: ([what]) => (what === 'extension' ? activation() : what === 'client' ? languageClient() : {}),
  rows(): Rows {
    const folder = mkdtempSync(join(tmpdir(), 'hvo-bench-'));
    const file = join(folder, 'small.hvo');
    writeFileSync(file, small);
    const milliseconds = (args: string): string => {
      const loop = `for i in ${Array.from({ length: RUNS }, (_, i) => i).join(' ')}; do "${process.execPath}" ${args} >/dev/null || exit 1; done`;
      const run = commandSeconds(loop, folder);
      return run === undefined ? 'failed' : ((run.cpuSeconds / RUNS) * 1000).toFixed(0);
    };
    const program = join(dist, 'hvo.js');
    const inVsCode = (what: string): string => {
      const each = Array.from({ length: RUNS }, () => Number(measuredAlone('start-up', what).milliseconds));
      return (each.reduce((sum, one) => sum + one, 0) / RUNS).toFixed(0);
    };
    const rows = [
      ['Node, nothing run', milliseconds('-e 0')],
      ['hvo --version', milliseconds(`"${program}" --version`)],
      ['hvo check, one small file', milliseconds(`"${program}" check "${file}"`)],
      ['activation of the extension', inVsCode('extension')],
      ['its language client, loaded behind that', inVsCode('client')],
    ];
    rmSync(folder, { recursive: true, force: true });
    const bytes = ['extension.js', 'languageClient.js', 'server.js'].flatMap((name) =>
      existsSync(join(dist, name)) ? [`${name} ${(statSync(join(dist, name)).size / 1024).toFixed(0)} KB`] : [],
    );
    return { columns: ['what', 'CPU ms'], rows, notes: [`bundles of the extension: ${bytes.join(', ')}`] };
  },
};

/** Loads the extension and activates it. */
function activation(): Figures {
  return inStandIn('./extension.js', (extension) => extension.activate?.(anything));
}

/** Loads the language client and makes one, without a start of the server. */
function languageClient(): Figures {
  return inStandIn('./languageClient.js', (client) => client.newLanguageClient?.(anything, anything));
}

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** CPU time to load a bundle and use it, with a VS Code that does nothing. */
function inStandIn(bundle: string, use: (bundle: Functions) => void): Figures {
  const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => (name === 'vscode' ? anything : load.call(Module, name, ...rest));
  const before = cpuSeconds();
  use(Module.createRequire(join(dist, 'bench.js'))(bundle) as Functions);
  const milliseconds = (cpuSeconds() - before) * 1000;
  // What would be done next finds no VS Code.
  process.on('unhandledRejection', () => process.exit());
  setImmediate(() => process.exit());
  return { milliseconds };
}

/** Has every member, can be called and made, and is never done. */
function whatever(): void {}

const anything: unknown = new Proxy(whatever, {
  get: (target, key) => {
    if (key === Symbol.toPrimitive) return () => 'anything';
    if (key === Symbol.iterator) return function* () {};
    if (key === 'prototype') return target.prototype;
    if (key === 'version') return '1.100.0';
    return key === 'then' ? undefined : anything;
  },
  set: () => true,
  apply: () => anything,
  construct: () => anything as object,
});
