// Bundles the programs (command line, language server, its worker, extension) and the suites that run in VS Code.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const shared = { bundle: true, sourcemap: false, target: 'node20', logLevel: 'warning', loader: { '.hvo': 'text' } };
const node = { ...shared, platform: 'node', format: 'cjs' };

const suitesFolder = 'test/vscode/suites';
const suites = readdirSync(suitesFolder).filter((name) => name.endsWith('.suite.ts') || name === 'index.ts');

/** One row a bundle: where it starts, where it goes, what stays outside. */
const bundles = [
  { ...node, entryPoints: ['cli/launch.ts'], outfile: 'dist/hvo.js', banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: ['cli/main.ts'], outfile: 'dist/program.js', minify: true },
  { ...node, entryPoints: ['cli/writeCodeCache.ts'], outfile: 'dist/writeCodeCache.js' },
  { ...node, entryPoints: ['server/lsp/main.ts'], outfile: 'dist/server.js', minify: true },
  { ...node, entryPoints: ['client/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'], minify: true },
  { ...node, entryPoints: ['bench/main.ts'], outfile: 'dist/bench.js' },
  {
    ...node,
    entryPoints: suites.map((name) => `${suitesFolder}/${name}`),
    outdir: 'dist/test/vscode',
    external: ['vscode', 'mocha'],
  },
];

rmSync('dist/program.cache', { force: true });
// The server and its worker have most of their code in common.
mkdirSync('dist', { recursive: true });
writeFileSync('dist/explorerWorker.js', "require('./server.js');\n");
await Promise.all(bundles.filter((b) => existsSync(b.entryPoints[0])).map((b) => build(b)));

// What `hvo check` compiles for a scenario that fails and for one that does not.
const usual = ['check', '--jobs', '1', 'examples/02-reader-in-the-window.hvo', 'examples/07-missing-dsb.hvo'];
spawnSync(process.execPath, ['dist/writeCodeCache.js', ...usual], { stdio: 'ignore' });
